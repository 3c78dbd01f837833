"""Filters over Arrow tables: true, false or null for every row."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from firth.stores.filters import And, Compare, Contains, Filter, Has, In, IsNull, Like, Not, Or

__all__ = ["Chosen", "passing", "to_mask"]

_COMPARE = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


def passing(where: Filter | None, table: pa.Table) -> pa.Table:
    """The rows for which the filter is true."""
    return table if where is None else table.filter(to_mask(where, table), null_selection_behavior="drop")


@dataclass(frozen=True)
class Chosen:
    """Which rows of a table may be found.

    Attributes:
        bits: ``(ceil(n / 8),)`` a bit a row, the lowest of a byte first; None for all.
        count: How many.
    """

    bits: npt.NDArray[np.uint8] | None
    count: int

    @staticmethod
    def of(where: Filter | None, table: pa.Table) -> Chosen:
        """Those for which the filter is true.

        >>> table = pa.table({"f_year": [1999, 2020, None]})
        >>> Chosen.of(Compare("f_year", ">", 2000), table)
        Chosen(bits=array([2], dtype=uint8), count=1)
        """
        if where is None:
            return Chosen(None, len(table))
        mask = to_mask(where, table).fill_null(False)
        if mask.offset:
            mask = pa.concat_arrays([mask, pa.array([], pa.bool_())])
        bits = np.frombuffer(mask.buffers()[1], np.uint8)[: -(-len(table) // 8)] if len(table) else None
        return Chosen(bits, mask.true_count)

    def places(self, n: int) -> npt.NDArray[np.int64]:
        """The rows' places among ``n``."""
        if self.bits is None:
            return np.arange(n)
        return np.flatnonzero(np.unpackbits(self.bits, count=n, bitorder="little"))


def to_mask(where: Filter, table: pa.Table) -> pa.BooleanArray:
    """One truth value a row, null where it is unknown (SQL's three-valued logic).

    Args:
        where: The filter; its columns must be in the table.
        table: ``(n,)`` rows.

    >>> table = pa.table({"f_year": [1999, 2020, None]})
    >>> to_mask(Not(Compare("f_year", ">", 2000)), table).to_pylist()
    [True, False, None]
    """
    match where:
        case And(operands):
            masks = (to_mask(operand, table) for operand in operands)
            return functools.reduce(pc.and_kleene, masks, pa.array(np.ones(len(table), bool)))
        case Or(operands):
            masks = (to_mask(operand, table) for operand in operands)
            return functools.reduce(pc.or_kleene, masks, pa.array(np.zeros(len(table), bool)))
        case Not(operand):
            return pc.invert(to_mask(operand, table))
    column = table[where.column].combine_chunks()
    match where:
        case Compare(_, operator, value):
            if isinstance(value, float):  # integers beyond 2**53 round, as they do in Lance
                column = column.cast(pa.float64(), safe=False)
            return _COMPARE[operator](column, pa.scalar(value))
        case In(_, values):
            found = pc.is_in(column, value_set=pa.array(values, column.type))
            return pc.if_else(column.is_null(), None, found) if values else found
        case Like(_, pattern):
            return pc.match_substring_regex(column, _regex(pattern))
        case Contains(_, value):
            return pc.match_substring(column, value)
        case Has(_, value):
            return _has(column, value)
        case IsNull():
            return column.is_null()


def _has(lists: pa.ListArray, value: str) -> pa.BooleanArray:
    found = np.zeros(len(lists), bool)
    here = pc.fill_null(pc.equal(lists.flatten(), value), False)
    found[pc.list_parent_indices(lists).filter(here).to_numpy()] = True
    return pa.array(found, mask=lists.is_null().to_numpy(zero_copy_only=False))


def _regex(pattern: str) -> str:
    r"""The regular expression of a LIKE pattern.

    >>> _regex("100\\% 魔_"), _regex("%a.b%")
    ('(?s)\\A100%\\ 魔.\\z', '(?s)\\A.*a\\.b.*\\z')
    """
    pieces = re.findall(r"\\[%_\\]|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    quoted = (wild.get(piece) or re.escape(piece[-1]) for piece in pieces)
    return rf"(?s)\A{''.join(quoted)}\z"
