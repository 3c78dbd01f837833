"""Nearest neighbours of very many items: look only where they are likely to be, then ask neighbours for theirs.

Items are divided into cells around k-means centres, and each item is compared with those of the cells nearest to
its own (an inverted file with probes: Jegou, Douze, Schmid 2011, doi:10.1109/TPAMI.2010.57). What that misses is
mostly a neighbour of a neighbour, so these are tried next (NN-descent: Dong, Moses, Li 2011,
doi:10.1145/1963405.1963487). How many true neighbours this finds is for the caller to measure.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firth.maps.frames import Frame, Steps
from firth.maps.nearest import Points, best, in_blocks
from firth.types import FloatArray

__all__ = ["nearest_by_cells"]

Rows = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]

PROBES = 32
"""Cells that are searched for each item, its own among them; more where these hold few items."""
ROUNDS = 8
"""Of k-means."""
PER_CENTRE = 32
"""Items per centre that k-means looks at."""
ASKED = 8
"""Neighbours that are asked, each for as many of its own."""


def nearest_by_cells(points: Points, k: int, *, seed: int) -> Steps[tuple[Indices, FloatArray]]:
    """Most of the ``k`` nearest of every item: indices and scores, each ``(n, k)``, nearest first."""
    n = len(points)
    centres = _centres(points, np.random.default_rng(seed))
    members = _members(_cell_of(points, centres), len(centres))
    indices, scores = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    done = 0
    for cell, near in enumerate(np.argsort(-centres.scores(np.arange(len(centres))), axis=1, kind="stable")):
        candidates = _candidates(members, near, least=4 * k + 1)
        for part in in_blocks(len(members[cell]), len(candidates)):
            rows = members[cell][part]
            indices[rows], scores[rows] = _best_among(points, rows, candidates, k)
        done += len(members[cell])
        yield Frame("neighbours", 0.5 * done / n)
    known = indices.copy()
    for rows in in_blocks(n, (ASKED**2 + k) * points.vectors.shape[1]):
        asked = known[known[rows, :ASKED], :ASKED].reshape(len(rows), -1)
        indices[rows], scores[rows] = _better(points, rows, asked, indices[rows], scores[rows])
        yield Frame("neighbours", 0.5 + 0.5 * (rows[-1] + 1) / n)
    return indices, scores


def _centres(points: Points, rng: np.random.Generator) -> Points:
    """The centres of k-means on a sample: as many as the square root of the number of items."""
    count = max(1, int(len(points) ** 0.5))
    sample = points.take(rng.choice(len(points), min(len(points), PER_CENTRE * count), replace=False))
    centres = Points.ready(sample.vectors[:count], points.metric)
    for _ in range(ROUNDS):
        cells = _cell_of(sample, centres)
        sums = np.zeros_like(centres.vectors)
        np.add.at(sums, cells, sample.vectors)
        sizes = np.bincount(cells, minlength=count)[:, None]
        means = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres.vectors)
        centres = Points.ready(means, points.metric)
    return centres


def _cell_of(points: Points, centres: Points) -> Rows:
    cells = [points.take(rows).scores_of(centres).argmax(1) for rows in in_blocks(len(points), len(centres))]
    return np.concatenate(cells)


def _members(cells: Rows, count: int) -> list[Rows]:
    ends = np.cumsum(np.bincount(cells, minlength=count))[:-1]
    return np.split(np.argsort(cells, kind="stable"), ends)


def _candidates(members: list[Rows], near: Rows, *, least: int) -> Rows:
    """The items of the nearest cells, in order of their numbers."""
    sizes = np.cumsum([len(members[cell]) for cell in near])
    cells = max(PROBES, int(np.searchsorted(sizes, least)) + 1)
    return np.sort(np.concatenate([members[cell] for cell in near[:cells]]))


def _best_among(points: Points, rows: Rows, candidates: Rows, k: int) -> tuple[Indices, FloatArray]:
    scores = points.scores(rows, candidates)
    scores[np.arange(len(rows)), np.searchsorted(candidates, rows)] = -np.inf  # not itself
    columns, values = best(scores, k)
    return candidates[columns].astype(np.int32), values


def _better(
    points: Points, rows: Rows, asked: Indices, indices: Indices, scores: FloatArray
) -> tuple[Indices, FloatArray]:
    """The best of what is known and what neighbours name."""
    new = np.matmul(points.vectors[asked], points.vectors[rows][:, :, None])[:, :, 0] - points.halves[asked]
    every, values = np.concatenate([indices, asked], 1), np.concatenate([scores, new], 1)
    order = np.argsort(every, axis=1, kind="stable")
    every, values = np.take_along_axis(every, order, 1), np.take_along_axis(values, order, 1)
    values[:, 1:][every[:, 1:] == every[:, :-1]] = -np.inf  # named twice
    values[every == rows[:, None]] = -np.inf
    columns, values = best(values, indices.shape[1])
    return np.take_along_axis(every, columns, 1), values
