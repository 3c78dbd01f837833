"""How much of the space a map keeps: neighbours kept, strangers let in, and how far off they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.maps.frames import Frame, Steps, finish
from firth.maps.map import Faithfulness
from firth.maps.nearest import Points, best, in_blocks
from firth.similarity import Metric
from firth.types import FloatArray

__all__ = ["FEWEST", "faithfulness", "measure"]

SAMPLE = 1000
PAIRS = 200_000_000
"""So many pairs of items are compared at most: of a million items, 200 are measured."""
LEAST = 100
FEWEST = 8
"""Items of which anything can be told."""


def faithfulness(
    vectors: npt.ArrayLike,
    positions: npt.ArrayLike,
    *,
    k: int = 15,
    metric: Metric = Metric.COSINE,
    sample: int = SAMPLE,
    seed: int = 0,
) -> Faithfulness:
    """Compare the neighbourhoods of a sample of items, among all others, in the space and on the map.

    Args:
        vectors: ``(n, d)``.
        positions: ``(n, 2)`` or ``(n, 3)``.
        k: How many neighbours; at most (n - 1) // 2, since the measures of Venna and Kaski need twice as many items.
        metric: Which neighbours are true.
        sample: How many items at most; fewer of more than 200,000.
        seed: Which ones.

    Raises:
        InputError: Fewer than `FEWEST` items, or not one position for each vector.
    """
    return finish(
        measure(Points.of(vectors, metric), np.asarray(positions, np.float32), k, sample=sample, seed=seed)
    )


def measure(
    points: Points, positions: FloatArray, k: int, *, sample: int = SAMPLE, seed: int = 0
) -> Steps[Faithfulness]:
    """`faithfulness` in steps."""
    n = len(points)
    if n != len(positions) or n < FEWEST:
        raise InputError(
            f"got {n} vectors and {len(positions)} positions; expected as many, and at least {FEWEST}"
        )
    k = min(k, (n - 1) // 2)
    rows = np.sort(
        np.random.default_rng(seed).choice(n, min(sample, n, max(LEAST, PAIRS // n)), replace=False)
    )
    page = Points.of(positions, Metric.EUCLIDEAN)
    kept = strangers = lost = 0.0
    for part in in_blocks(len(rows), 2 * n):
        some = rows[part]
        true, shown = _scores(points, some), _scores(page, some)
        near, seen = best(true, k)[0], best(shown, k)[0]
        kept += sum(int(np.isin(a, b).sum()) for a, b in zip(near, seen, strict=True))
        strangers += _excess(true, seen, k)
        lost += _excess(shown, near, k)
        yield Frame("measuring", (part[-1] + 1) / len(rows))
    most = len(rows) * k * (2 * n - 3 * k - 1) / 2
    recall = float(kept / (len(rows) * k))
    return Faithfulness(recall, float(1 - strangers / most), float(1 - lost / most), k, len(rows))


def _scores(points: Points, rows: npt.NDArray[np.int64]) -> FloatArray:
    scores = points.scores(rows)
    scores[np.arange(len(rows)), rows] = -np.inf
    return scores


def _excess(scores: FloatArray, chosen: npt.NDArray[np.int32], k: int) -> float:
    """By how many places the chosen come after the k-th, summed."""
    total = 0.0
    for column in chosen.T:  # counting who is better is many times faster than sorting all
        better = np.count_nonzero(scores > np.take_along_axis(scores, column[:, None], axis=1), axis=1)
        total += float(np.maximum(better + 1 - k, 0).sum())
    return total
