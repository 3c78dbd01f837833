"""Views along the axes of their covariance: the mean of what carries a tag, and how far every item lies that way.

The direction from the mean of all items to that of some, divided by the covariance of all items with much shrinkage,
is Fisher's linear discriminant (1936; shrinkage as in Ledoit and Wolf 2004, doi:10.1016/S0047-259X(03)00096-4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from firth.analysis.tags.material import View
from firth.analysis.tags.ranks import Doubles

__all__ = ["WORDS_COUNT", "Basis", "Bools", "Marks", "clearly", "standard", "worth_of_words"]

Bools: TypeAlias = npt.NDArray[np.bool_]

WORDS_COUNT = 20.0
"""As many examples are worth a tag's usual words: chosen on 40 tags of 10,000 books, with 5, 20 and 100 examples."""
USUAL = 0.75
"""How many standard deviations apart usual words put items that carry the tag and items that do not (an AUC of 0.70),
and beside it how much that differs between tags, as a variance."""
USUAL_VARIANCE = 0.36
SHRINKAGE = 3.0
"""What is added to the covariance, in units of its mean variance; chosen there too, 1 and 10 are about as good."""
CLEAR = 1.0
"""From about so many standard deviations above the mean a score points at an item."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What is known of some items, ``(n, t)`` each: that they carry a tag, that they do not; most are neither."""

    positive: Bools
    negative: Bools

    def without(self, rows: Bools) -> Marks:
        """The same, without what is known of some items."""
        keep = ~rows[:, None]
        return Marks(self.positive & keep, self.negative & keep)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """A view along the axes of its covariance, where dividing by it is cheap.

    Attributes:
        name: The view's.
        rows: Which items have it, ``(m,)``.
        items: ``(m, d)``, their mean taken off.
        variances: Along each axis, ``(d,)``.
    """

    name: str
    rows: npt.NDArray[np.int64]
    items: Doubles
    variances: Doubles

    @staticmethod
    def of(view: View) -> Basis:
        """The basis of a view."""
        centred = view.vectors.astype(np.float64) - view.vectors.mean(0)
        variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
        return Basis(view.name, view.rows, centred @ axes, np.maximum(variances, 0))

    def means(self, seeds: Doubles, marks: Marks, words: Doubles) -> Doubles:
        """The mean ``(d, t)`` of what carries each tag, less that of what does not.

        Args:
            seeds: ``(n, t)``: how clearly each item is pointed at, 0 where it is not.
            marks: The examples.
            words: ``(t,)``: as many examples are worth what points at items.
        """
        weights, total = seeds[self.rows], seeds[self.rows].sum(0)
        pointed = self.items.T @ weights / np.maximum(total, 1e-9)
        worth = np.where(total > 0, words, 0.0)
        positive, negative = (known[self.rows].astype(float) for known in (marks.positive, marks.negative))
        carrying = (worth * pointed + self.items.T @ positive) / np.maximum(worth + positive.sum(0), 1)
        return np.asarray(carrying - self.items.T @ negative / (WORDS_COUNT + negative.sum(0)))

    def scores(self, means: Doubles, count: int) -> Doubles:
        """How far ``count`` items lie towards means ``(d, t)``, standardised; NaN where one has no such vector."""
        shrunk = self.variances + SHRINKAGE * self.variances.mean() + 1e-12
        found = np.full((count, means.shape[1]), np.nan)
        found[self.rows] = standard(self.items @ (means / shrunk[:, None]))
        return found


def worth_of_words(words: Doubles, marks: Marks) -> Doubles:
    """As many examples are worth the words of each tag, ``(t,)``: fewer where the examples stand low by the words.

    What is usual is believed before (a normal distribution), how high the examples stand is seen.

    >>> one = Marks(np.array([[True]] * 8), np.array([[False]] * 8))
    >>> worth_of_words(np.full((8, 1), 0.75), one).round(1), worth_of_words(np.full((8, 1), -0.5), one)
    (array([20.]), array([0.]))
    """
    known = marks.positive & ~np.isnan(words)
    count, total = known.sum(0), np.where(known, words, 0).sum(0)
    apart = (USUAL / USUAL_VARIANCE + total) / (1 / USUAL_VARIANCE + count)
    return np.asarray(WORDS_COUNT * np.maximum(apart, 0) / USUAL)


def standard(scores: Doubles) -> Doubles:
    """Columns with mean 0 and standard deviation 1, NaN passed over; zeros where all are equal.

    >>> standard(np.array([[1.0], [3.0], [np.nan]])).ravel().tolist()
    [-1.0, 1.0, nan]
    """
    there = ~np.isnan(scores)
    count = np.maximum(there.sum(0), 1)
    rest = scores - np.where(there, scores, 0).sum(0) / count
    deviation = np.sqrt((np.where(there, rest, 0) ** 2).sum(0) / count)
    return np.asarray(rest / np.where(deviation > 1e-12, deviation, np.inf))


def clearly(scores: Doubles) -> Doubles:
    """How clearly standardised scores point at items: about nothing up to one standard deviation, then as much as they
    are above; 0 for NaN.

    >>> clearly(np.array([-2.0, 1.0, 4.0, np.nan])).round(2).tolist()
    [0.0, 0.35, 3.0, 0.0]
    """
    return np.asarray(np.log1p(np.exp(2 * (np.nan_to_num(scores, nan=-20.0) - CLEAR))) / 2)
