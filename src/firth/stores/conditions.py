"""Typed conditions on named fields: the names are looked up and the literals checked against the columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from firth.errors import FilterError
from firth.stores.columns import TAG, field_column
from firth.stores.filters import Compare, Contains, Filter, Has, In, IsNull, Like, Operator, Value

__all__ = ["Conditions"]

_BUILT_IN = ("id", "kind", "path", "source")
_INT64 = range(-(2**63), 2**63)


class Conditions:
    """Makes conditions on the fields of one collection.

    Args:
        fields: The user's fields with their types; they win over ``id``, ``kind``, ``path`` and ``source``,
            which are also there as ``_id``, ``_kind``, ``_path`` and ``_source``.
    """

    def __init__(self, fields: Mapping[str, pa.DataType]) -> None:
        built_in = {name: (name, pa.string()) for name in _BUILT_IN}
        self._names = sorted(fields)
        self._columns: dict[str, tuple[str, pa.DataType]] = {
            **{f"_{name}": column for name, column in built_in.items()},
            **built_in,
            **{name: (field_column(name), kind) for name, kind in fields.items()},
        }

    def compare(self, name: str, operator: Operator, value: Any) -> Filter:
        """``name operator value``."""
        column, kind = self._lookup(name)
        if pa.types.is_list(kind):
            raise FilterError(f"field {name!r} is a list; ask: {name} contains 'x'")
        if pa.types.is_boolean(kind) and operator not in ("=", "!="):
            raise FilterError(f"field {name!r} is true or false; {operator!r} does not fit, use = or !=")
        return Compare(column, operator, _typed(value, kind, name))

    def is_in(self, name: str, values: Sequence[Any]) -> Filter:
        """The value of ``name`` is one of ``values``."""
        column, kind = self._lookup(name)
        if pa.types.is_list(kind):
            raise FilterError(f"field {name!r} is a list; ask: {name} contains 'x' or {name} contains 'y'")
        typed = (_typed(value, kind, name) for value in values)
        if pa.types.is_integer(kind):
            typed = (value for value in typed if not isinstance(value, float))  # no integer equals 1.5
        return In(column, tuple(dict.fromkeys(typed)))

    def like(self, name: str, pattern: Any) -> Filter:
        """The text of ``name`` matches a pattern."""
        column, _ = self._text(name, "like")
        if not isinstance(pattern, str):
            raise FilterError(f"got {name} like {pattern!r}; expected a pattern in quotes, as in '%魔法%'")
        return Like(column, pattern)

    def contains(self, name: str, value: Any) -> Filter:
        """A list has the member ``value``, or a text has it somewhere inside."""
        column, kind = self._text(name, "contains", lists=True)
        if not isinstance(value, str):
            raise FilterError(f"got {name} contains {value!r}; expected text in quotes")
        return Has(column, value) if pa.types.is_list(kind) else Contains(column, value)

    def is_null(self, name: str) -> Filter:
        """``name`` has no value."""
        return IsNull(self._lookup(name)[0])

    def is_true(self, name: str) -> Filter:
        """The truth value ``name`` alone, as in ``available and year > 2000``."""
        column, kind = self._lookup(name)
        if not pa.types.is_boolean(kind):
            raise FilterError(f"field {name!r} alone is no condition; compare it, as in: {name} = ...")
        return Compare(column, "=", True)

    def _text(self, name: str, verb: str, *, lists: bool = False) -> tuple[str, pa.DataType]:
        column, kind = self._lookup(name)
        if pa.types.is_string(kind) or (lists and pa.types.is_list(kind)):
            return column, kind
        raise FilterError(f"field {name!r} is {_plain(kind)}; {verb!r} works on text{' and lists' * lists}")

    def _lookup(self, name: str) -> tuple[str, pa.DataType]:
        if name in self._columns:
            return self._columns[name]
        near = get_close_matches(name, [*self._names, *_BUILT_IN], n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        if name.startswith(TAG):
            hint += f" Scores of a tag are kept by: firth tags {name.removeprefix(TAG)} --save."
        known = ", ".join([*self._names, *(name for name in _BUILT_IN if name not in self._names)])
        raise FilterError(f"no field {name!r}.{hint} Fields: {known}")


def _typed(value: Any, kind: pa.DataType, name: str) -> Value:
    if value is None:
        raise FilterError(f"a comparison of {name!r} with null is never true; ask: {name} is null")
    result: Value | None = None
    if pa.types.is_timestamp(kind):
        result = _moment(value)
    elif pa.types.is_boolean(kind):
        result = value if isinstance(value, bool) else None
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        result = _number(value, whole=pa.types.is_integer(kind))
    elif isinstance(value, str):
        result = value
    if result is None:
        raise FilterError(f"field {name!r} is {_plain(kind)}; got {value!r}, which is none")
    return result


def _number(value: Any, *, whole: bool) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if not whole:
        return float(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() and int(value) in _INT64 else value
    return value if value in _INT64 else float(value)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _plain(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "a whole number"
    if pa.types.is_floating(kind):
        return "a number"
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_timestamp(kind):
        return "a date, as in '2020-01-31'"
    return "a list" if pa.types.is_list(kind) else "text"
