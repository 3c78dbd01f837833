"""The seam behind which models of interactions stand."""

from __future__ import annotations

from typing import Protocol, Self

from firth.data.sparse import Sparse
from firth.types import FloatArray

__all__ = ["Recommender"]


class Recommender(Protocol):
    """Learns from who took what, and scores all items for anyone of whom something is known."""

    name: str

    def fit(self, matrix: Sparse) -> Self:
        """Learn from users by items, ``(users, items)`` of ones."""
        ...

    def scores(self, rows: Sparse) -> FloatArray:
        """Scores ``(people, items)`` for people who took these items, higher is better; people may be new."""
        ...
