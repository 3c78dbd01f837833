"""Search by vector: exact below a number of vectors, and above it by an HNSW index whose finds are compared exactly.

Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small
World graphs" (2018), doi:10.1109/TPAMI.2018.2889473. The index holds vectors of unit length in half precision, which
any vector fits in; their order by the cosine is settled by the full vectors.
"""

from __future__ import annotations

import pyarrow as pa

from firth.similarity import Metric, cosine, dot, euclidean
from firth.stores.columns import matrix
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.postgres.kinds import read
from firth.stores.postgres.layout import View, index_name
from firth.stores.postgres.sql import Statement, to_sql
from firth.types import FloatArray

__all__ = ["EXACT_AMONG", "WIDEST_INDEX", "hnsw_expression", "hnsw_name", "is_indexed", "nearest"]

EXACT_AMONG = 20_000
"""Where so few rows pass a filter, these are compared exactly, index or not."""
WIDEST_INDEX = 4000
"""Dimensions that pgvector can index in half precision; wider vectors are always compared exactly."""

_EXACT = {Metric.COSINE: cosine, Metric.DOT: dot, Metric.EUCLIDEAN: euclidean}
_OPERATORS = {Metric.COSINE: "<=>", Metric.DOT: "<#>", Metric.EUCLIDEAN: "<->"}
_SEARCHED = 100  # the least number of candidates that HNSW keeps at hand (ef_search)
_MOST_SEARCHED = 1000  # pgvector's limit of it
_MOST_SCANNED = 200_000  # vectors that one search may look at; the default, 20,000, is too few with a filter


def nearest(
    view: View, column: str, query: FloatArray, k: int, *, metric: Metric, where: Filter | None, exact: bool
) -> pa.Table:
    """See `firth.stores.base.Store.nearest`.

    Args:
        view: Of the collection.
        column: Of the vector.
        query: ``(d,)``, checked.
        k: How many rows, above 0.
        metric: Which similarity.
        where: Only rows that pass.
        exact: Pass by any index.
    """
    rows = None
    if not exact and metric is Metric.COSINE and is_indexed(view, column) and not _few_pass(view, where):
        rows = _candidates_by_index(view, column, query, k, where=where)
    if rows is None or len(rows) < k:  # fewer than asked for: the index gave up too early
        rows = _candidates_by_scan(view, column, query, k, metric=metric, where=where)
    vectors = matrix(rows[column])
    if metric is Metric.COSINE:  # a vector of zeros has no direction
        directed = vectors.any(axis=1)
        rows, vectors = rows.filter(pa.array(directed)), vectors[directed]
    if len(rows) == 0:
        return no_hits()
    return ranked(rows, _EXACT[metric](vectors, query), k, higher_is_better=metric.higher_is_better)


def hnsw_expression(column: str, d: int) -> str:
    """What the index of a vector column holds, in SQL: unit vectors in half precision."""
    return f"l2_normalize({column})::halfvec({d})"


def hnsw_name(view: View, column: str) -> str:
    """The name of the index of a vector column, not quoted."""
    return index_name(f"{view.layout.stored[column]}_hnsw")


def is_indexed(view: View, column: str) -> bool:
    """Whether a vector column has an index that is ready."""
    sql = """select exists(select from pg_index x join pg_class c on c.oid = x.indexrelid
        where x.indrelid = to_regclass($1) and c.relname = $2 and x.indisvalid)"""
    return bool(view.connection.execute(sql, [view.tables.items, hnsw_name(view, column)]).fetchone()[0])


def _few_pass(view: View, where: Filter | None) -> bool:
    if where is None:
        return False
    statement = Statement()
    condition = to_sql(where, view.layout, statement)
    sql = f"select count(*) from (select from {view.tables.items} i where {condition} limit {EXACT_AMONG}) as passing"
    return bool(view.connection.execute(sql, statement.values).fetchone()[0] < EXACT_AMONG)


def _candidates_by_index(
    view: View, column: str, query: FloatArray, k: int, *, where: Filter | None
) -> pa.Table:
    wanted = 2 * k + 30
    settings = {
        "hnsw.iterative_scan": "relaxed_order",
        "hnsw.max_scan_tuples": str(_MOST_SCANNED),
        "hnsw.ef_search": str(min(_MOST_SEARCHED, max(_SEARCHED, wanted))),
        "enable_sort": "off",  # the planner's other way is slower than the scan below
    }
    sql = "select set_config(name, value, true) from unnest($1::text[], $2::text[]) as given (name, value)"
    view.connection.execute(sql, [list(settings), list(settings.values())])
    statement = Statement()
    given = hnsw_expression(f"{statement.add(str(query.tolist()))}::vector", len(query))
    order = f"{hnsw_expression('i.' + view.layout.column(column), len(query))} <=> {given}"
    rows = _fetch(view, column, statement, where=where, order=order, limit=wanted)
    view.connection.execute("set local enable_sort = on")
    return rows


def _candidates_by_scan(
    view: View, column: str, query: FloatArray, k: int, *, metric: Metric, where: Filter | None
) -> pa.Table:
    statement = Statement()
    given = f"{statement.add(str(query.tolist()))}::vector"
    order = f"i.{view.layout.column(column)} {_OPERATORS[metric]} {given}, i.id, i.part"
    # a few more than k: single precision may have swapped what is nearly equal
    return _fetch(view, column, statement, where=where, order=order, limit=k + k // 10 + 10)


def _fetch(
    view: View, column: str, statement: Statement, *, where: Filter | None, order: str, limit: int
) -> pa.Table:
    vector = f"i.{view.layout.column(column)}"
    passing = "" if where is None else f"and {to_sql(where, view.layout, statement)}"
    sql = f"""select i.id, i.part, vector_send({vector}) from {view.tables.items} i
        where {vector} is not null {passing} order by {order} limit {statement.add(limit)}"""
    rows = view.connection.execute(sql, statement.values, binary=True).fetchall()
    return read(rows, ["id", "part", column], view.layout.schema)
