"""Vectors sorted into groups, and how many groups there are.

K-means (Lloyd 1982, doi:10.1109/TIT.1982.1056489) on the first principal components. There are groups at all if some
number of them separates the vectors clearly better, by the silhouette (Rousseeuw 1987,
doi:10.1016/0377-0427(87)90125-7), than it separates one cloud of normally distributed points of the same spread; and
there are as many as have the best silhouette.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["Grouping", "group"]

AXES = 8
"""Principal components that are kept: on fewer senses are mixed, on more a few occurrences say nothing."""
MOST = 6
"""Groups that are tried at most."""
FEWEST = 8
"""Vectors that a group should have, on average, to be looked for."""
CLEARER = 0.1
"""By how much the silhouette must beat that of one cloud. Of 200 contexts of two senses of Senseval's words 70 % are
then split and of one sense 44 %, of 40 contexts 22 % and 6 % (benchmarks/words_asking.py)."""
CLOUDS = 4
RUNS = 6
STEPS = 50

Labels: TypeAlias = npt.NDArray[np.int64]
Doubles: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grouping:
    """Vectors in groups.

    Attributes:
        labels: ``(n,)`` the group of each, the largest group first.
        count: How many groups.
        clearer: By how much the silhouette is better than that of one cloud, at best; nan where it was not asked.
    """

    labels: Labels
    count: int
    clearer: float


def group(vectors: FloatArray, *, k: int | None = None, seed: int = 0) -> Grouping:
    """Sort vectors ``(n, d)`` into ``k`` groups, or into as many as there are.

    >>> near = np.random.default_rng(0).normal(0, 0.1, (40, 5)).astype(np.float32)
    >>> group(near + [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]] * 20).labels[:4].tolist()
    [0, 1, 0, 1]
    """
    rng = np.random.default_rng(seed)
    axes = _axes(vectors)
    if k is not None:
        labels = _k_means(axes, min(k, len(axes)), rng)
        return Grouping(_by_size(labels), len(np.unique(labels)), float("nan"))
    tried = range(2, min(MOST, len(vectors) // FEWEST) + 1)
    ways = [_k_means(axes, number, rng) for number in tried]
    own = [_silhouette(axes, labels) for labels in ways]
    clouds = [rng.standard_normal(axes.shape) * axes.std(0) for _ in range(CLOUDS)]
    clouded = [
        np.mean([_silhouette(cloud, _k_means(cloud, number, rng, runs=2)) for cloud in clouds])
        for number in tried
    ]
    clearer = max((a - b for a, b in zip(own, clouded, strict=True)), default=0.0)
    if clearer < CLEARER:
        return Grouping(np.zeros(len(vectors), np.int64), 1, float(clearer))
    labels = _by_size(ways[int(np.argmax(own))])
    return Grouping(labels, int(labels.max()) + 1, float(clearer))


def _axes(vectors: FloatArray) -> Doubles:
    """Vectors of unit length on the principal axes of their cloud, ``(n, a)``."""
    centred = normalize(vectors - np.mean(vectors, 0)).astype(np.float64)
    u, s, _ = np.linalg.svd(centred - centred.mean(0), full_matrices=False)
    kept = max(2, min(AXES, len(vectors) // 4))
    return np.asarray(u[:, :kept] * s[:kept])


def _k_means(rows: Doubles, k: int, rng: np.random.Generator, runs: int = RUNS) -> Labels:
    ways = [_run(rows, k, rng) for _ in range(runs)]
    return max(ways, key=lambda way: way[0])[1]


def _run(rows: Doubles, k: int, rng: np.random.Generator) -> tuple[float, Labels]:
    """One run from centres far from each other (Arthur and Vassilvitskii 2007): its fit and its groups."""
    centres = rows[[rng.integers(len(rows))]]
    while len(centres) < k:
        far = _squares(rows, centres).min(1) + 1e-12
        centres = np.vstack([centres, rows[rng.choice(len(rows), p=far / far.sum())]])
    labels = np.zeros(len(rows), np.int64)
    for _ in range(STEPS):
        before, labels = labels, np.argmin(_squares(rows, centres), 1)
        sizes = np.bincount(labels, minlength=k)[:, None]
        sums = np.zeros((k, rows.shape[1]))
        np.add.at(sums, labels, rows)
        # a group that lost all its members begins again at some row
        centres = np.where(sizes == 0, rows[rng.integers(len(rows), size=k)], sums / np.maximum(sizes, 1))
        if (labels == before).all():
            break
    return -float(_squares(rows, centres).min(1).sum()), labels


def _squares(rows: Doubles, centres: Doubles) -> Doubles:
    """Squared distances of rows to centres, ``(n, k)``."""
    return np.asarray(((rows[:, None] - centres[None]) ** 2).sum(2))


def _silhouette(rows: Doubles, labels: Labels) -> float:
    """The mean of (b - a) / max(a, b), with a the distance to the own centre and b that to the next."""
    names, mine = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        return 0.0
    far = np.sqrt(_squares(rows, np.stack([rows[labels == name].mean(0) for name in names])))
    own = far[np.arange(len(rows)), mine]
    far[np.arange(len(rows)), mine] = np.inf
    other = far.min(1)
    return float(np.mean((other - own) / np.maximum(np.maximum(own, other), 1e-12)))


def _by_size(labels: Labels) -> Labels:
    """The same groups, numbered from the largest; of equals the first to occur comes first."""
    names, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    rank = np.empty(len(names), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(names))
    return np.asarray(rank[np.searchsorted(names, labels)])
