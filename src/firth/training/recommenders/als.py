"""Matrix factorisation of implicit feedback by alternating least squares, in numpy."""

from __future__ import annotations

from typing import Self

import numpy as np

from firth.data.sparse import Sparse
from firth.types import FloatArray

__all__ = ["ALS"]

SMALL = np.float32(0.01)
GATHERED = 1 << 16
"""Vectors gathered at once."""


class ALS:
    """Hu, Koren, Volinsky 2008, doi:10.1109/ICDM.2008.22, each side solved exactly.

    With Y the other side's vectors and Z those of what one took, the solution of ``(Y'Y + alpha Z'Z + penalty) x =
    (1 + alpha) Z'1`` is ``C Z' (I + alpha Z C Z')^-1 (1 + alpha) 1`` with ``C = (Y'Y + penalty)^-1`` for all alike
    (Woodbury): whoever took few things needs a system of that size only.

    Args:
        dim: How wide the vectors are.
        penalty: The ridge penalty.
        alpha: How much surer a pair that is there makes than one that is not.
        passes: How often both sides are solved.
        seed: Where chance comes from.
    """

    def __init__(
        self, *, dim: int = 64, penalty: float = 5.0, alpha: float = 10.0, passes: int = 8, seed: int = 0
    ) -> None:
        self.dim, self.penalty, self.alpha, self.passes, self.seed = dim, penalty, alpha, passes, seed
        self.name = f"als {dim}"

    def fit(self, matrix: Sparse) -> Self:
        """Solve for users and items in turn."""
        rng = np.random.default_rng(self.seed)
        self.item_vectors_: FloatArray = SMALL * rng.standard_normal((matrix.shape[1], self.dim), np.float32)
        for _ in range(self.passes):
            users = self._solved(matrix, self.item_vectors_)
            self.item_vectors_ = self._solved(matrix.transposed, users)
        return self

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``, the dot product of both sides."""
        return np.asarray(self.users(rows) @ self.item_vectors_.T)

    def users(self, rows: Sparse) -> FloatArray:
        """The vectors of people who took these items, ``(people, d)``."""
        return self._solved(rows, self.item_vectors_)

    def _solved(self, rows: Sparse, other: FloatArray) -> FloatArray:
        inverse = np.asarray(np.linalg.inv(other.T @ other + self.penalty * np.eye(self.dim)), np.float32)
        towards: FloatArray = other @ inverse
        found = np.zeros((rows.shape[0], self.dim), np.float32)
        for count in np.unique(rows.counts[rows.counts > 0]):
            same = np.flatnonzero(rows.counts == count)
            step = max(1, GATHERED // int(count))
            for first in range(0, len(same), step):
                some = same[first : first + step]
                places = rows.columns[rows.starts[some][:, None] + np.arange(count)]
                found[some] = self._few(other[places], towards[places], inverse)
        return found

    def _few(self, taken: FloatArray, towards: FloatArray, inverse: FloatArray) -> FloatArray:
        """Vectors of people who took equally many things: ``(people, count, d)`` of these, and the same times C."""
        count = taken.shape[1]
        if count <= self.dim:
            system = self.alpha * (towards @ taken.transpose(0, 2, 1)) + np.eye(count, dtype=np.float32)
            share = np.linalg.solve(system, np.full((len(taken), count, 1), 1 + self.alpha, np.float32))
            return np.asarray((towards.transpose(0, 2, 1) @ share)[..., 0])
        system = self.alpha * (taken.transpose(0, 2, 1) @ taken) + np.linalg.inv(inverse)
        return np.asarray(np.linalg.solve(system, (1 + self.alpha) * taken.sum(1)[..., None])[..., 0])
