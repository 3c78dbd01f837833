"""Vector search by LanceDB itself, exact, over all rows on disk."""

from __future__ import annotations

import pyarrow as pa

from firth.similarity import Metric
from firth.stores.columns import matrix
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.lance.block import EXACT
from firth.stores.lance.native import Reader
from firth.stores.lance.sql import to_sql
from firth.types import FloatArray

__all__ = ["nearest_by_engine"]

_METRICS = {Metric.COSINE: "cosine", Metric.DOT: "dot", Metric.EUCLIDEAN: "l2"}


def nearest_by_engine(
    table: Reader,
    column: str,
    query: FloatArray,
    k: int,
    *,
    metric: Metric,
    where: Filter | None,
) -> pa.Table:
    """The ``k`` best rows of a table by one column of vectors; see `firth.stores.base.Store.nearest`."""
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
