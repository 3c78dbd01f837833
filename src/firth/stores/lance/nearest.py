"""Vector search among rows that are on disk: by codes where there are any, else by LanceDB, exact, over all rows."""

from __future__ import annotations

import pyarrow as pa

from firth.similarity import Metric
from firth.stores.columns import matrix
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.lance.block import EXACT
from firth.stores.lance.coded import Coded
from firth.stores.lance.native import Reader
from firth.stores.lance.sql import to_sql
from firth.stores.lance.versions import Snapshot
from firth.types import FloatArray

__all__ = ["nearest_on_disk"]

_METRICS = {Metric.COSINE: "cosine", Metric.DOT: "dot", Metric.EUCLIDEAN: "l2"}


def nearest_on_disk(
    snapshot: Snapshot,
    column: str,
    query: FloatArray,
    k: int,
    *,
    metric: Metric,
    where: Filter | None,
    coded: Coded | None,
) -> pa.Table:
    """The ``k`` best rows by one column of vectors; see `firth.stores.base.Store.nearest`.

    Args:
        snapshot: The version that is searched.
        column: Of vectors.
        query: ``(d,)``.
        k: How many.
        metric: By what.
        where: Which rows may be found.
        coded: The vectors' codes, for the cosine.
    """
    found = None if coded is None else coded.nearest(snapshot, column, query, k, where)
    return (
        found
        if found is not None
        else _by_engine(snapshot.table, column, query, k, metric=metric, where=where)
    )


def _by_engine(
    table: Reader, column: str, query: FloatArray, k: int, *, metric: Metric, where: Filter | None
) -> pa.Table:
    if metric is Metric.COSINE and not query.any():
        return no_hits()  # a vector of zeros has no direction
    rows = table.nearest(
        column,
        query,
        k,
        ["id", "part", column],
        None if where is None else to_sql(where),
        metric=_METRICS[metric],
    )
    rows = rows.filter(rows["_distance"].is_valid())
    if len(rows) == 0:
        return no_hits()
    # the engine's float32 would order what is equal, and differ from the block's
    scores = EXACT[metric](matrix(rows[column]), query)
    return ranked(rows, scores, k, higher_is_better=metric.higher_is_better)
