"""How items stand in an exported file: one row each, under names that a person would look for, and back.

    id kind text path source        as they are
    FIELD                           every field under its own name
    vector:NAME                     the item's vectors
    hash terms thumb                what else the store keeps of an item
    passages                        its further rows: a list of part, start, end and their vectors

A field that is called like one of these columns, or begins like a vector, stands as ``field:NAME``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from firth.errors import StoreError
from firth.listing import PLAIN
from firth.stores.base import COLUMNS, FIELD_TYPES, field_column, field_name, vector_column

__all__ = ["PLAIN", "from_file", "named", "to_file", "types_of"]

KEPT = ("hash", "terms", "thumb")
PASSAGES = "passages"
RESERVED = (*PLAIN, *KEPT, PASSAGES)
OF_PART = ("part", "start", "end")
OF_WHOLE = ("text", "terms", "thumb")
"""Columns that stand on part 0 alone."""


def named(column: str, taken: Collection[str] = RESERVED) -> str:
    """What a store's column is called in a file where some names are taken; `column_of` is the inverse.

    >>> named("v_meaning"), named("f_年份"), named("f_text"), named("f_vector:x")
    ('vector:meaning', '年份', 'field:text', 'field:vector:x')
    """
    if column.startswith("v_"):
        return f"vector:{column.removeprefix('v_')}"
    if not column.startswith("f_"):
        return column
    field = field_name(column)
    return f"field:{field}" if field in taken or field.startswith(("field:", "vector:")) else field


def column_of(name: str) -> str:
    """The store's column of a file's.

    >>> [column_of(named(column)) for column in ("id", "v_meaning", "f_年份", "f_text", "f_field:x")]
    ['id', 'v_meaning', 'f_年份', 'f_text', 'f_field:x']
    """
    if name in RESERVED:
        return name
    if name.startswith("vector:"):
        return vector_column(name.removeprefix("vector:"))
    return field_column(name.removeprefix("field:"))


def types_of(schema: pa.Schema) -> dict[str, str | int]:
    """The type of each field and the width of each vector, under the names they have in a file."""
    return {
        named(column.name): column.type.list_size if column.name.startswith("v_") else str(column.type)
        for column in schema
        if column.name.startswith(("f_", "v_"))
    }


def to_file(rows: pa.Table) -> pa.Table:
    """Rows of whole items as a file holds them; nothing is lost.

    Raises:
        StoreError: A further row of an item holds what no passage has: no add writes such rows.
    """
    wholes = rows.filter(pc.equal(rows["part"], 0))
    others = rows.filter(pc.not_equal(rows["part"], 0)).sort_by("part")
    place = pc.index_in(others["id"], value_set=wholes["id"].combine_chunks())
    order = pc.array_sort_indices(place) if len(place) == 0 else np.argsort(place, kind="stable")
    others, place = others.take(order), place.take(order)
    _check_parts(others, wholes, place)
    own = [name for prefix in ("f_", "v_") for name in wholes.column_names if name.startswith(prefix)]
    columns = {named(name): _as_lists(wholes[name]) for name in (*PLAIN, *own, *KEPT)}
    ends = np.cumsum(np.bincount(place.to_numpy(), minlength=len(wholes)))
    columns[PASSAGES] = _nested(others, np.concatenate([[0], ends]))
    return pa.table(columns)


def from_file(table: pa.Table, types: Mapping[str, str | int]) -> pa.Table:
    """The rows of a store, the inverse of `to_file`.

    Args:
        table: As a file holds it.
        types: As `types_of` gave them.
    """
    kinds = {**dict(zip(COLUMNS.names, COLUMNS.types, strict=True)), **_kinds(types)}
    items = {column_of(name): table[name] for name in table.column_names if name != PASSAGES}
    wholes = pa.table({column: cells.cast(kinds[column]) for column, cells in items.items()})
    wholes = wholes.append_column("part", pa.array([0] * len(wholes), pa.int32()))
    nested = table[PASSAGES].combine_chunks()
    inner = nested.flatten()
    own = {field.name: inner.field(i) for i, field in enumerate(inner.type)}
    shared = [name for name in wholes.column_names if name not in (*OF_PART, *OF_WHOLE) and name[:2] != "v_"]
    others = {name: wholes[name].take(pc.list_parent_indices(nested)) for name in shared}
    for name, cells in own.items():
        column = name if name in OF_PART else column_of(name)
        others[column] = pa.chunked_array([cells]).cast(kinds[column])
    rows = pa.concat_tables([wholes, pa.table(others)], promote_options="default")
    return rows.select(list(kinds))


def _check_parts(others: pa.Table, wholes: pa.Table, place: pa.Array) -> None:
    """A passage has a place in the text and vectors; all else is its item's."""
    shared = [n for n in others.column_names if n not in (*OF_PART, *OF_WHOLE) and not n.startswith("v_")]
    strange = any(others[name].null_count < len(others) for name in OF_WHOLE)
    strange |= any(wholes[name].null_count < len(wholes) for name in ("start", "end"))
    if strange or not others.select(shared).equals(wholes.select(shared).take(place)):
        raise StoreError(
            "an item has passages with other fields than its own, which this file cannot hold. "
            "Next: add the item again, or move the collection with firth copy"
        )


def _nested(others: pa.Table, offsets: npt.NDArray[np.int64]) -> pa.Array:
    names = [name for name in others.column_names if name in OF_PART or name.startswith("v_")]
    arrays = [_as_lists(others[name]).combine_chunks() for name in names]
    inner = pa.StructArray.from_arrays(arrays, names=[named(name) for name in names])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), inner)


def _as_lists(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A vector as a plain list, which every reader of Parquet knows."""
    is_vector = pa.types.is_fixed_size_list(column.type)
    return column.cast(pa.list_(pa.float32())) if is_vector else column


def _kinds(types: Mapping[str, str | int]) -> dict[str, pa.DataType]:
    """The types of a store's columns of vectors and fields."""
    fields = {str(kind): kind for kind in FIELD_TYPES}
    return {
        column_of(name): pa.list_(pa.float32(), kind) if isinstance(kind, int) else fields[kind]
        for name, kind in types.items()
    }
