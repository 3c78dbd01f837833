"""What a filter is: a small tree over columns, which every store compiles to its own kind of query.

Three-valued logic, as in SQL: a comparison with a missing value is neither true nor false, `Not` leaves it so,
and a row passes only where the whole tree is true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

__all__ = [
    "And",
    "Compare",
    "Contains",
    "Filter",
    "Has",
    "In",
    "IsNull",
    "Like",
    "Not",
    "Operator",
    "Or",
    "Value",
    "columns_of",
    "escaped",
]

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
Value: TypeAlias = str | int | float | bool | datetime
"""A literal, already of its column's type; a float beside an integer column stays a float."""


@dataclass(frozen=True, slots=True)
class Compare:
    """``column operator value``."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """The column's value is one of ``values``."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Like:
    r"""The text matches the pattern: ``%`` any characters, ``_`` one; a backslash before them means themselves."""

    column: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Contains:
    """``value`` stands somewhere in the text."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Has:
    """``value`` is one of the members of a list column."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class IsNull:
    """The row has no value there."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; what is unknown stays unknown."""

    operand: Filter


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    operands: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    operands: tuple[Filter, ...]


Filter: TypeAlias = Compare | In | Like | Contains | Has | IsNull | Not | And | Or


def columns_of(where: Filter) -> set[str]:
    """The columns that a filter looks at.

    >>> sorted(columns_of(And((Compare("f_year", ">", 2000), Not(IsNull("f_語言"))))))
    ['f_year', 'f_語言']
    """
    match where:
        case And(operands) | Or(operands):
            return {column for operand in operands for column in columns_of(operand)}
        case Not(operand):
            return columns_of(operand)
    return {where.column}


def escaped(pattern: str) -> str:
    r"""A LIKE pattern with every backslash that escapes nothing doubled, as SQL wants it.

    >>> escaped(r"a\b\%")
    'a\\\\b\\%'
    """
    return re.sub(r"\\[%_\\]|\\", lambda match: match[0] if len(match[0]) == 2 else "\\\\", pattern)
