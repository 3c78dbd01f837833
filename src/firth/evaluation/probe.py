"""The black box, measured: does any single dimension of a vector say something, or only all of them together?

For a thing that is known of items, a tag or a field, each dimension is asked alone how well it predicts it. That figure
means nothing by itself: among hundreds of dimensions one predicts anything by chance, and a dimension of no meaning of
its own still catches a little of whatever the space holds. So it stands beside four others:

- the best dimension of a shuffled target (the largest of all dimensions, over and over: Westfall and Young 1993), above
  which a dimension is more than chance;
- the best of as many *random directions* of the same space: were the dimensions special, they would beat these;
- the dimension that was best on one half of the items, on the other half, which is what it is worth;
- a direction *trained* on all dimensions together, on items held out (Alain and Bengio 2017, arXiv:1610.01644).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from firth.analysis.tags.ranks import Doubles, ranks
from firth.errors import InputError
from firth.similarity import normalize

__all__ = ["FEWEST", "Measure", "Probe", "probe_vectors"]

Measure: TypeAlias = Literal["AUC", "correlation"]
Target: TypeAlias = npt.NDArray[np.bool_] | Doubles

FEWEST = 10
"""Items that carry a tag, and items that do not, from which on it can be probed."""
RUNS = 200
"""How often the target is shuffled."""
FOLDS = 5
HALVES = 20
"""How often the items are halved, to choose a dimension on one half and measure it on the other."""
PENALTIES = (0.01, 0.1, 1.0, 10.0)
"""What is added to the covariance, in units of its mean variance; the best is chosen inside the training items."""
LEVEL = 0.95
CHANCE: Mapping[Measure, float] = {"AUC": 0.5, "correlation": 0.0}


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What single dimensions, random directions and a trained direction know of one target.

    All are the AUC of a tag, or of a number the rank correlation (Spearman) without its sign.

    Attributes:
        target: What was asked for.
        measure: ``"AUC"`` or ``"correlation"``.
        items: How many items.
        dimensions: ``(d,)``: of every dimension alone, turned so that it is not below chance.
        random: ``(d,)``: of as many random directions.
        trained: Of the direction trained on all dimensions, on items that were held out.
        chosen: Of the dimension that was best on one half of the items, on the other half; the mean of many halves.
        chosen_random: The same of random directions.
        threshold: What the best dimension of a shuffled target stays below in 95 of 100 shuffles.
        p: How likely the best dimension of a shuffled target is as good.
        notes: What was passed over, one line each.
    """

    target: str
    measure: Measure
    items: int
    dimensions: Doubles = field(repr=False)
    random: Doubles = field(repr=False)
    trained: float
    chosen: float
    chosen_random: float
    threshold: float
    p: float
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> int:
        """The dimension that alone knows most, counted from 0."""
        return int(np.argmax(self.dimensions))

    @property
    def above_chance(self) -> int:
        """How many dimensions know more than the best one of a shuffled target mostly does."""
        return int((self.dimensions > self.threshold).sum())

    @property
    def share(self) -> float:
        """How much of what all dimensions know the best one knows, from 0 to 1; NaN where all know nothing."""
        whole = self.trained - CHANCE[self.measure]
        return float((self.chosen - CHANCE[self.measure]) / whole) if whole > 0.02 else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """For JSON: all figures, those of every dimension too."""
        return {
            "target": self.target,
            "measure": self.measure,
            "items": self.items,
            "best_dimension": self.best,
            "best": round(float(self.dimensions.max()), 4),
            "best_held_out": round(self.chosen, 4),
            "best_random": round(float(self.random.max()), 4),
            "best_random_held_out": round(self.chosen_random, 4),
            "trained": round(self.trained, 4),
            "threshold": round(self.threshold, 4),
            "p": round(self.p, 4),
            "above_chance": self.above_chance,
            "dimensions": self.dimensions.round(4).tolist(),
        }

    def __str__(self) -> str:
        single = f"dimension {self.best} alone {self.chosen:.2f}, a random direction {self.chosen_random:.2f}"
        return f"{self.target}: {self.measure} {self.trained:.2f} with all {len(self.dimensions)}; {single}"


def probe_vectors(
    vectors: npt.ArrayLike, values: npt.ArrayLike, *, target: str = "target", seed: int = 0
) -> Probe:
    """Probe one target.

    Args:
        vectors: ``(n, d)``; taken at unit length.
        values: ``(n,)``: truth values of a tag, or numbers.
        target: What it is called.
        seed: Where chance begins.

    Raises:
        InputError: Fewer than `FEWEST` items carry the tag or do not, or all numbers are equal.

    >>> rng = np.random.default_rng(0)
    >>> vectors = rng.normal(size=(400, 8))
    >>> found = probe_vectors(vectors, vectors[:, 3] > 0, target="第四維")
    >>> found.best, bool(found.dimensions[3] > 0.95), found.p < 0.01
    (3, True, True)
    """
    x = normalize(vectors).astype(np.float64)
    measure, y = _checked(np.asarray(values), len(x), target)
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(x.shape[1], x.shape[1]))
    single, random = _ranked(x), _ranked(x @ directions)
    scale = _Scale.of(y, measure)
    dimensions = scale.known(single, y[:, None])[:, 0]
    shuffled = np.stack([rng.permutation(y) for _ in range(RUNS)], axis=1)
    best_by_chance = scale.known(single, shuffled).max(0)
    chosen, chosen_random = _chosen(x, x @ directions, y, measure, rng)
    return Probe(
        target=target,
        measure=measure,
        items=len(x),
        dimensions=dimensions,
        random=scale.known(random, y[:, None])[:, 0],
        trained=_trained(x, y, measure, rng),
        chosen=chosen,
        chosen_random=chosen_random,
        threshold=float(np.quantile(best_by_chance, LEVEL)),
        p=float((1 + (best_by_chance >= dimensions.max()).sum()) / (1 + RUNS)),
    )


def _checked(values: npt.NDArray[Any], count: int, target: str) -> tuple[Measure, Doubles]:
    """The measure, and the target as numbers; a number by its rank."""
    if values.shape != (count,):
        raise InputError(f"got {values.shape} values of {target!r}; expected one for each of {count} vectors")
    if values.dtype == bool:
        if min(values.sum(), (~values).sum()) < FEWEST:
            raise InputError(
                f"{target!r} is true of {values.sum():,} of {count:,} items; expected at least {FEWEST} of either"
            )
        return "AUC", values.astype(np.float64)
    if len(np.unique(values)) < 2 or count < 2 * FEWEST:
        raise InputError(
            f"got {count:,} items with {len(np.unique(values))} values of {target!r}; expected at least "
            f"{2 * FEWEST} items that differ"
        )
    return "correlation", ranks(values)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the covariance of standardised ranks with a target to what a direction knows."""

    factor: float
    chance: float

    @staticmethod
    def of(y: Doubles, measure: Measure) -> _Scale:
        if measure == "correlation":
            return _Scale(float(1 / y.std()), 0.0)
        n, share = len(y), float(y.mean())
        deviation = ((n**2 - 1) / 12) ** 0.5  # of ranks; a difference of mean ranks, over n, is AUC - 1/2
        return _Scale(deviation / n / (share * (1 - share)), 0.5)

    def known(self, ranked: Doubles, targets: Doubles) -> Doubles:
        """``(d, t)``, of standardised ranks ``(n, d)`` and targets ``(n, t)``; turned so that none is below chance."""
        covariances = ranked.T @ (targets - targets.mean(0)) / len(ranked)
        return np.asarray(self.chance + np.abs(covariances * self.factor))


def _ranked(columns: Doubles) -> Doubles:
    """Ranks of every column, with mean 0 and standard deviation 1."""
    found = np.apply_along_axis(ranks, 0, columns)
    return np.asarray((found - found.mean(0)) / np.maximum(found.std(0), 1e-12))


def _chosen(
    x: Doubles, random: Doubles, y: Doubles, measure: Measure, rng: np.random.Generator
) -> tuple[float, float]:
    """What the best column is worth: chosen on one half, measured on the other; of ``x``, and of random directions."""
    first = np.stack([_folds(y, 2, measure, rng) == 0 for _ in range(HALVES)], axis=1).astype(np.float64)
    own, other = (_worth_of_best(columns, y, first, measure) for columns in (x, random))
    return own, other


def _worth_of_best(columns: Doubles, y: Doubles, first: Doubles, measure: Measure) -> float:
    """The mean over halvings ``(n, h)``, 1 for the first half; each with the sign the column had there."""
    count = first.sum(0)
    covariances = columns.T @ (first * (y[:, None] - y @ first / count))
    variances = (columns**2).T @ first / count - (columns.T @ first / count) ** 2
    strengths = covariances / np.sqrt(np.maximum(variances, 1e-24))
    found = []
    for half, strength in zip(first.T, strengths.T, strict=True):
        best, unseen = int(np.argmax(np.abs(strength))), half == 0
        found.append(_score(columns[unseen, best] * np.sign(strength[best]), y[unseen], measure))
    return float(np.mean(found))


def _trained(x: Doubles, y: Doubles, measure: Measure, rng: np.random.Generator) -> float:
    """The mean over folds of what a ridge regression on all dimensions reaches on items it has not seen."""
    fold = _folds(y, FOLDS, measure, rng)
    found = []
    for number in range(FOLDS):
        rows = fold != number
        inner = _folds(y[rows], 3, measure, rng) > 0
        tried = _ridge(x[rows][inner], y[rows][inner], PENALTIES, x[rows][~inner])
        best = int(np.argmax([_score(scores, y[rows][~inner], measure) for scores in tried]))
        (scores,) = _ridge(x[rows], y[rows], PENALTIES[best : best + 1], x[~rows])
        found.append(_score(scores, y[~rows], measure))
    return float(np.mean(found))


def _ridge(x: Doubles, y: Doubles, penalties: Sequence[float], unseen: Doubles) -> list[Doubles]:
    """Ridge regression on some items, predicted for others with each of the penalties."""
    center = x.mean(0)
    covariance = (x - center).T @ (x - center) / len(x)
    unit, right = (
        np.trace(covariance) / len(covariance) * np.eye(len(covariance)),
        (x - center).T @ (y - y.mean()),
    )
    return [(unseen - center) @ np.linalg.solve(covariance + penalty * unit, right) for penalty in penalties]


def _score(scores: Doubles, y: Doubles, measure: Measure) -> float:
    """The AUC, or the rank correlation, with its sign."""
    scale = _Scale.of(y if measure == "AUC" else ranks(y), measure)
    ranked = _ranked(scores[:, None]).ravel()
    own = y if measure == "AUC" else ranks(y)
    return float(scale.chance + ranked @ (own - own.mean()) / len(own) * scale.factor)


def _folds(y: Doubles, count: int, measure: Measure, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The fold of every item; of a tag, both kinds are spread over all folds."""
    fold = np.empty(len(y), np.int64)
    groups: Sequence[npt.NDArray[np.int64]] = [np.arange(len(y))]
    if measure == "AUC":
        groups = [np.flatnonzero(y == 0), np.flatnonzero(y == 1)]
    for rows in groups:
        fold[rng.permutation(rows)] = np.arange(len(rows)) % count
    return fold
