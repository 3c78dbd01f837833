"""The small tables that searches of a store give back, best first, ties by (id, part)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.errors import DimensionError
from firth.types import FloatArray

__all__ = ["checked_query", "no_hits", "ranked"]

_SCHEMA = pa.schema([("id", pa.string()), ("part", pa.int32()), ("score", pa.float64())])


def no_hits() -> pa.Table:
    """A table of no rows."""
    return _SCHEMA.empty_table()


def ranked(rows: pa.Table, scores: npt.ArrayLike, k: int, *, higher_is_better: bool = True) -> pa.Table:
    """The ``k`` best.

    Args:
        rows: ``(n,)`` rows with ``id`` and ``part``.
        scores: ``(n,)``.
        k: How many.
        higher_is_better: False for distances.
    """
    values = np.ascontiguousarray(scores, np.float64)
    # `pa.array` of an array would import pandas where that is installed
    column = pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values)])
    columns = [rows["id"], rows["part"], column]
    order = "descending" if higher_is_better else "ascending"
    keys = [("score", order), ("id", "ascending"), ("part", "ascending")]
    return pa.table(columns, schema=_SCHEMA).sort_by(keys).slice(0, max(k, 0))


def checked_query(query: npt.ArrayLike, d: int, vector: str) -> FloatArray:
    """The query as ``(d,)`` float32.

    Raises:
        DimensionError: It has another shape, or NaN or infinity in it.
    """
    array = np.asarray(query, np.float32)
    if array.shape != (d,) or not np.isfinite(array).all():
        said = f"shape {array.shape}" if array.shape != (d,) else "NaN or infinity in it"
        raise DimensionError(f"got a query with {said} for vector {vector!r}; expected ({d},) finite numbers")
    return array
