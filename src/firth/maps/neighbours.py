"""The k nearest neighbours of every item: exact by matrix products, and by cells where there are too many.

All pairs of 20,000 vectors of 512 numbers take six seconds of one core, and time grows with the square. From
`EXACT` items on, only the cells near an item's own are searched, and the share of true neighbours that this finds
is measured. On 45,000 short texts it was 0.91, in 11 seconds instead of 30, and the map kept 0.128 of the
neighbourhoods instead of 0.130.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.maps.cells import nearest_by_cells
from firth.maps.frames import Frame, Steps, finish
from firth.maps.nearest import Points, best, in_blocks
from firth.similarity import Metric
from firth.types import FloatArray

__all__ = ["EXACT", "Neighbours", "graph_of", "nearest_neighbours"]

EXACT = 20_000
"""Up to so many items, all pairs are looked at."""
SAMPLE = 500
"""Items whose true neighbours are looked up to measure the recall of the approximation."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The k-nearest-neighbour graph.

    Attributes:
        indices: ``(n, k)`` int32, nearest first, an item never among its own.
        distances: ``(n, k)`` float32: 1 - cosine, or the Euclidean distance.
        recall: The share of true neighbours among them; 1 where all pairs were looked at, else measured on a
            sample.
    """

    indices: npt.NDArray[np.int32]
    distances: FloatArray
    recall: float = 1.0

    @property
    def k(self) -> int:
        """How many neighbours each item has."""
        return int(self.indices.shape[1])


def nearest_neighbours(
    vectors: npt.ArrayLike,
    k: int,
    *,
    metric: Metric = Metric.COSINE,
    seed: int = 0,
    exact: bool | None = None,
) -> Neighbours:
    """The ``k`` nearest neighbours of every row among the others.

    Args:
        vectors: ``(n, d)``.
        k: How many; with fewer than ``k`` others, all of them.
        metric: ``COSINE`` or ``EUCLIDEAN``.
        seed: Where the cells of the approximation begin.
        exact: Whether to look at all pairs; by default up to `EXACT` items.

    Raises:
        InputError: Another metric, or ``k`` below 1.
        DimensionError: Not a matrix, or NaN or infinity in it.

    >>> near = nearest_neighbours([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], 1)
    >>> near.indices.ravel().tolist()
    [1, 0, 3, 2]
    """
    return finish(graph_of(Points.of(vectors, metric), k, seed=seed, exact=exact))


def graph_of(points: Points, k: int, *, seed: int = 0, exact: bool | None = None) -> Steps[Neighbours]:
    """`nearest_neighbours` of vectors that are ready, in steps."""
    if k < 1:
        raise InputError(f"got k={k}; expected at least one neighbour")
    k = min(k, max(len(points) - 1, 0))
    if exact if exact is not None else len(points) <= EXACT:
        indices, scores = yield from _all_pairs(points, k)
        return Neighbours(indices, points.distances(scores))
    indices, scores = yield from nearest_by_cells(points, k, seed=seed)
    return Neighbours(indices, points.distances(scores), _recall(points, indices, seed))


def _all_pairs(points: Points, k: int) -> Steps[tuple[npt.NDArray[np.int32], FloatArray]]:
    n = len(points)
    indices, scores = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    if not k:
        return indices, scores
    for rows in in_blocks(n, n):
        block = points.scores(rows)
        block[np.arange(len(rows)), rows] = -np.inf
        indices[rows], scores[rows] = best(block, k)
        yield Frame("neighbours", (rows[-1] + 1) / n)
    return indices, scores


def _recall(points: Points, found: npt.NDArray[np.int32], seed: int) -> float:
    """The share of the true neighbours of a sample that were found."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(points), min(SAMPLE, len(points)), replace=False)
    block = points.scores(rows)
    block[np.arange(len(rows)), rows] = -np.inf
    true, _ = best(block, found.shape[1])
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(true, found[rows], strict=True)]))
