"""Matrix factorisation that learns the order of two things: what one took stands before what one did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from firth.data.sparse import Sparse
from firth.errors import InputError
from firth.training.skipgram.loss import log_sigmoid, sigmoid
from firth.training.skipgram.vocabulary import Noise
from firth.types import FloatArray

__all__ = ["BPR", "Triples", "bpr_loss", "bpr_slopes"]

BATCH = 4096
DRAWS = 8
"""How often a negative is drawn, anew when it was taken after all; one that still was does not count."""
BEGIN = 0.1
"""How large vectors are at first, times 1 / sqrt(d)."""
TINY = 1e-8

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Triples:
    """Rows of what is learned, for ``b`` steps, each vector with a last number that is the item's bias.

    Attributes:
        users: ``(b, d + 1)``; their last number is 1, and stays.
        taken: ``(b, d + 1)``: items that each took.
        others: ``(b, d + 1)``: items that they did not.
    """

    users: FloatArray
    taken: FloatArray
    others: FloatArray


def bpr_loss(found: Triples, penalty: float = 0.0) -> float:
    """The loss of Rendle et al. 2009 (arXiv:1205.2618), summed over all steps.

    Of the differences x of two scores, and without the user's last number, it is

        -log s(x) + penalty / 2 (|user|^2 + |taken|^2 + |other|^2)        with s(x) = 1 / (1 + exp(-x))

    >>> one = np.ones((1, 3), np.float32)
    >>> round(bpr_loss(Triples(one, one, one)), 4)  # log 2: the order is not known yet
    0.6931
    """
    differences = _differences(found)
    counted = (found.users[:, :-1], found.taken, found.others)
    squares = sum(float((rows.astype(np.float64) ** 2).sum()) for rows in counted)
    return float(-log_sigmoid(differences).sum()) + penalty / 2 * squares


def bpr_slopes(found: Triples, penalty: float = 0.0) -> Triples:
    """The gradient of `bpr_loss` by its vectors; 0 for the user's last number."""
    errors = (sigmoid(_differences(found)) - 1)[:, None]
    users = errors * (found.taken - found.others) + penalty * found.users
    users[:, -1] = 0
    along = errors * found.users
    return Triples(users, along + penalty * found.taken, penalty * found.others - along)


def _differences(found: Triples) -> FloatArray:
    return np.asarray((found.users * (found.taken - found.others)).sum(1))


class BPR:
    """Bayesian personalised ranking by stochastic descent in batches (AdaGrad, Duchi et al. 2011).

    A person who was not there when it learned gets a vector by the same loss, with the items' held still.

    Args:
        dim: How wide the vectors are, without the bias.
        epochs: How often each pair is met, on average.
        rate: The learning rate.
        penalty: The ridge penalty.
        popularity: What was not taken is drawn by its number of users raised to this; 0 draws all alike.
        folding: Steps that place a new person.
        seed: Where chance comes from.
    """

    def __init__(
        self,
        *,
        dim: int = 64,
        epochs: int = 20,
        rate: float = 0.1,
        penalty: float = 0.03,
        popularity: float = 0.5,
        folding: int = 30,
        seed: int = 0,
    ) -> None:
        self.dim, self.epochs, self.rate, self.penalty = dim, epochs, rate, penalty
        self.popularity, self.folding, self.seed = popularity, folding, seed
        self.name = f"bpr {dim}"

    def fit(self, matrix: Sparse) -> Self:
        """Descend.

        Raises:
            InputError: Someone took everything, or there is no pair, so there is no order to learn.
        """
        taken = np.asarray(matrix.transposed.counts, np.float64)
        if not taken.any() or not (matrix.counts < matrix.shape[1]).any():
            raise InputError(
                "nothing was left untaken by anyone, or nothing taken; expected both. Next: use popular"
            )
        rng = np.random.default_rng(self.seed)
        self.noise_ = Noise.of(np.maximum(taken, 1) ** self.popularity)
        users = _Learned.begin(matrix.shape[0], self.dim, rng)
        items = _Learned.begin(matrix.shape[1], self.dim, rng)
        users.rows[:, -1], items.rows[:, -1] = 1, 0
        for _ in range(self.epochs):
            order = rng.permutation(len(matrix.values))
            for first in range(0, len(order), BATCH):
                self._step(matrix, order[first : first + BATCH], users, items, rng)
        self.user_vectors_, self.item_vectors_ = users.rows, items.rows
        return self

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``, the dot product of both sides, the bias added."""
        return np.asarray(self.users(rows) @ self.item_vectors_.T)

    def users(self, rows: Sparse) -> FloatArray:
        """The vectors of people who took these items, ``(people, d + 1)``, the last number 1."""
        rng = np.random.default_rng(self.seed)
        users, items = _Learned.zeros(rows.shape[0], self.dim), _Learned(self.item_vectors_, None)
        users.rows[:, -1] = 1
        order = np.arange(len(rows.values))
        for _ in range(self.folding):
            self._step(rows, order, users, items, rng)
        return users.rows

    def _step(
        self, matrix: Sparse, pairs: Places, users: _Learned, items: _Learned, rng: np.random.Generator
    ) -> None:
        """One step for each of these pairs, all from the same place."""
        who, what = matrix.rows[pairs].astype(np.int64), matrix.columns[pairs].astype(np.int64)
        others = self._untaken(matrix, who, rng)
        there = others >= 0
        who, what, others = who[there], what[there], others[there]
        slopes = bpr_slopes(Triples(users.rows[who], items.rows[what], items.rows[others]), self.penalty)
        users.descend(who, slopes.users, self.rate)
        items.descend(
            np.concatenate([what, others]), np.concatenate([slopes.taken, slopes.others]), self.rate
        )

    def _untaken(self, matrix: Sparse, who: Places, rng: np.random.Generator) -> Places:
        """Something by chance that each of these did not take; -1 where none was found."""
        others = np.empty(len(who), np.int64)
        wrong = np.arange(len(who))
        for _ in range(DRAWS):
            others[wrong] = self.noise_.draw(rng, len(wrong))
            wrong = wrong[_has(matrix, who[wrong], others[wrong])]
        others[wrong] = -1
        return others


def _has(matrix: Sparse, rows: Places, columns: Places) -> npt.NDArray[np.bool_]:
    """Whether there is a value at each of these places."""
    keys = matrix.keys
    asked = rows * matrix.shape[1] + columns
    found = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.asarray(keys[found] == asked)


@dataclass(eq=False)
class _Learned:
    """Rows, and the sums of the squares of their slopes; None for rows that stay as they are."""

    rows: FloatArray
    squares: FloatArray | None

    @classmethod
    def zeros(cls, count: int, dim: int) -> _Learned:
        return cls(np.zeros((count, dim + 1), np.float32), np.zeros((count, dim + 1), np.float32))

    @classmethod
    def begin(cls, count: int, dim: int, rng: np.random.Generator) -> _Learned:
        new = cls.zeros(count, dim)
        new.rows[:] = rng.normal(0, BEGIN / np.sqrt(dim), new.rows.shape)
        return new

    def descend(self, places: Places, slopes: FloatArray, rate: float) -> None:
        """A step of AdaGrad; the slopes of a row that comes more than once add up."""
        if self.squares is None:
            return
        met, turn = np.unique(places, return_inverse=True)
        order = np.arange(len(turn))
        ones = np.ones(len(turn), np.float32)
        by_row = Sparse.of(turn, order, ones, shape=(len(met), len(turn))) @ slopes
        squares = self.squares[met] + by_row**2
        self.squares[met] = squares
        self.rows[met] -= rate * by_row / (np.sqrt(squares) + TINY)
