"""How well what was held out is found: hit rate, nDCG and coverage at k, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.data.sparse import Sparse
from firth.evaluation.splits import Split
from firth.types import FloatArray

__all__ = ["Figure", "Ranking", "figure", "judge"]

BATCH = 512
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean and where it lies with 95 % probability (percentile bootstrap, Efron 1979)."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.3f}-{self.high:.3f})"


@dataclass(frozen=True, eq=False)
class Ranking:
    """How well one model found what was held out.

    Attributes:
        model: Its name.
        k: How many places count.
        hit_rate: HR@k: the share of users whose held-out item is among the first k of all they had not taken.
        ndcg: nDCG@k: the same, by place: 1 / log2(1 + place).
        coverage: The share of all items that stand among the first k of any user judged.
        ranks: ``(users,)`` the place of each held-out item, from 0; ties share the middle of theirs.
    """

    model: str
    k: int
    hit_rate: Figure
    ndcg: Figure
    coverage: float
    ranks: npt.NDArray[np.float64] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """As plain values, without the ranks."""
        return {
            "model": self.model,
            "k": self.k,
            "users": len(self.ranks),
            "hit_rate": asdict(self.hit_rate),
            "ndcg": asdict(self.ndcg),
            "coverage": self.coverage,
        }


def judge(
    model: str, scores: Callable[[Sparse, npt.NDArray[np.int64]], FloatArray], split: Split, *, k: int = 10
) -> Ranking:
    """Rank all items a user had not taken, for every user judged, and look where the held-out one stands.

    Args:
        model: Its name.
        scores: From the training rows of some users, ``(u, items)``, and their places, to scores ``(u, items)``.
        split: What was held out.
        k: How many places count.
    """
    ranks, shown = [], np.zeros(split.train.shape[1], bool)
    for first in range(0, len(split.users), BATCH):
        users, targets = split.users[first : first + BATCH], split.targets[first : first + BATCH]
        rows = split.train.taken(users)
        found = np.array(scores(rows, users), np.float32)
        found[rows.rows, rows.columns] = -np.inf
        own = found[np.arange(len(users)), targets][:, None]
        ranks.append((found > own).sum(1) + ((found == own).sum(1) - 1) / 2)
        best = np.argpartition(-found, min(k, found.shape[1] - 1), axis=1)[:, :k]
        shown[best.ravel()] = True
    places = np.concatenate(ranks)
    hits = places < k
    gains = np.where(hits, 1 / np.log2(2 + places), 0)
    return Ranking(model, k, figure(hits), figure(gains), float(shown.mean()), places)


def figure(values: npt.ArrayLike, *, seed: int = 0) -> Figure:
    """The mean of values ``(n,)`` with its bootstrap interval."""
    values = np.asarray(values, np.float64)
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high))
