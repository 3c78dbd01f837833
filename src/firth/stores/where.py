"""Filters as people write them: SQL-like text or a dict, parsed once and the same for every store.

>>> import pyarrow as pa
>>> fields = {"year": pa.int64(), "語言": pa.string()}
>>> parse_where("year > 2000 and 語言 in ('zh', 'en')", fields)  # doctest: +NORMALIZE_WHITESPACE
And(operands=(Compare(column='f_year', operator='>', value=2000),
              In(column='f_語言', values=('zh', 'en'))))
>>> parse_where({"year": {"gt": 2000}, "語言": ["zh", "en"]}, fields) == _
True
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from firth.errors import FilterError
from firth.stores.conditions import Conditions
from firth.stores.filters import And, Filter, Not
from firth.stores.where_text import parse_text

__all__ = ["Filter", "parse_where"]


def parse_where(where: str | Mapping[str, Any], fields: Mapping[str, pa.DataType]) -> Filter:
    """Parse a filter.

    Text knows ``= != < <= > >=``, ``in``, ``like`` (``%`` and ``_``), ``between``, ``contains``, ``is null``,
    ``and``, ``or``, ``not`` and parentheses. Text values stand in 'single quotes' (a quote inside is doubled),
    names with spaces in "double quotes" or `backticks`. Dates are text: ``'2020-01-31'``.

    A dict means all of its entries: a value, a list of values, or ``{"gt": 2000, "lte": 2010}`` with ``gt``,
    ``gte``, ``lt``, ``lte``, ``ne``, ``in``, ``like``, ``contains`` and ``null`` (true or false).

    Args:
        where: The filter.
        fields: The user's fields with their types. ``id``, ``kind``, ``path`` and ``source`` come beside them;
            where a field of the user's has such a name, ask for ``_id``, ``_kind``, ``_path``, ``_source``.

    Raises:
        FilterError: It does not parse, names an unknown field, or compares a field with a value of another type.
    """
    conditions = Conditions(fields)
    if isinstance(where, str):
        return parse_text(where, conditions)
    if not isinstance(where, Mapping):
        raise FilterError(f"got a filter of type {type(where).__name__}; expected text or a dict")
    parts = tuple(part for name, asked in where.items() for part in _entries(conditions, name, asked))
    return parts[0] if len(parts) == 1 else And(parts)


def _entries(conditions: Conditions, name: str, asked: Any) -> list[Filter]:
    if asked is None:
        return [conditions.is_null(name)]
    if isinstance(asked, list | tuple | set | frozenset):
        return [conditions.is_in(name, list(asked))]
    if isinstance(asked, Mapping):
        return [_operation(conditions, name, verb, value) for verb, value in asked.items()]
    return [conditions.compare(name, "=", asked)]


def _operation(conditions: Conditions, name: str, verb: str, value: Any) -> Filter:
    operations: dict[str, Callable[[], Filter]] = {
        "gt": lambda: conditions.compare(name, ">", value),
        "gte": lambda: conditions.compare(name, ">=", value),
        "lt": lambda: conditions.compare(name, "<", value),
        "lte": lambda: conditions.compare(name, "<=", value),
        "eq": lambda: conditions.compare(name, "=", value),
        "ne": lambda: conditions.compare(name, "!=", value),
        "in": lambda: conditions.is_in(name, _listed(name, value)),
        "like": lambda: conditions.like(name, value),
        "contains": lambda: conditions.contains(name, value),
        "null": lambda: conditions.is_null(name) if value else Not(conditions.is_null(name)),
    }
    if verb not in operations:
        near = get_close_matches(str(verb), operations, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        known = ", ".join(operations)
        raise FilterError(f"no operation {verb!r} in the filter on {name!r}.{hint} Known: {known}")
    return operations[verb]()


def _listed(name: str, value: Any) -> list[Any]:
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    raise FilterError(f"got {value!r} for 'in' on {name!r}; expected a list of values")
