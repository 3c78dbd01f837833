"""Matrices that are mostly zeros, row by row, in numpy alone: as much as learning from interactions needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from firth.kernel.threads import parts
from firth.types import FloatArray

__all__ = ["IntArray", "Sparse"]

IntArray = npt.NDArray[np.int32]

BLOCK = 1 << 17
"""Numbers multiplied at once: half a MiB, which stays in a core's cache."""
WIDE = 8
"""From how many columns on rows of the same length are multiplied together."""
LEAST_BLOCKS = 64
"""Below so many, another thread is not worth its while."""


@dataclass(frozen=True, eq=False)
class Sparse:
    """A matrix ``(r, c)`` in compressed sparse rows.

    >>> matrix = Sparse.of([0, 1, 1], [2, 0, 2], [1.0, 2.0, 3.0], shape=(2, 3))
    >>> (matrix @ np.eye(3, dtype=np.float32)).tolist()
    [[0.0, 0.0, 1.0], [2.0, 0.0, 3.0]]
    >>> matrix.transposed.shape
    (3, 2)

    Attributes:
        starts: ``(r + 1,)``: row i stands at ``starts[i]:starts[i + 1]`` of the other two.
        columns: The column of each value.
        values: The values.
        shape: ``(r, c)``.
    """

    starts: npt.NDArray[np.int64]
    columns: IntArray
    values: FloatArray
    shape: tuple[int, int]

    @staticmethod
    def of(
        rows: npt.ArrayLike, columns: npt.ArrayLike, values: npt.ArrayLike, *, shape: tuple[int, int]
    ) -> Sparse:
        """From places and values; no place may come twice."""
        rows, columns = np.asarray(rows, np.int64), np.asarray(columns, np.int32)
        order = np.argsort(rows * shape[1] + columns, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=shape[0]))])
        return Sparse(starts, columns[order], np.asarray(values, np.float32)[order], shape)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many values each row has, ``(r,)``."""
        return np.diff(self.starts)

    @cached_property
    def rows(self) -> IntArray:
        """The row of each value."""
        return np.repeat(np.arange(self.shape[0], dtype=np.int32), self.counts)

    @cached_property
    def keys(self) -> npt.NDArray[np.int64]:
        """The place of each value as one number, row * c + column; they grow."""
        return self.rows.astype(np.int64) * self.shape[1] + self.columns

    @cached_property
    def transposed(self) -> Sparse:
        """Rows and columns exchanged."""
        return Sparse.of(self.columns, self.rows, self.values, shape=self.shape[::-1])

    def with_values(self, values: FloatArray) -> Sparse:
        """Other values at the same places."""
        return Sparse(self.starts, self.columns, values, self.shape)

    def taken(self, rows: npt.NDArray[np.integer]) -> Sparse:
        """Some rows, in the order asked for."""
        counts = self.counts[rows]
        starts = np.concatenate([[0], np.cumsum(counts)])
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], counts)
        return Sparse(starts, self.columns[places], self.values[places], (len(rows), self.shape[1]))

    def __matmul__(self, dense: FloatArray) -> FloatArray:
        """The product with ``(c, d)``, ``(r, d)``."""
        if dense.shape[1] < WIDE:
            return self._narrow(dense)
        product = np.zeros((self.shape[0], dense.shape[1]), np.float32)
        blocks = list(self._blocks(dense.shape[1]))

        def work(first: int, last: int) -> None:
            for count, rows in blocks[first:last]:
                places = self.starts[rows][:, None] + np.arange(count)
                terms = dense.take(self.columns.take(places), axis=0)  # take: several times as fast as [...]
                product[rows] = np.matmul(self.values.take(places)[:, None, :], terms)[:, 0]

        parts(len(blocks), work, least=LEAST_BLOCKS)
        return product

    def _narrow(self, dense: FloatArray) -> FloatArray:
        """The same in one go, which is faster for few columns."""
        product = np.zeros((self.shape[0], dense.shape[1]), np.float32)
        there = np.flatnonzero(self.counts)
        if len(there):
            terms = dense.take(self.columns, axis=0) * self.values[:, None]
            product[there] = np.add.reduceat(terms, self.starts[:-1][there])
        return product

    def dense(self) -> FloatArray:
        """All of it, zeros too."""
        whole = np.zeros(self.shape, np.float32)
        whole[self.rows, self.columns] = self.values
        return whole

    @cached_property
    def _alike(self) -> list[npt.NDArray[np.int64]]:
        """The rows of each count above 0: rows as long as each other are one product of arrays."""
        order = np.argsort(self.counts, kind="stable")
        _, first = np.unique(self.counts[order], return_index=True)
        return [rows for rows in np.split(order, first[1:]) if len(rows) and self.counts[rows[0]]]

    def _blocks(self, width: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """A count, and rows that have it, whose values times ``width`` are about `BLOCK` numbers."""
        for rows in self._alike:
            count = int(self.counts[rows[0]])
            step = max(1, BLOCK // (count * max(width, 1)))
            for first in range(0, len(rows), step):
                yield count, rows[first : first + step]
