"""What may be put into a store: rows checked and brought to the store's types, the same for every store."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from firth.errors import SchemaError
from firth.stores.columns import COLUMNS, field_name

__all__ = ["aligned", "checked", "widened"]


def checked(rows: pa.Table) -> pa.Table:
    """The rows with every column in a type that stores keep.

    Integers of any width become int64, floats float64, moments microseconds in UTC; NaN in a field is a
    missing value, as table libraries mean it.

    Args:
        rows: ``(n,)`` rows; columns as `firth.stores.base` lists them, ``id`` and ``part`` at least.

    Raises:
        SchemaError: A name or type that no store keeps, a null ``id`` or ``part``, the same (id, part) twice,
            or a vector with NaN or infinity in it.
    """
    columns = {name: _checked_column(name, rows[name]) for name in _distinct(rows.column_names)}
    table = pa.table(columns)
    for name in ("id", "part"):
        if name not in columns or columns[name].null_count:
            raise SchemaError(f"got rows without {name!r}; expected a value of it in every row")
    keys = table.group_by(["id", "part"]).aggregate([([], "count_all")])
    if len(keys) < len(table):
        twice = keys.filter(pc.greater(keys["count_all"], 1)).slice(0, 1).to_pylist()[0]
        raise SchemaError(f"got id {twice['id']!r}, part {twice['part']} twice; expected each pair once")
    return table


def widened(schema: pa.Schema, rows: pa.Schema) -> pa.Schema:
    """The store's schema after rows of another schema came in: new columns added, integers made floats.

    Raises:
        SchemaError: A column has another type than before.
    """
    for field in rows:
        if pa.types.is_null(field.type):
            continue
        place = schema.get_field_index(field.name)
        if place < 0:
            schema = schema.append(field)
        elif pa.types.is_int64(schema.field(place).type) and pa.types.is_float64(field.type):
            schema = schema.set(place, field)
        elif not _fits(field.type, schema.field(place).type):
            raise SchemaError(
                f"column {_said(field.name)} holds {schema.field(place).type}; got {field.type}. "
                "Next: convert it, or use another name"
            )
    return schema


def aligned(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows with exactly the schema's columns; those they lack are null.

    Raises:
        SchemaError: An integer too large to become a float without loss.
    """
    columns = []
    for field in schema:
        if field.name not in rows.column_names:
            columns.append(pa.nulls(len(rows), field.type))
            continue
        columns.append(_cast(field.name, rows[field.name], field.type))
    return pa.table(columns, schema=schema)


def _fits(given: pa.DataType, kept: pa.DataType) -> bool:
    return bool(given.equals(kept)) or bool(pa.types.is_int64(given) and pa.types.is_float64(kept))


def _distinct(names: list[str]) -> list[str]:
    for name in names:
        if names.count(name) > 1:
            raise SchemaError(f"got the column {name!r} twice")
    return names


def _checked_column(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if name in COLUMNS.names:
        return _cast(name, column, COLUMNS.field(name).type)
    if pa.types.is_null(column.type) and name.startswith(("v_", "f_")):
        return column
    if name.startswith("v_"):
        return _vectors(name, column)
    if name.startswith("f_"):
        return _field(name, column)
    raise SchemaError(f"got a column {name!r}; expected {', '.join(COLUMNS.names)}, v_NAME or f_NAME")


def _vectors(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if not (pa.types.is_fixed_size_list(kind) and pa.types.is_floating(kind.value_type)):
        raise SchemaError(f"column {_said(name)}: got {kind}; expected fixed_size_list<float32>[d]")
    column = column.cast(pa.list_(pa.float32(), kind.list_size))
    values = pc.list_flatten(column)
    if values.null_count or not pc.all(pc.is_finite(values), min_count=0).as_py():
        raise SchemaError(f"column {_said(name)}: got NaN, infinity or a gap in a vector; expected numbers")
    return column


def _field(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _field(name, column.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        return column
    if pa.types.is_integer(kind):
        return _cast(name, column, pa.int64())
    if pa.types.is_floating(kind):
        column = column.cast(pa.float64())
        return pc.if_else(pc.is_nan(column), None, column)
    if _is_text(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _cast(name, column, pa.timestamp("us"), safe=False)
    if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and (
        _is_text(kind.value_type) or pa.types.is_null(kind.value_type)
    ):
        return column.cast(pa.list_(pa.string()))
    raise SchemaError(
        f"column {_said(name)}: got {kind}; expected text, numbers, true/false, moments or lists of text"
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _cast(name: str, column: pa.ChunkedArray, kind: pa.DataType, *, safe: bool = True) -> pa.ChunkedArray:
    try:
        return column.cast(kind, safe=safe)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SchemaError(f"column {_said(name)}: got {column.type}; expected {kind} ({error})") from None


def _said(column: str) -> str:
    return repr(field_name(column)) if column.startswith("f_") else repr(column)
