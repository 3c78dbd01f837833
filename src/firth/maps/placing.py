"""New items on a map that stays as it is: each goes among its nearest neighbours, then settles.

An item begins at the mean of its neighbours, weighted by how surely it belongs to them, as UMAP transforms new
data (arXiv:1802.03426), and takes some steps of the layout in which
nothing else moves.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firth.errors import DimensionError
from firth.maps.curve import REACH, attraction, repulsion
from firth.maps.frames import Frame, Steps, finish
from firth.maps.fuzzy import memberships
from firth.maps.nearest import Points, best, in_blocks
from firth.similarity import Metric
from firth.types import FloatArray

__all__ = ["place", "settle"]

EPOCHS = 50
RATE = 0.05
DRAWS = 32
NEGATIVES = 5


def place(
    vectors: npt.ArrayLike,
    placed: npt.ArrayLike,
    positions: npt.ArrayLike,
    *,
    k: int = 15,
    metric: Metric = Metric.COSINE,
    seed: int = 0,
    settling: bool = True,
) -> FloatArray:
    """Positions for new items ``(m, dim)``; those on the map do not move.

    Args:
        vectors: The new, ``(m, d)``.
        placed: Those on the map, ``(n, d)``.
        positions: Where they are, ``(n, dim)``.
        k: By how many neighbours an item is placed.
        metric: ``COSINE`` or ``EUCLIDEAN``.
        seed: Where chance begins.
        settling: Whether items take steps of UMAP's layout; on a map by another method they stay at the mean.

    Raises:
        DimensionError: The widths differ, or nothing is on the map.
    """
    new, old = np.asarray(vectors, np.float32), np.asarray(placed, np.float32)
    if new.ndim != 2 or old.ndim != 2 or new.shape[1] != old.shape[1] or not len(old):
        raise DimensionError(
            f"got new vectors {new.shape}, placed {old.shape}; expected (m, d) and (n, d), n > 0"
        )
    points = Points.of(np.concatenate([old, new]), metric)
    known = np.asarray(positions, np.float32)
    if len(known) != len(old):
        raise DimensionError(
            f"got {len(old)} vectors and {len(known)} positions; expected one for each vector"
        )
    rows = np.arange(len(old), len(old) + len(new))
    return finish(settle(points, rows, np.arange(len(old)), known, k=k, seed=seed, settling=settling))


def settle(
    points: Points,
    rows: npt.NDArray[np.int64],
    placed: npt.NDArray[np.int64],
    positions: FloatArray,
    *,
    k: int,
    seed: int,
    settling: bool = True,
) -> Steps[FloatArray]:
    """Positions of ``rows`` among the ``placed``, whose positions are given; in steps."""
    rng = np.random.default_rng(seed)
    settled = np.empty((len(rows), positions.shape[1]), np.float32)
    old, k = points.take(placed), min(k, len(placed))
    for part in in_blocks(len(rows), len(placed)):
        some = points.take(rows[part])
        indices, scores = best(some.scores_of(old), k)
        weights = memberships(some.distances(scores))
        anchors = positions[indices]
        here = np.einsum("mk,mkd->md", weights / weights.sum(1, keepdims=True), anchors)
        settled[part] = _settle(here, weights, anchors, positions, rng) if settling else here
        yield Frame("placing", (part[-1] + 1) / len(rows))
    return settled


def _settle(
    here: FloatArray,
    weights: FloatArray,
    anchors: FloatArray,
    positions: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """A few epochs of the anchors' ``(m, k, dim)`` pull, by their weights ``(m, k)``, and of all others' push."""
    strength = NEGATIVES * weights.sum(1, keepdims=True) / DRAWS
    for epoch in range(EPOCHS):
        rate = np.float32(RATE * (1 - epoch / EPOCHS))
        apart = here[:, None] - anchors
        pull = np.clip(attraction((apart**2).sum(2))[:, :, None] * apart, -REACH, REACH)
        apart = here[:, None] - positions[rng.integers(0, len(positions), DRAWS)]
        push = np.clip(repulsion((apart**2).sum(2))[:, :, None] * apart, -REACH, REACH)
        here = here + rate * (np.einsum("mk,mkd->md", weights, pull) + strength * push.sum(1))
    return here
