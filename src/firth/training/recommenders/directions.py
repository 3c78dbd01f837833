"""The directions in which a matrix varies most: a truncated singular value decomposition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firth.data.sparse import Sparse
from firth.types import FloatArray

__all__ = ["Directions", "directions"]

SPARE = 16
PASSES = 3


@dataclass(frozen=True, eq=False)
class Directions:
    """Right singular vectors of a matrix ``(r, c)``.

    Attributes:
        values: ``(d,)`` singular values, the largest first.
        vectors: ``(c, d)``, each column of unit length, its largest number positive.
    """

    values: FloatArray
    vectors: FloatArray


def directions(matrix: Sparse, dim: int, *, seed: int = 0) -> Directions:
    """The first ``dim`` of them, or as many as there are.

    By random projection and a few passes over the matrix (Halko, Martinsson, Tropp 2011, doi:10.1137/090771806).

    >>> matrix = Sparse.of([0, 1], [0, 1], [1.0, 3.0], shape=(2, 2))
    >>> found = directions(matrix, 1)
    >>> found.values.round(3).tolist(), abs(found.vectors).round(3).tolist()
    ([3.0], [[0.0], [1.0]])
    """
    rng = np.random.default_rng(seed)
    width = min(dim + SPARE, min(matrix.shape))
    basis = rng.standard_normal((matrix.shape[1], width), np.float32)
    for _ in range(PASSES):
        basis = np.linalg.qr(matrix.transposed @ (matrix @ basis))[0]
    image = (matrix @ basis).astype(np.float64)
    squares, turns = np.linalg.eigh(image.T @ image)
    kept = np.argsort(-squares)[:dim]
    values = np.sqrt(np.maximum(squares[kept], 0)).astype(np.float32)
    return Directions(values, _signed(basis @ turns[:, kept].astype(np.float32)))


def _signed(vectors: FloatArray) -> FloatArray:
    """Each direction turned so that its largest number is positive, so that the same data give the same vectors."""
    largest = vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])]
    return np.asarray(vectors * np.where(largest < 0, -1, 1).astype(np.float32))
