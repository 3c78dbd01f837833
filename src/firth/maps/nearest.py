"""Which rows of a matrix are nearest: scores by one matrix product, and the best of many scores quickly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import DimensionError, InputError
from firth.similarity import Metric, normalize
from firth.types import FloatArray

__all__ = ["Points", "best", "in_blocks"]

Rows = npt.NDArray[np.int64]

MEMORY = 64 * 2**20
"""Bytes of one block of scores."""
STRIDE = 32
"""Scores of which only the largest is looked at first."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Vectors made ready, so that a matrix product tells which are near: more is nearer, for either metric.

    Attributes:
        vectors: ``(n, d)``: of unit length for the cosine, centred for the Euclidean distance.
        halves: ``(n,)``: what is taken from each column's product: 0, or half the squared length.
        metric: ``COSINE`` or ``EUCLIDEAN``.
    """

    vectors: FloatArray
    halves: FloatArray
    metric: Metric

    @staticmethod
    def of(vectors: npt.ArrayLike, metric: Metric = Metric.COSINE) -> Points:
        """Make vectors ``(n, d)`` ready.

        Raises:
            InputError: The metric is the dot product, by which an item need not be nearest to itself.
            DimensionError: The vectors are no matrix, or hold NaN or infinity.
        """
        if metric is Metric.DOT:
            raise InputError("got metric 'dot'; a map needs 'cosine' or 'euclidean'")
        array = np.asarray(vectors, np.float32)
        if array.ndim != 2 or not array.shape[1]:
            raise DimensionError(f"got an array of shape {array.shape}; expected vectors (n, d)")
        if not np.isfinite(array).all():
            bad = int(np.flatnonzero(~np.isfinite(array).all(1))[0])
            raise DimensionError(
                f"row {bad} holds NaN or infinity; expected finite numbers. Next: leave it out"
            )
        if metric is Metric.EUCLIDEAN and len(array):
            array = array - array.mean(0)  # nearer to zero, float32 has more digits for small distances
        return Points.ready(array, metric)

    @staticmethod
    def ready(vectors: FloatArray, metric: Metric) -> Points:
        """Points of vectors that are in place already, such as the means of others."""
        if metric is Metric.COSINE:
            return Points(normalize(vectors), np.zeros(len(vectors), np.float32), metric)
        return Points(vectors, np.einsum("nd,nd->n", vectors, vectors) / 2, metric)

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: Rows) -> Points:
        """Only some rows."""
        return Points(self.vectors[rows], self.halves[rows], self.metric)

    def scores(self, rows: Rows, columns: Rows | None = None) -> FloatArray:
        """How near rows are to columns (by default to all), ``(r, c)``; comparable within a row."""
        return self.take(rows).scores_of(self if columns is None else self.take(columns))

    def scores_of(self, others: Points) -> FloatArray:
        """How near all are to other points, ``(n, m)``; comparable within a row."""
        product = self.vectors @ others.vectors.T
        if self.metric is Metric.EUCLIDEAN:
            product -= others.halves
        return np.asarray(product)

    def distances(self, scores: FloatArray, rows: Rows | None = None) -> FloatArray:
        """Scores ``(r, c)`` of rows (by default of all) as distances: 1 - cosine, or Euclidean."""
        if self.metric is Metric.COSINE:
            return np.asarray(np.maximum(1 - scores, 0))
        halves = self.halves if rows is None else self.halves[rows]
        return np.asarray(np.sqrt(np.maximum(2 * (halves[:, None] - scores), 0)))


def in_blocks(n: int, width: int) -> Iterator[Rows]:
    """The rows 0..n in blocks, so that a block of scores against ``width`` columns stays within `MEMORY`.

    >>> [len(rows) for rows in in_blocks(5000, 10_000)]
    [1677, 1677, 1646]
    """
    size = max(1, MEMORY // (4 * max(width, 1)))
    for start in range(0, n, size):
        yield np.arange(start, min(start + size, n))


def best(scores: FloatArray, k: int) -> tuple[npt.NDArray[np.int32], FloatArray]:
    """The ``k`` largest of each row, largest first: their columns and their scores, each ``(r, k)``.

    Exact: the k largest lie in the k groups of columns with the largest maxima, so that only those need to be
    sorted; on wide rows this is five times as fast as a partition of everything.

    >>> best(np.array([[0.1, 0.9, 0.5]], np.float32), 2)[0].tolist()
    [[1, 2]]
    """
    width = scores.shape[1] // STRIDE
    if width < 4 * k:
        columns = np.argpartition(scores, scores.shape[1] - k, axis=1)[:, scores.shape[1] - k :]
    else:
        columns = _candidates(scores, k, width)
        values = np.take_along_axis(scores, columns, 1)
        columns = np.take_along_axis(columns, np.argpartition(values, -k, axis=1)[:, -k:], 1)
    columns = np.sort(columns, axis=1)  # equal scores in order of their columns, on any machine
    values = np.take_along_axis(scores, columns, 1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(columns, order, 1).astype(np.int32), np.take_along_axis(values, order, 1)


def _candidates(scores: FloatArray, k: int, width: int) -> Rows:
    """Columns among which the ``k`` largest of each row are; group g holds g, g + width, g + 2 width, ..."""
    rows, total = scores.shape
    maxima = scores[:, : STRIDE * width].reshape(rows, STRIDE, width).max(1)
    groups = np.argpartition(maxima, width - k, axis=1)[:, width - k :]
    inside = (groups[:, :, None] + width * np.arange(STRIDE)).reshape(rows, -1)
    rest = np.broadcast_to(np.arange(STRIDE * width, total), (rows, total - STRIDE * width))
    return np.concatenate([inside, rest], axis=1)
