"""Ranks: the area under the ROC curve, and scores by their standing among others."""

from __future__ import annotations

from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Doubles", "auc", "auc_of_separation", "gaussian_ranks", "ranks", "separation"]

Doubles: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_NORMAL = NormalDist()


def ranks(scores: npt.ArrayLike) -> Doubles:
    """The ranks of ``(n,)`` scores from 1 to n; equal ones share the mean of theirs.

    >>> ranks([0.3, 0.1, 0.3]).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(np.asarray(scores), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], np.float64)


def auc(scores: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """How often a positive item scores higher than one that is not, ties as half (Mann and Whitney 1947).

    Args:
        scores: ``(n,)``.
        positive: ``(n,)`` truth values; both occur.

    >>> auc([0.9, 0.8, 0.3, 0.1], [True, False, True, False])
    0.75
    """
    chosen = np.asarray(positive, bool)
    count = int(chosen.sum())
    above = float(ranks(scores)[chosen].sum()) - count * (count + 1) / 2
    return above / (count * (len(chosen) - count))


def gaussian_ranks(scores: npt.ArrayLike) -> Doubles:
    """Each of ``(n,)`` scores by its rank, as the quantile of a normal distribution (van der Waerden 1952).

    >>> gaussian_ranks([5, 900, 7]).round(2).tolist()
    [-0.67, 0.67, 0.0]
    """
    found = ranks(scores)
    levels, place = np.unique(found / (len(found) + 1), return_inverse=True)
    return np.array([_NORMAL.inv_cdf(level) for level in levels])[place]


def separation(area: float) -> float:
    """How many standard deviations lie between two normal distributions of one width with this AUC.

    >>> round(separation(0.5), 2), round(separation(0.92), 2)
    (0.0, 1.99)
    """
    return 2**0.5 * _NORMAL.inv_cdf(min(max(area, 1e-4), 1 - 1e-4))


def auc_of_separation(deviations: float) -> float:
    """The inverse of `separation`.

    >>> round(auc_of_separation(1.99), 2)
    0.92
    """
    return _NORMAL.cdf(deviations / 2**0.5)
