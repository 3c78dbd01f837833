"""`firth.search.ridge.Ridge` as a model beside others."""

from __future__ import annotations

from typing import Self

from firth.data.sparse import Sparse
from firth.search.ridge import Ridge
from firth.types import FloatArray

__all__ = ["RidgeRecommender"]


class RidgeRecommender:
    """The filter by what people took together; nothing is learned beforehand.

    Args:
        penalty: As in `Ridge`.
        popularity: As in `Ridge`.
        smoothing: As in `Ridge`.
    """

    def __init__(self, *, penalty: float = 1.0, popularity: float = 0.25, smoothing: float = 20.0) -> None:
        self.penalty, self.popularity, self.smoothing = penalty, popularity, smoothing
        self.name = f"ridge {penalty:g}/{smoothing:g}/{popularity:g}"

    def fit(self, matrix: Sparse) -> Self:
        """Keep the matrix."""
        self.ridge_ = Ridge(matrix, self.penalty, self.popularity, self.smoothing)
        return self

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``."""
        return self.ridge_.scores(rows)
