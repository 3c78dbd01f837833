"""What people took together, as a filter: from what one took to scores for everything else, with nothing stored.

A linear autoencoder with a ridge penalty, the family of EASE (Steck 2019, doi:10.1145/3308558.3313710), on the
normalised matrix A = U^-1/4 X (I + smoothing)^-1/2 of users by items (U: items of each user, I: weighted users of each
item; the smoothing keeps what two or three people took from counting as much as what hundreds did)::

    scores = (A'A + penalty)^-1 A'A x'    with x' = (I + smoothing)^-1/2 x,    times (users of the item) ** popularity

EASE inverts a matrix of items by items. The normalised one has its eigenvalues near the penalty, so a few steps of
conjugate gradients (Hestenes and Stiefel 1952) give the same answer for one person in milliseconds, for any number of
items, and a person who was not there before is answered like any other. EASE's zero diagonal only matters for what
was taken already, and its other effect, a scale for each item, is the power of popularity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from firth.data.sparse import Sparse
from firth.types import FloatArray

__all__ = ["Ridge"]

STEPS = 10
CLOSE = 1e-3
"""Solved when what is left is this share of what was asked."""
USERS_POWER = -0.25
COLUMNS = 128
"""How many people are answered at once."""


@dataclass(frozen=True)
class Ridge:
    """Scores for items from what was taken.

    Attributes:
        matrix: Who took what, ``(users, items)`` of ones.
        penalty: How much a thing shared by few counts as chance; large ones make it the cosine of items.
        popularity: The power of an item's number of users that its score is multiplied with.
        smoothing: Added to the weighted number of users of each item.
    """

    matrix: Sparse
    penalty: float = 1.0
    popularity: float = 0.25
    smoothing: float = 20.0

    @cached_property
    def taken(self) -> FloatArray:
        """How many users took each item, ``(items,)``."""
        return np.asarray(self.matrix.transposed.counts, np.float32)

    @cached_property
    def scale(self) -> FloatArray:
        """(I + smoothing)^-1/2, ``(items,)``; 0 for an item that nobody took."""
        weights = np.maximum(self.matrix.counts, 1).astype(np.float32) ** (2 * USERS_POWER)
        total = np.bincount(self.matrix.columns, weights[self.matrix.rows], self.matrix.shape[1])
        return np.where(total > 0, np.maximum(total + self.smoothing, 1e-12) ** -0.5, 0).astype(np.float32)

    @cached_property
    def normalised(self) -> Sparse:
        """A, ``(users, items)``."""
        of_users = np.maximum(self.matrix.counts, 1).astype(np.float32) ** USERS_POWER
        values = self.matrix.values * of_users[self.matrix.rows] * self.scale[self.matrix.columns]
        return self.matrix.with_values(values)

    def scores(self, rows: Sparse) -> FloatArray:
        """Scores of all items for people of whom this is known, ``(people, items)``; what they took has no score.

        Args:
            rows: People by items: 1 for taken, less than 0 for unwanted.
        """
        found = np.empty(rows.shape, np.float32)
        for first in range(0, rows.shape[0], COLUMNS):
            some = rows.taken(np.arange(first, min(first + COLUMNS, rows.shape[0])))
            found[first : first + COLUMNS] = self.answers(some.dense() * self.scale).T
        found *= np.maximum(self.taken, 1) ** np.float32(self.popularity)
        return found

    def contributions(self, targets: list[int], taken: list[int]) -> FloatArray:
        """What each thing taken adds to the score of each target, ``(targets, taken)``; popularity left aside."""
        asked = np.zeros((len(targets), self.matrix.shape[1]), np.float32)
        asked[np.arange(len(targets)), targets] = 1
        return np.asarray(self.answers(asked)[taken].T * self.scale[taken])

    def answers(self, asked: FloatArray) -> FloatArray:
        """(A'A + penalty)^-1 A'A x for each row x of ``(people, items)``, as columns ``(items, people)``.

        It equals x - penalty (A'A + penalty)^-1 x, and that is solved.
        """
        wanted = np.ascontiguousarray(asked.T)
        solution = np.zeros_like(wanted)
        left = wanted.copy()
        direction = left.copy()
        size = start = (left**2).sum(0)
        for _ in range(STEPS):
            moved = self._gram(direction)
            step = size / np.maximum((direction * moved).sum(0), 1e-30)
            solution += step * direction
            left -= step * moved
            before, size = size, (left**2).sum(0)
            if (size <= CLOSE**2 * start).all():
                break
            direction = left + size / np.maximum(before, 1e-30) * direction
        return np.asarray(wanted - self.penalty * solution)

    def _gram(self, columns: FloatArray) -> FloatArray:
        """(A'A + penalty) times ``(items, people)``."""
        return self.normalised.transposed @ (self.normalised @ columns) + self.penalty * columns
