"""Cells of typed tables: what kind they are, and the value that is kept of them as a field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from firth.data.tables import Column, Kind

__all__ = ["INT64", "TO_FIELD", "is_missing", "json_text", "kind_of", "merge", "record_columns"]

INT64 = range(-(2**63), 2**63)


def is_missing(cell: Any) -> bool:
    """None, NaN, NaT and the empty string.

    >>> is_missing(float("nan")), is_missing(""), is_missing(0)
    (True, True, False)
    """
    if cell is None or isinstance(cell, str):
        return not cell
    return isinstance(cell, float | np.floating | np.datetime64 | Decimal) and bool(cell != cell)


def json_text(value: Any) -> str:
    """Nested values as JSON, Chinese left readable.

    >>> json_text({"作者": ["羅琳"], "year": 1997})
    '{"作者": ["羅琳"], "year": 1997}'
    """
    return json.dumps(value, ensure_ascii=False, default=_jsonable)


def kind_of(cell: Any) -> Kind | None:
    """The kind of one cell; None for a missing one, which fits every kind."""
    if isinstance(cell, str):
        return Kind.TEXT if cell else None
    if is_missing(cell):
        return Kind.FLOAT if cell is not None else None
    if isinstance(cell, bool | np.bool_):
        return Kind.BOOL
    if isinstance(cell, int | np.integer):
        return Kind.INT if int(cell) in INT64 else Kind.TEXT
    if isinstance(cell, float | np.floating | Decimal):
        return Kind.FLOAT
    if isinstance(cell, date | np.datetime64):
        return Kind.TIME
    if isinstance(cell, Path | time):
        return Kind.TEXT
    if isinstance(cell, np.ndarray):
        return Kind.VECTOR
    if isinstance(cell, list | tuple):
        return _kind_of_list(cell)
    return Kind.JSON if isinstance(cell, Mapping) else Kind.BYTES  # bytes, or a picture


def _kind_of_list(cell: list[Any] | tuple[Any, ...]) -> Kind:
    if all(isinstance(value, str) for value in cell):
        return Kind.LIST
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in cell)
    return Kind.VECTOR if numbers and any(isinstance(value, float) for value in cell) else Kind.JSON


def merge(first: Kind | None, second: Kind | None) -> Kind | None:
    """The kind of a column that holds both; text holds everything.

    >>> merge(Kind.INT, Kind.FLOAT), merge(Kind.INT, Kind.TEXT), merge(None, Kind.LIST)
    (<Kind.FLOAT: 'float'>, <Kind.TEXT: 'text'>, <Kind.LIST: 'list of text'>)
    """
    if first is None or second is None or first is second:
        return first or second
    both = {first, second}
    if both == {Kind.INT, Kind.FLOAT}:
        return Kind.FLOAT
    return Kind.JSON if both <= {Kind.LIST, Kind.VECTOR, Kind.JSON} else Kind.TEXT


def record_columns(records: Iterable[Mapping[str, Any]]) -> list[Column]:
    """The columns of records whose keys and kinds may differ, in order of first appearance."""
    kinds: dict[str, Kind | None] = {}
    for record in records:
        for name, cell in record.items():
            kinds[name] = merge(kinds.get(name), kind_of(cell))
    return [Column(name, kind or Kind.TEXT, TO_FIELD[kind or Kind.TEXT]) for name, kind in kinds.items()]


def _text(cell: Any) -> str:
    if isinstance(cell, str | Path | time):
        return str(cell)
    return json_text(cell)


def _time(cell: Any) -> datetime:
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[us]").item()
    return cell if isinstance(cell, datetime) else datetime.combine(cell, time())


def _jsonable(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _unless_missing(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda cell: None if is_missing(cell) else convert(cell)


_CONVERT: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.INT: int,
    Kind.FLOAT: float,
    Kind.BOOL: bool,
    Kind.TIME: _time,
    Kind.LIST: list,
    Kind.JSON: json_text,
    Kind.VECTOR: json_text,
    Kind.BYTES: bytes,
}
TO_FIELD = {kind: _unless_missing(convert) for kind, convert in _CONVERT.items()}
"""The field value of a cell of each kind; None for a missing one."""
