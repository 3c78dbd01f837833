"""The columns of a row, and how the names of vectors and fields become names of columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.types import FloatArray

__all__ = ["COLUMNS", "FIELD_TYPES", "TAG", "field_column", "field_name", "matrix", "places", "vector_column"]

COLUMNS = pa.schema(
    [
        ("id", pa.string()),
        ("part", pa.int32()),
        ("kind", pa.string()),
        ("text", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("path", pa.string()),
        ("source", pa.string()),
        ("hash", pa.string()),
        ("terms", pa.string()),
        ("thumb", pa.large_binary()),
    ]
)
"""The columns that every row has; vectors (``v_``) and fields (``f_``) come beside them."""

FIELD_TYPES = (
    pa.string(),
    pa.int64(),
    pa.float64(),
    pa.bool_(),
    pa.timestamp("us"),
    pa.list_(pa.string()),
)
"""The types that a user's field is kept in; moments are kept in UTC, without a zone."""

TAG = "tag:"
"""What the name of a field begins with that holds a tag's scores."""

_ESCAPES = {"%": "%25", ".": "%2E", "`": "%60"}  # no store can have a dot or a backtick in a column's name


def matrix(column: pa.ChunkedArray) -> FloatArray:
    """A column of vectors, none of them null, as ``(n, d)``.

    >>> matrix(pa.chunked_array([pa.array([[1, 2], [3, 4]], pa.list_(pa.float32(), 2))])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    d = column.type.list_size
    blocks = [_numbers(chunk.flatten()).reshape(-1, d) for chunk in column.chunks]
    return np.concatenate([np.empty((0, d), np.float32), *blocks])


def places(rows: npt.NDArray[np.int64]) -> pa.Int64Array:
    """Numbers of rows, to be taken; `pa.array` would import pandas where that is installed."""
    rows = np.ascontiguousarray(rows, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)])


def _numbers(values: pa.Array) -> FloatArray:
    """Numbers, none of them null, as they lie in memory; `to_numpy` would import pandas where that is installed."""
    if len(values) == 0 or values.type != pa.float32():
        return np.asarray(values.to_numpy(zero_copy_only=False))
    return np.frombuffer(values.buffers()[1], np.float32, len(values), 4 * values.offset)


def vector_column(name: str) -> str:
    """The column of a named vector.

    >>> vector_column("meaning")
    'v_meaning'
    """
    return f"v_{name}"


def field_column(name: str) -> str:
    """The column of a user's field; characters that column names may not hold are escaped.

    >>> field_column("年份"), field_column("a.b")
    ('f_年份', 'f_a%2Eb')
    """
    return "f_" + "".join(_ESCAPES.get(character, character) for character in name)


def field_name(column: str) -> str:
    """The user's field of a column, the inverse of `field_column`.

    >>> field_name("f_a%2Eb"), field_name(field_column("折扣 100%.`x`"))
    ('a.b', '折扣 100%.`x`')
    """
    name = column.removeprefix("f_")
    for character, escape in reversed(_ESCAPES.items()):
        name = name.replace(escape, character)
    return name
