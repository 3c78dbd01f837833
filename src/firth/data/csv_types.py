"""Are the cells of this CSV column numbers? Only if nothing of what is written there is lost.

A column is ``int`` or ``float`` if *every* cell that is not empty can be had back from the number. One
leading zero (a bar code), one trailing zero that others lack (a version, ``1.10`` beside ``1.9``), one digit
more than a float can carry, and the whole column stays text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from firth.data.cells import INT64, merge
from firth.data.tables import Kind

__all__ = ["FROM_TEXT", "ColumnType"]

EXACT_DIGITS = 15
"""Any decimal of so many significant digits survives the way into a float64 and back."""

INTEGER = re.compile(r"-?[1-9][0-9]*|0")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE][+-][0-9]+)?")
BOOLEANS = frozenset(("true", "false"))


class ColumnType:
    """What the cells seen so far have in common.

    >>> column = ColumnType()
    >>> for cell in ["1", "", "2.5"]:
    ...     column.see(cell)
    >>> column.kind
    <Kind.FLOAT: 'float'>
    >>> column.see("007")
    >>> column.kind
    <Kind.TEXT: 'text'>
    """

    def __init__(self) -> None:
        self._kind: Kind | None = None
        self._long = False  # an integer that float cannot carry
        self._padded = False  # a decimal with a zero at its end
        self._places: set[int] = set()  # digits after the point

    @property
    def kind(self) -> Kind:
        """The narrowest kind that fits every cell so far."""
        if self._kind is Kind.FLOAT and (self._long or (self._padded and len(self._places) > 1)):
            return Kind.TEXT
        return self._kind or Kind.TEXT

    @property
    def is_settled(self) -> bool:
        """Whether no further cell can change the kind."""
        return self.kind is Kind.TEXT and self._kind is not None

    def see(self, cell: str) -> None:
        """Take one more cell into account."""
        if not cell or self.is_settled:
            return
        self._kind = merge(self._kind, self._of(cell))

    def _of(self, cell: str) -> Kind:
        if INTEGER.fullmatch(cell):
            digits = len(cell.lstrip("-"))
            self._long = self._long or digits > EXACT_DIGITS
            self._places.add(0)
            return Kind.INT if digits < 20 and int(cell) in INT64 else Kind.TEXT
        lowered = cell.lower()
        if lowered in BOOLEANS:
            return Kind.BOOL
        if lowered == "nan":
            return Kind.FLOAT
        decimal = DECIMAL.fullmatch(cell)
        return Kind.TEXT if decimal is None or cell == "-0" else self._of_decimal(cell, decimal[1] or "")

    def _of_decimal(self, cell: str, places: str) -> Kind:
        digits = re.sub(r"[eE].*|[-.]", "", cell).lstrip("0")
        if not math.isfinite(float(cell)) or (len(digits) > EXACT_DIGITS and repr(float(cell)) != cell):
            return Kind.TEXT
        self._padded = self._padded or (len(places) > 1 and places.endswith("0"))
        self._places.add(len(places))
        return Kind.FLOAT


def _float(cell: str) -> float | None:
    return None if math.isnan(value := float(cell)) else value


FROM_TEXT: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: lambda cell: cell or None,
    Kind.INT: lambda cell: int(cell) if cell else None,
    Kind.FLOAT: lambda cell: _float(cell) if cell else None,
    Kind.BOOL: lambda cell: cell.lower() == "true" if cell else None,
}
"""The field value of a CSV cell; None for an empty one."""
