"""Large regions, divided: on an even plain there are no hills, and yet a map wants its names everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firth.types import FloatArray

__all__ = ["split_large"]

Numbers = npt.NDArray[np.int64]

LARGE = 2.5
"""A region is divided when it is so many times larger than all would be were they equal."""
PART = 1.5
"""So many times as large, about, its parts become."""
ROUNDS = 20


def split_large(positions: FloatArray, regions: Numbers, most: int, rng: np.random.Generator) -> Numbers:
    """Regions of which none is much larger than the others: large ones are divided by k-means.

    Args:
        positions: ``(n, dim)``.
        regions: ``(n,)``, the number of each item's region.
        most: How many regions there should be.
        rng: Where k-means begins.

    Returns:
        ``(n,)``, new numbers; items of two regions never come together.
    """
    fair = len(positions) / most
    numbers, sizes = np.unique(regions, return_counts=True)
    result, following = regions.copy(), int(numbers.max(initial=-1)) + 1
    for number in numbers[sizes > LARGE * fair]:
        rows = np.flatnonzero(regions == number)
        parts = _k_means(positions[rows], round(len(rows) / (PART * fair)), rng)
        result[rows] = following + parts
        following += int(parts.max()) + 1
    return result


def _k_means(positions: FloatArray, count: int, rng: np.random.Generator) -> Numbers:
    """Lloyd's k-means, begun as far apart as k-means++ puts it (Arthur, Vassilvitskii 2007): the part of each item."""
    centers = positions[rng.integers(len(positions))][None]
    nearest = ((positions - centers[0]) ** 2).sum(1)
    while len(centers) < count and nearest.sum() > 0:
        drawn = rng.choice(len(positions), p=nearest / nearest.sum())
        centers = np.vstack([centers, positions[drawn]])
        nearest = np.minimum(nearest, ((positions - positions[drawn]) ** 2).sum(1))
    for _ in range(ROUNDS):
        parts = np.argmax(positions @ centers.T - (centers**2).sum(1) / 2, axis=1)
        sizes = np.maximum(np.bincount(parts, minlength=len(centers)), 1)
        sums = [np.bincount(parts, axis, len(centers)) for axis in positions.T]
        centers = (np.array(sums) / sizes).T
    return np.unique(parts, return_inverse=True)[1]
