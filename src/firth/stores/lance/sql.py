"""Filters as DataFusion SQL, the only SQL that reaches the engine; names are quoted, literals escaped and typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
    Or,
    Value,
    escaped,
)

__all__ = ["both", "holds_any", "is_among", "to_sql"]

_OPPOSITE = {"=": "<>", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def to_sql(where: Filter, *, negated: bool = False) -> str:
    """The filter as SQL.

    A `Not` is carried inward to the comparisons (De Morgan's laws hold in three-valued logic too): the engine's
    parser takes exponential time for nested ``NOT (``.

    >>> to_sql(Not(And((Compare("f_年份", ">", 2000), Like("text", "it's%")))))
    "(`f_年份` <= 2000 OR `text` NOT LIKE 'it''s%')"
    """
    match where:
        case And(operands) | Or(operands):
            word = " AND " if isinstance(where, And) != negated else " OR "
            parts = [to_sql(operand, negated=negated) for operand in operands]
            return f"({word.join(parts)})" if parts else _truth(isinstance(where, And) != negated)
        case Not(operand):
            return to_sql(operand, negated=not negated)
    column, no = _name(where.column), "NOT " if negated else ""
    match where:
        case Compare(_, operator, value):
            return _compare(column, _OPPOSITE[operator] if negated else operator, value)
        case In(_, ()):
            return _truth(negated)
        case In(_, values):
            among = f"{column} {no}IN ({', '.join(map(_literal, values))})"
            # DataFusion folds `x NOT IN (0) OR x NOT IN (1)` to true, for a null x too
            return f"({column} IS NOT NULL AND {among})" if negated else among
        case Like(_, pattern):
            return f"{column} {no}LIKE {_literal(escaped(pattern))}"
        case Contains(_, value):
            return f"{no}contains({column}, {_literal(value)})"
        case Has(_, value):
            return f"{no}array_has({column}, {_literal(value)})"
        case IsNull():
            return f"{column} IS {no}NULL"


def is_among(column: str, values: Sequence[str]) -> str:
    """``column IN (...)``; false for no values."""
    return to_sql(In(column, tuple(values)))


def holds_any(column: str, words: Sequence[str]) -> str:
    """Whether a text, words with blanks between, has any of some words.

    >>> holds_any("terms", ["it's"])
    "array_has_any(string_to_array(`terms`, ' '), make_array('it''s'))"
    """
    return (
        f"array_has_any(string_to_array({_name(column)}, ' '), make_array({', '.join(map(_literal, words))}))"
    )


def both(*conditions: str | Filter | None) -> str | None:
    """All of the conditions that are given, as SQL; None where none is."""
    given = [one if isinstance(one, str) else to_sql(one) for one in conditions if one is not None]
    return " AND ".join(f"({condition})" for condition in given) or None


def _compare(column: str, operator: str, value: Value) -> str:
    sql = "<>" if operator == "!=" else operator
    if isinstance(value, float):  # the column may be an integer one, which takes no float literals
        column = f"CAST({column} AS DOUBLE)"
    return f"{column} {sql} {_literal(value)}"


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return _truth(value)
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def _name(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _truth(value: bool) -> str:
    return "true" if value else "false"
