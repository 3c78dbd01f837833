"""Vectors of items from how much oftener than by chance the same people took two of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np
import numpy.typing as npt

from firth.data.sparse import Sparse
from firth.similarity import normalize
from firth.training.recommenders.directions import directions
from firth.training.recommenders.nearness import near_taken, widened
from firth.types import FloatArray

__all__ = ["PMI", "together"]

BLOCK = 1 << 23
"""Pairs of a user's items, or cells of items by items, that are counted at once."""


SMOOTHING = 0.75
"""The power to which shares are smoothed."""


class PMI:
    """Truncated decomposition of the shifted positive pointwise mutual information of items.

    Levy and Goldberg 2014 ("Neural word embedding as implicit matrix factorization"), whose words are items and whose
    sentences are what each user took: with n_ij users who took both i and j, and N_i the sum of n_ij over all j,

        M_ij = max(0, log(n_ij N / (N_i N_j)) - log(shift)),    vectors = U S ** power

    where the shares N_j / N are smoothed (Levy, Goldberg, Dagan 2015, doi:10.1162/tacl_a_00134): N_j ** 0.75 over the
    sum of these, so that what hardly anyone took is not near to everything.

    Args:
        dim: How wide the vectors are.
        shift: How many times oftener than by chance two items must be taken together to count.
        fewest: Pairs that fewer users took count as chance.
        power: Of the singular values.
        near: A cosine's power when the items near several are summed up.
        seed: Where chance comes from.
    """

    def __init__(
        self,
        *,
        dim: int = 128,
        shift: float = 1.0,
        fewest: int = 2,
        power: float = 0.0,
        near: float = 2.0,
        seed: int = 0,
    ) -> None:
        self.dim, self.shift, self.fewest, self.power = dim, shift, fewest, power
        self.near, self.seed = near, seed
        self.name = f"pmi {dim}"

    def fit(self, matrix: Sparse) -> Self:
        """Count pairs, keep those that are no chance, decompose."""
        found = directions(self.information(matrix).transposed, self.dim, seed=self.seed)
        vectors = found.vectors * found.values**self.power
        self.item_vectors_: FloatArray = widened(normalize(vectors), self.dim)
        return self

    def information(self, matrix: Sparse) -> Sparse:
        """M, ``(items, items)``."""
        n = matrix.shape[1]
        totals = _totals(matrix)
        smoothed = totals**SMOOTHING
        shares = smoothed / max(smoothed.sum(), 1)
        rows, columns, values = [], [], []
        for first, counts in together(matrix):
            row, column = np.nonzero(counts >= self.fewest)
            by_chance = totals[first + row] * shares[column] * self.shift
            value = np.log(counts[row, column] / by_chance)
            kept = value > 0
            rows.append(first + row[kept])
            columns.append(column[kept])
            values.append(value[kept])
        return Sparse.of(*map(np.concatenate, (rows, columns, values)), shape=(n, n))

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``: the sum over what was taken of each cosine, where it is positive, to the power."""
        return near_taken(rows, self.item_vectors_, power=self.near)


def _totals(matrix: Sparse) -> npt.NDArray[np.float64]:
    """N_i: how many other things the users of each item took, all in all."""
    others = (matrix.counts - 1).astype(np.float64)
    return np.bincount(matrix.columns, others[matrix.rows], matrix.shape[1]).astype(np.float64)


def together(matrix: Sparse) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """How many users took both of two items: the first item of a block, and its counts ``(block, items)``.

    >>> matrix = Sparse.of([0, 0, 1, 1], [0, 1, 1, 2], [1, 1, 1, 1], shape=(2, 3))
    >>> [counts.tolist() for _, counts in together(matrix)]
    [[[0, 1, 0], [1, 0, 1], [0, 1, 0]]]
    """
    n = matrix.shape[1]
    work = np.cumsum(np.bincount(matrix.columns, matrix.counts[matrix.rows], n) + n)
    first = 0
    while first < n:
        done = work[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(work, done + BLOCK, side="right")))
        users = matrix.transposed.taken(np.arange(first, last))
        theirs = matrix.taken(users.columns)
        keys = np.repeat(users.rows.astype(np.int64), theirs.counts) * n + theirs.columns
        counts = np.bincount(keys, minlength=(last - first) * n).reshape(last - first, n)
        counts[np.arange(last - first), np.arange(first, last)] = 0
        yield first, counts
        first = last
