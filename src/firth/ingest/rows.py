"""Parts become rows of the store: an Arrow table with the columns of `firth.stores.base`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from firth.encoders.spaces import Space
from firth.ingest.encoding import Part
from firth.stores.base import COLUMNS, field_column, vector_column
from firth.text import terms
from firth.types import FloatArray, Item, Skipped

__all__ = ["check_fields", "check_vectors", "rows"]


def check_fields(items: Sequence[Item], schema: pa.Schema) -> list[Skipped]:
    """Items whose fields do not fit the columns that are there, each with the reason.

    Integers fit a column of floats and the other way round, anything fits a column of text.
    """
    skipped = []
    types = _field_types(items, schema)
    for item in items:
        for name, value in item.fields.items():
            if value is None:
                continue
            kind = types[field_column(name)]
            if not _fits(value, kind):
                reason = (
                    f"field {name!r} holds {kind} in this collection; got {value!r}. Next: mend or rename it"
                )
                skipped.append(Skipped(item.id, reason))
                break
    return skipped


def _fits(value: Any, kind: pa.DataType) -> bool:
    try:
        pa.array([_fitted(value, kind)], kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return False
    return not isinstance(value, bytes | bytearray)  # Arrow would take them for text


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


def rows(parts: Sequence[Part], hashes: Mapping[str, str], schema: pa.Schema) -> pa.Table:
    """The rows of parts: the text, its terms and the picture stand on part 0, the fields on every part.

    Args:
        parts: What to write, all parts of each item.
        hashes: The content hash of each item, by id.
        schema: What the store has now.
    """
    columns: dict[str, Any] = {
        "id": [part.item.id for part in parts],
        "part": pa.array([part.number for part in parts], pa.int32()),
        "kind": [part.item.kind for part in parts],
        "text": [part.item.text if part.number == 0 else None for part in parts],
        "start": pa.array([part.span.start if part.span else None for part in parts], pa.int64()),
        "end": pa.array([part.span.end if part.span else None for part in parts], pa.int64()),
        "path": pa.array([part.item.path for part in parts], pa.string()),
        "source": pa.array([part.item.source for part in parts], pa.string()),
        "hash": [hashes[part.item.id] for part in parts],
        "terms": pa.array([_terms(part.item) if part.number == 0 else None for part in parts], pa.string()),
        "thumb": pa.array([part.thumb for part in parts], pa.large_binary()),
    }
    arrays = {name: pa.array(values, COLUMNS.field(name).type) for name, values in columns.items()}
    names = dict.fromkeys(name for part in parts for name in part.vectors)
    arrays |= {vector_column(name): _vectors([part.vectors.get(name) for part in parts]) for name in names}
    types = _field_types([part.item for part in parts], schema)
    for name in dict.fromkeys(name for part in parts for name in part.item.fields):
        if field_column(name) not in types:
            continue
        kind = types[field_column(name)]
        values = [_fitted(part.item.fields.get(name), kind) for part in parts]
        arrays[field_column(name)] = pa.array(values, kind)
    return pa.table(arrays)


def _terms(item: Item) -> str | None:
    found = terms(f"{item.text or ''}\n{item.words or ''}")
    return " ".join(found) or None


def _vectors(vectors: Sequence[FloatArray | None]) -> pa.Array:
    """A column of vectors, null where a part has none."""
    dim = next(len(vector) for vector in vectors if vector is not None)
    flat = np.zeros((len(vectors), dim), np.float32)
    missing = np.array([vector is None for vector in vectors])
    for i, vector in enumerate(vectors):
        if vector is not None:
            flat[i] = vector
    return pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), dim, mask=pa.array(missing))


def _field_types(items: Sequence[Item], schema: pa.Schema) -> dict[str, pa.DataType]:
    """The type of each field's column: the store's where it has one, else what holds all values of the batch."""
    types = {}
    for name in dict.fromkeys(name for item in items for name in item.fields):
        column = field_column(name)
        values = [item.fields[name] for item in items if item.fields.get(name) is not None]
        stored = schema.field(column).type if column in schema.names else None
        if not values and stored is None:
            continue  # a field without a value has no type yet, and needs no column
        floats = any(isinstance(value, float) and not value.is_integer() for value in values)
        types[column] = pa.float64() if stored == pa.int64() and floats else stored or _common_type(values)
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


def _fitted(value: Any, kind: pa.DataType) -> Any:
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
