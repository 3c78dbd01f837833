"""Columns in Arrow's types and in PostgreSQL's, and values on their way between the two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["LARGEST_WIDTH", "WIRE", "arrow_type", "encoded", "kind_of", "read", "selected", "to_arrow"]

LARGEST_WIDTH = 16_000
"""Dimensions of pgvector's type ``vector``."""

_KINDS = {
    pa.string(): "text",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.bool_(): "boolean",
    pa.timestamp("us"): "timestamp",
    pa.list_(pa.string()): "text[]",
    pa.large_binary(): "bytea",
}
_ARROW = {kind: arrow for arrow, kind in _KINDS.items()}
_EPOCH = 946_684_800_000_000  # microseconds from 1970, Arrow's zero, to 2000, PostgreSQL's

WIRE = {
    "text": "text",
    "int": "int4",
    "bigint": "int8",
    "double precision": "float8",
    "boolean": "bool",
    "timestamp": "int8",  # binary COPY says no types: these are the bytes that a timestamp has
    "text[]": "text[]",
    "int[]": "int4[]",
    "bigint[]": "int8[]",
    "bytea": "bytea",
    "vector": "bytea",
}
"""The types in which psycopg writes values of each kind."""


def kind_of(arrow: pa.DataType) -> str:
    """PostgreSQL's name of a type.

    >>> kind_of(pa.int64()), kind_of(pa.list_(pa.float32(), 384))
    ('bigint', 'vector(384)')
    """
    return f"vector({arrow.list_size})" if pa.types.is_fixed_size_list(arrow) else _KINDS[arrow]


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a kind, the inverse of `kind_of`.

    >>> arrow_type("vector(2)")
    FixedSizeListType(fixed_size_list<item: float>[2])
    """
    if found := re.fullmatch(r"vector\((\d+)\)", kind):
        return pa.list_(pa.float32(), int(found[1]))
    return _ARROW[kind]


def encoded(column: pa.ChunkedArray) -> list[Any]:
    """A column's values as psycopg writes them in the types of `WIRE`."""
    if pa.types.is_fixed_size_list(column.type):
        return _vectors_as_bytes(column)
    if pa.types.is_timestamp(column.type):
        column = pc.subtract(column.cast(pa.int64()), _EPOCH)
    values: list[Any] = column.to_pylist()
    return values


def selected(column: str, arrow: pa.DataType) -> str:
    """The SQL expression that reads a column in the form `to_arrow` takes."""
    if pa.types.is_fixed_size_list(arrow):
        return f"vector_send({column})"
    return f"timestamp_send({column})" if pa.types.is_timestamp(arrow) else column


def to_arrow(values: Sequence[Any], arrow: pa.DataType) -> pa.Array:
    """Values, as `selected` reads them, as an Arrow array of a type."""
    if pa.types.is_fixed_size_list(arrow):
        return _vectors_from_bytes(values, arrow.list_size)
    if pa.types.is_timestamp(arrow):
        mask = np.array([value is None for value in values], bool)
        raw = np.frombuffer(b"".join(value or bytes(8) for value in values), ">i8") + _EPOCH
        return pa.array(raw.astype(np.int64), mask=mask).cast(arrow)
    return pa.array(values, arrow)


def read(rows: Sequence[Sequence[Any]], names: Sequence[str], schema: pa.Schema) -> pa.Table:
    """Rows of a result as a table."""
    fields = [schema.field(name) for name in names]
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    if not fields:  # Arrow keeps the number of rows of a table without columns only this way
        return pa.table({"": pa.nulls(len(rows))}).select([])
    arrays = [to_arrow(values, field.type) for field, values in zip(fields, columns, strict=True)]
    return pa.table(arrays, schema=pa.schema(fields))


def _vectors_as_bytes(column: pa.ChunkedArray) -> list[bytes | None]:
    """In pgvector's binary form: the width, two bytes for nothing, the numbers, all big-endian."""
    array, d = column.combine_chunks(), column.type.list_size
    if isinstance(array, pa.ChunkedArray):  # combine_chunks of no chunks
        return []
    cells = np.zeros(len(array), _cell(d))
    cells["d"] = d
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    cells["values"][valid] = array.drop_null().flatten().to_numpy(zero_copy_only=False).reshape(-1, d)
    data, size = cells.tobytes(), cells.itemsize
    return [data[i * size : (i + 1) * size] if here else None for i, here in enumerate(valid)]


def _vectors_from_bytes(values: Sequence[bytes | None], d: int) -> pa.Array:
    mask = np.array([value is None for value in values], bool)
    cell = _cell(d)
    cells = np.frombuffer(b"".join(value or bytes(cell.itemsize) for value in values), cell)
    flat = pa.array(cells["values"].astype(np.float32).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, d, mask=pa.array(mask) if mask.any() else None)


def _cell(d: int) -> np.dtype[Any]:
    return np.dtype([("d", ">i2"), ("unused", ">i2"), ("values", ">f4", (d,))])
