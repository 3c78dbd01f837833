"""Vectors of items: the directions in which what people took together varies most, each counted alike."""

from __future__ import annotations

from typing import Self

import numpy as np

from firth.data.sparse import Sparse
from firth.search.ridge import Ridge
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["Spectral"]

SPARE = 16
PASSES = 3


class Spectral:
    """Unit vectors of items from a truncated singular value decomposition, the singular values left out.

    The decomposition is of the normalised matrix of `firth.search.ridge`, by random projection and a few passes over
    it (Halko, Martinsson, Tropp 2011, doi:10.1137/090771806). Without the singular values, which measure how many
    people share a taste, what few people share counts as much as what many do; items near each other are then
    those of one series or one author, not those of one century.

    Args:
        dim: How wide the vectors are.
        power: A cosine's power when the items near several are summed up: how much the nearest one decides.
        seed: Where chance comes from.
    """

    def __init__(self, *, dim: int = 128, power: int = 2, seed: int = 0) -> None:
        self.dim, self.power, self.seed = dim, power, seed
        self.name = f"vectors {dim}"

    def fit(self, matrix: Sparse) -> Self:
        """Decompose."""
        normalised = Ridge(matrix, smoothing=0).normalised
        rng = np.random.default_rng(self.seed)
        width = min(self.dim + SPARE, min(matrix.shape))
        basis = rng.standard_normal((matrix.shape[1], width), np.float32)
        for _ in range(PASSES):
            basis = np.linalg.qr(normalised.transposed @ (normalised @ basis))[0]
        image = (normalised @ basis).astype(np.float64)
        values, turns = np.linalg.eigh(image.T @ image)
        kept = turns[:, np.argsort(-values)[: self.dim]].astype(np.float32)
        self.item_vectors_ = self._wide(normalize(_signed(basis @ kept)))
        return self

    def _wide(self, vectors: FloatArray) -> FloatArray:
        """As wide as asked, with zeros where there are fewer directions than that."""
        return np.asarray(np.pad(vectors, ((0, 0), (0, self.dim - vectors.shape[1]))))

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``: the sum over what was taken of each cosine, where it is positive, to the power."""
        near = self.item_vectors_ @ self.item_vectors_.T
        return rows @ np.asarray(np.maximum(near, 0) ** self.power, np.float32)


def _signed(vectors: FloatArray) -> FloatArray:
    """Each direction turned so that its largest number is positive, so that the same data give the same vectors."""
    largest = vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])]
    return np.asarray(vectors * np.where(largest < 0, -1, 1).astype(np.float32))
