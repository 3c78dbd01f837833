"""What a model must beat: the most popular items, and items that the same people took."""

from __future__ import annotations

from typing import Self

import numpy as np

from firth.data.sparse import Sparse
from firth.types import FloatArray

__all__ = ["ItemCosine", "Popular"]

PEOPLE = 128


class Popular:
    """The same for everyone: how many users took an item."""

    name = "popular"

    def fit(self, matrix: Sparse) -> Self:
        """Count."""
        self.taken_ = np.asarray(matrix.transposed.counts, np.float32)
        return self

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``."""
        return np.tile(self.taken_, (rows.shape[0], 1))


class ItemCosine:
    """The sum of the cosines of an item's users with those of each item taken (Sarwar et al. 2001)."""

    name = "item-cosine"

    def fit(self, matrix: Sparse) -> Self:
        """Divide each item's column by its length."""
        length = np.sqrt(np.maximum(matrix.transposed.counts, 1)).astype(np.float32)
        self.columns_ = matrix.with_values(matrix.values / length[matrix.columns])
        return self

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``; what was taken also counts for itself, which matters to nobody who leaves it out."""
        found = np.empty(rows.shape, np.float32)
        for first in range(0, rows.shape[0], PEOPLE):
            some = rows.taken(np.arange(first, min(first + PEOPLE, rows.shape[0])))
            found[first : first + PEOPLE] = (self.columns_.transposed @ (self.columns_ @ some.dense().T)).T
        return found
