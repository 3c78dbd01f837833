"""What scores mean: how high unrelated queries score in this very collection.

A cosine of 0.8 is a strong match for one encoder and noise for another. So a bank of everyday queries on many
topics, in three scripts, is put to the collection. From all their scores come the mean and the spread by which
halves and modalities are weighed (see `firth.search.ranking`).

From the best score of each come the percentiles. A hit has up to two: of its standing (its similarity in standard
deviations above the query's mean) among the best of the bank in the hit's own modality, and of the share of the
query's words it holds, among the best shares of the bank. The larger of the two is what is rare about the hit; how
rare that is, is again read off the bank. So 95 means: of 100 unrelated queries, 95 find nothing in this collection
that is as good a hit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.similarity import Metric, normalize
from firth.types import FloatArray

__all__ = ["Calibration", "Moments", "Spread", "quantiles", "share_below", "unrelated_queries"]

QUANTILES = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean and the standard deviation of one query's scores over a collection."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Moments:
    """The middle of the vectors of one modality, and how far cosines spread around a query's mean.

    Attributes:
        center: ``(d,)`` mean of the unit vectors.
        deviation: Standard deviation of an unrelated query's cosines, averaged over the bank.
        count: How many vectors.
    """

    center: FloatArray
    deviation: float
    count: int


@dataclass(frozen=True)
class Calibration:
    """What is known of scores by chance.

    Attributes:
        moments: By named vector, then by modality (``"text"``, ``"image"``).
        best: Quantiles ``(101,)`` over the bank of the best standing, by ``"vector modality"``, of the best share
            of words, as ``"words"``, and of the larger percentile of both, by ``"either vector"``.
        items: How many items there were when it was made; 0 for none yet.
    """

    moments: Mapping[str, Mapping[str, Moments]] = field(default_factory=dict)
    best: Mapping[str, FloatArray] = field(default_factory=dict)
    items: int = 0

    def center(self, vector: str) -> FloatArray | None:
        """The middle of a named vector over all modalities, ``(d,)``."""
        known = list(self.moments.get(vector, {}).values())
        if not known:
            return None
        weights = np.array([moments.count for moments in known], np.float32)
        return np.asarray(
            np.average([moments.center for moments in known], axis=0, weights=weights), np.float32
        )

    def spreads(self, vector: str, query: FloatArray | None, metric: Metric) -> dict[str, Spread]:
        """Mean and deviation of a query's scores by modality; without calibration, those of random directions."""
        known = self.moments.get(vector, {})
        spreads = {modality: Spread(0.0, 0.05) for modality in ("text", "image")}
        if query is None or metric is Metric.EUCLIDEAN:
            return spreads
        if metric is Metric.COSINE:
            query = normalize(query)
        for modality, moments in known.items():
            spreads[modality] = Spread(float(query @ moments.center), moments.deviation)
        if len(known) == 1:
            spreads = dict.fromkeys(spreads, spreads[next(iter(known))])
        return spreads

    def percentile(
        self, vector: str | None, modality: str, standing: float | None, words: float | None
    ) -> float | None:
        """How many of 100 unrelated queries find no hit as good as this one; None where that is not known.

        Args:
            vector: The named vector that was searched, if one was.
            modality: What the hit's vector was made from, ``"text"`` or ``"image"``.
            standing: The hit's similarity in standard deviations above chance, if a vector was searched.
            words: The share of the query's words, weighed by BM25, if full text was searched.
        """
        found = []
        if standing is not None:
            found.append(self._share(f"{vector} {modality}", standing))
        if words is not None:
            found.append(self._share("words", words))
        known = [share for share in found if share is not None]
        if len(known) < 2 or len(known) < len(found):
            return round(known[0], 1) if known else None
        either = self._share(f"either {vector}", max(known))
        return None if either is None else round(either, 1)

    def _share(self, key: str, value: float) -> float | None:
        steps = self._steps.get(key)
        return None if steps is None else float(steps.below(value))

    @cached_property
    def _steps(self) -> dict[str, _Steps]:
        return {key: _Steps.of(quantiles) for key, quantiles in self.best.items()}

    def to_json(self) -> dict[str, Any]:
        """For the collection's notes."""
        moments = {
            vector: {
                modality: {"center": m.center.round(6).tolist(), "deviation": m.deviation, "count": m.count}
                for modality, m in kinds.items()
            }
            for vector, kinds in self.moments.items()
        }
        best = {key: quantiles.round(6).tolist() for key, quantiles in self.best.items()}
        return {"moments": moments, "best": best, "items": self.items}

    @staticmethod
    def from_json(notes: Mapping[str, Any]) -> Calibration:
        """The inverse of `to_json`."""
        moments = {
            vector: {
                modality: Moments(np.array(m["center"], np.float32), m["deviation"], m["count"])
                for modality, m in kinds.items()
            }
            for vector, kinds in notes["moments"].items()
        }
        best = {key: np.array(quantiles, np.float32) for key, quantiles in notes["best"].items()}
        return Calibration(moments, best, notes["items"])


def quantiles(scores: Sequence[float] | npt.NDArray[np.float64]) -> FloatArray:
    """101 quantiles of scores."""
    return np.quantile(np.asarray(scores, np.float64), QUANTILES).astype(np.float32)


def share_below(quantiles: FloatArray, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """How many of 100 lie below each value; of many that are equal, as of zeros, none lies below the others.

    >>> share_below(np.array([0, 0, 0, 1, 2], np.float32), [0.0, 0.5, 1.0, 3.0]).tolist()
    [0.0, 37.5, 75.0, 100.0]
    """
    return _Steps.of(quantiles).below(values)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Quantiles, each value once, with the share of 100 that lies below it."""

    values: FloatArray
    shares: npt.NDArray[np.float64]

    @staticmethod
    def of(quantiles: FloatArray) -> _Steps:
        values, first = np.unique(quantiles, return_index=True)
        return _Steps(values, first / (len(quantiles) - 1) * 100)

    def below(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        asked = np.asarray(values, np.float64)
        return np.asarray(np.interp(asked, self.values, self.shares, left=0, right=100))


def unrelated_queries() -> list[str]:
    """The bank: everyday queries on many topics, in English, Traditional and Simplified Chinese."""
    lines = resources.files("firth.search").joinpath("unrelated_queries.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
