"""One cell of a table of interactions: an id, how much, when. What cannot be is a ValueError that says so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from firth.data.cells import is_missing

__all__ = ["id_of", "moment_of", "weight_of"]


def id_of(cell: Any, column: str) -> str:
    """An id as text.

    >>> id_of(12.0, "book"), id_of(" 書12", "book")
    ('12', '書12')
    """
    if is_missing(cell):
        raise ValueError(f"no {column}")
    if isinstance(cell, float) and cell.is_integer():  # how pandas keeps whole numbers beside missing ones
        cell = int(cell)
    return str(cell).strip()


def weight_of(cell: Any, column: str) -> float:
    """A finite number, not negative."""
    try:
        value = float(cell)
    except (TypeError, ValueError):
        raise ValueError(f"{column} is {cell!r}; expected a number") from None
    if not isfinite(value) or value < 0:
        raise ValueError(f"{column} is {cell!r}; expected a finite number, not negative")
    return value


def moment_of(cell: Any, column: str) -> float:
    """Seconds since 1970 of a moment, an ISO date, or a number as it is."""
    try:
        value = _seconds(cell)
    except (TypeError, ValueError):
        raise ValueError(f"{column} is {cell!r}; expected a moment, an ISO date or a number") from None
    if not isfinite(value):
        raise ValueError(f"{column} is {cell!r}; expected a finite number")
    return value


def _seconds(cell: Any) -> float:
    if isinstance(cell, str):
        try:
            return float(cell)
        except ValueError:
            cell = datetime.fromisoformat(cell.strip())
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=UTC)).timestamp()
    return float(cell)
