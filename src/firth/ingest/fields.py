"""Columns of fields and of the user's vectors: which types they have, and which items fit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from firth.encoders.spaces import Space
from firth.stores.base import field_column, vector_column
from firth.types import FloatArray, Item, Skipped

__all__ = ["check_fields", "check_vectors", "columns_of", "field_types", "fitted", "fitted_column", "merged"]


def check_fields(items: Sequence[Item], schema: pa.Schema) -> list[Skipped]:
    """Items whose fields do not fit the columns that are there, each with the reason.

    Integers fit a column of floats and the other way round, anything fits a column of text.
    """
    types = field_types(items, schema)
    doubtful = {}
    for name in dict.fromkeys(name for item in items for name in item.fields):
        kind = types.get(field_column(name))
        # a column at once is 20 times as fast as value by value, and nearly all columns fit
        if kind is not None and not _fit([item.fields.get(name) for item in items], kind):
            doubtful[name] = kind
    misfits = ((item.id, _misfit_of(item, doubtful)) for item in items) if doubtful else ()
    return [Skipped(id, reason) for id, reason in misfits if reason]


def _misfit_of(item: Item, columns: Mapping[str, pa.DataType]) -> str | None:
    """Why the first of an item's fields that does not fit its column does not."""
    for name, value in item.fields.items():
        if value is not None and name in columns and not _fit([value], columns[name]):
            kind = columns[name]
            return f"field {name!r} holds {kind} in this collection; got {value!r}. Next: mend or rename it"
    return None


def _fit(values: Sequence[Any], kind: pa.DataType) -> bool:
    try:
        fitted_column(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return False
    return not any(isinstance(value, bytes | bytearray) for value in values)  # Arrow would take them for text


def check_vectors(items: Sequence[Item], spaces: Mapping[str, Space], schema: pa.Schema) -> list[Skipped]:
    """Items with a vector of another width than those before, or one that an encoder makes in this collection."""
    widths = {name: schema.field(name).type.list_size for name in schema.names if name.startswith("v_")}
    skipped = []
    for item in items:
        if reason := next(filter(None, (_misfit(*v, spaces, widths) for v in item.vectors.items())), None):
            skipped.append(Skipped(item.id, reason))
        else:
            widths |= {vector_column(name): len(vector) for name, vector in item.vectors.items()}
    return skipped


def _misfit(
    name: str, vector: FloatArray, spaces: Mapping[str, Space], widths: Mapping[str, int]
) -> str | None:
    if name in spaces:
        return f"the vector {name!r} is made by an encoder here. Next: give yours another name"
    width = widths.get(vector_column(name), len(vector))
    if len(vector) != width:
        return f"the vector {name!r} has {width} numbers in this collection; got {len(vector)}"
    return None


def columns_of(items: Sequence[Item], schema: pa.Schema) -> pa.Schema:
    """The columns of the items' fields and of the vectors they bring, beside a store's columns."""
    columns = field_types(items, schema)
    for item in items:
        for name, vector in item.vectors.items():
            columns[vector_column(name)] = pa.list_(pa.float32(), len(vector))
    return pa.schema(list(columns.items()))


def merged(schema: pa.Schema, coming: pa.Schema) -> pa.Schema:
    """A store's columns after others have come: new ones are appended, integers become floats, the rest stays."""
    for field in coming:
        place = schema.get_field_index(field.name)
        if place < 0:
            schema = schema.append(field)
        elif pa.types.is_int64(schema.field(place).type) and pa.types.is_float64(field.type):
            schema = schema.set(place, field)
    return schema


def field_types(items: Sequence[Item], schema: pa.Schema) -> dict[str, pa.DataType]:
    """The type of each field's column: the store's where it has one, else what holds all values of the batch."""
    types = {}
    for name in dict.fromkeys(name for item in items for name in item.fields):
        column = field_column(name)
        stored = schema.field(column).type if column in schema.names else None
        if stored is not None and stored != pa.int64():
            types[column] = stored
            continue
        values = [item.fields[name] for item in items if item.fields.get(name) is not None]
        if stored is not None:
            floats = any(isinstance(value, float) and not value.is_integer() for value in values)
            types[column] = pa.float64() if floats else stored
        elif values:  # a field without a value has no type yet, and needs no column
            types[column] = _common_type(values)
    return types


def _common_type(values: Sequence[Any]) -> pa.DataType:
    """The type of `FIELD_TYPES` that holds all of the values; text where they are of several kinds."""
    try:
        kind = pa.array(values).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(pa.string())
    families = {
        pa.types.is_boolean: pa.bool_(),
        pa.types.is_integer: pa.int64(),
        pa.types.is_floating: pa.float64(),
        pa.types.is_temporal: pa.timestamp("us"),
    }
    return next((kept for is_of, kept in families.items() if is_of(kind)), pa.string())


def fitted_column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values as a column of a type, each as `fitted` gives it."""
    plain = {pa.string(): str, pa.int64(): int, pa.float64(): float, pa.bool_(): bool}.get(kind)
    if set(map(type, values)) <= {plain, type(None)}:  # as nearly all are: nothing to be fitted
        return pa.array(values, kind)
    return pa.array([fitted(value, kind) for value in values], kind)


def fitted(value: Any, kind: pa.DataType) -> Any:
    """The value as the column's type takes it: a number as text in a column of text, 3.0 as 3 among integers."""
    if value is None or isinstance(value, str):
        return value
    if pa.types.is_string(kind) and isinstance(value, bool | int | float | date | np.generic):
        return str(value)
    if pa.types.is_integer(kind) and isinstance(value, float) and value.is_integer():
        return int(value)
    if pa.types.is_timestamp(kind) and isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if pa.types.is_floating(kind) and is_number else value
