"""Vectors of items: the directions in which what people took together varies most, each counted alike."""

from __future__ import annotations

from typing import Self

from firth.data.sparse import Sparse
from firth.search.ridge import Ridge
from firth.similarity import normalize
from firth.training.recommenders.directions import directions
from firth.training.recommenders.nearness import near_taken, widened
from firth.types import FloatArray

__all__ = ["Spectral"]


class Spectral:
    """Unit vectors of items from a truncated singular value decomposition, the singular values left out.

    The decomposition is of the normalised matrix of `firth.search.ridge`. Without the singular values, which measure
    how many people share a taste, what few people share counts as much as what many do; items near each other are
    then those of one series or one author, not those of one century.

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
        found = directions(normalised, self.dim, seed=self.seed)
        self.item_vectors_: FloatArray = widened(normalize(found.vectors), self.dim)
        return self

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``: the sum over what was taken of each cosine, where it is positive, to the power."""
        return near_taken(rows, self.item_vectors_, power=self.power)
