r"""Filters as SQL of PostgreSQL with parameters; text is compared by code points, which the columns see to.

>>> layout, statement = Layout(0, 0, 0, pa.schema([("text", pa.string())]), {}), Statement()
>>> to_sql(Contains("text", "it's"), layout, statement), statement.values
('strpos(i."text", $1::text) > 0', ["it's"])
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa

from firth.stores.filters import (
    And,
    Compare,
    Contains,
    Filter,
    Has,
    In,
    IsNull,
    Like,
    Not,
    Operator,
    Or,
    Value,
    escaped,
)
from firth.stores.postgres.kinds import kind_of
from firth.stores.postgres.layout import Layout

__all__ = ["BEGINNING", "Statement", "to_sql"]

BEGINNING = 200
"""Characters of a text that its index holds; whole texts may be longer than an index can hold."""

_UP_TO_THE_CUT: dict[Operator, str] = {"<": "<=", "<=": "<=", ">": ">", ">=": ">"}


class Statement:
    """The parameters of a statement, in the order in which its text came to name them."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        """``$1``, ``$2``, ... for a value."""
        self.values.append(value)
        return f"${len(self.values)}"


def to_sql(where: Filter, layout: Layout, statement: Statement) -> str:
    """The filter as a condition on ``items i``, true, false or null as `firth.stores.filters` says.

    Args:
        where: The filter; its columns are there.
        layout: Of the collection.
        statement: Takes the values.
    """
    match where:
        case And(operands) | Or(operands):
            word = " and " if isinstance(where, And) else " or "
            parts = [to_sql(operand, layout, statement) for operand in operands]
            return f"({word.join(parts)})" if parts else str(isinstance(where, And)).lower()
        case Not(operand):
            return f"(not {to_sql(operand, layout, statement)})"
    column, kind = f"i.{layout.column(where.column)}", layout.schema.field(where.column).type
    match where:
        case Compare(_, operator, value):
            return _compare(column, operator, value, kind, statement)
        case In(_, values):
            return _among(column, values, kind, statement)
        case IsNull():
            return f"({column} is null)"
        case Like(_, text) | Contains(_, text) | Has(_, text) if _has_nul(text):
            return _never(column)
        case Like(_, pattern):
            return f"({column} like {statement.add(escaped(pattern))}::text)"
        case Contains(_, value):
            return f"strpos({column}, {statement.add(value)}::text) > 0"
        case Has(_, value):
            return f"({column} @> array[{statement.add(value)}::text])"


def _compare(column: str, operator: Operator, value: Value, kind: pa.DataType, statement: Statement) -> str:
    if isinstance(value, str) and _has_nul(value):
        return _beside_nul(column, operator, value, statement)
    if pa.types.is_integer(kind) and isinstance(value, int | float) and not _is_bigint(value):
        exact = statement.add(str(Decimal(value)))  # as a float8 the column would lose its last digits
        return f"({column} {operator} {exact}::numeric)"
    given = f"{statement.add(value)}::{kind_of(kind)}"
    if operator == "=" and isinstance(value, str):  # the second half is for the index
        return f"({column} = {given} and left({column}, {BEGINNING}) = left({given}, {BEGINNING}))"
    return f"({column} {operator} {given})"


def _among(column: str, values: tuple[Value, ...], kind: pa.DataType, statement: Statement) -> str:
    possible = [value for value in values if not _has_nul(value)]
    if values and not possible:
        return _never(column)
    given = f"{statement.add(possible)}::{kind_of(kind)}[]"
    if not pa.types.is_string(kind):
        return f"({column} = any({given}))"
    beginnings = f"{statement.add([str(value)[:BEGINNING] for value in possible])}::text[]"
    return f"({column} = any({given}) and left({column}, {BEGINNING}) = any({beginnings}))"


def _beside_nul(column: str, operator: Operator, value: str, statement: Statement) -> str:
    """No text of PostgreSQL holds U+0000: all are either up to the cut before it, or beyond the value."""
    if operator in ("=", "!="):
        return _never(column) if operator == "=" else f"({column} = {column})"
    cut = value.partition("\0")[0]
    return f"({column} {_UP_TO_THE_CUT[operator]} {statement.add(cut)}::text)"


def _is_bigint(value: float) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _never(column: str) -> str:
    """False, or null where there is no value."""
    return f"({column} <> {column})"


def _has_nul(value: Value) -> bool:
    return isinstance(value, str) and "\0" in value
