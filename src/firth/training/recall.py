"""How often a caption finds its picture, and how far the two kinds of vectors lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from firth.training.examples import Examples, Indices
from firth.types import FloatArray

__all__ = ["Gap", "Recall", "gap", "mean_recall", "recalls"]

CHUNK = 512
"""Captions compared with all pictures at once."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Of the held-out captions of a column, the share that have their picture among the first 1, 5 and 10.

    A picture with an equal caption counts as found, too.

    Attributes:
        column: The captions' column.
        captions: How many there are.
        among: ``"held out"``, against held-out pictures alone, or ``"all"``, against those of the training too.
        pictures: How many those are.
        at_1: The share with it in the first place.
        at_5: Among the first five.
        at_10: Among the first ten.
    """

    column: str
    captions: int
    among: str
    pictures: int
    at_1: float
    at_5: float
    at_10: float

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Gap:
    """The modality gap (Liang et al. 2022, arXiv:2203.02053).

    Attributes:
        distance: Between the mean of pictures and the mean of captions, both of unit vectors.
        told_apart: The share of vectors, half of each kind, that lie on their own kind's side of the plane midway
            between the means; .5 where they are mixed, 1 where no plane is needed to tell.
    """

    distance: float
    told_apart: float


def recalls(
    examples: Examples, pictures: FloatArray, captions: FloatArray, *, most: int | None = None
) -> list[Recall]:
    """Recall of held-out captions, by column, among the held-out pictures and among all.

    Args:
        examples: Who belongs to whom.
        pictures: Vectors of all pictures, ``(n, d)``.
        captions: Vectors of all captions, ``(m, d)``.
        most: At most so many captions a column, evenly taken; None for all.
    """
    found = []
    galleries = (("held out", np.flatnonzero(examples.held_out)), ("all", np.arange(len(pictures))))
    for number, column in enumerate(examples.columns):
        asking = np.flatnonzero((examples.column == number) & examples.held_out[examples.owner])
        if most is not None and len(asking) > most:
            asking = asking[np.linspace(0, len(asking) - 1, most).astype(int)]
        if not len(asking):
            continue
        for among, gallery in galleries:
            ranks = _ranks(examples, pictures, captions, asking, gallery)
            at_1, at_5, at_10 = (float((ranks < k).mean()) for k in (1, 5, 10))
            found.append(Recall(column, len(asking), among, len(gallery), at_1, at_5, at_10))
    return found


def _ranks(
    examples: Examples, pictures: FloatArray, captions: FloatArray, asking: Indices, gallery: Indices
) -> Indices:
    """How many pictures of the gallery come before the first right one."""
    place = np.full(len(pictures), -1)
    place[gallery] = np.arange(len(gallery))
    by_caption = np.argsort(examples.same, kind="stable")
    sorted_same = examples.same[by_caption]
    ranks = np.empty(len(asking), np.int64)
    for start in range(0, len(asking), CHUNK):
        some = asking[start : start + CHUNK]
        scores = captions[some] @ pictures[gallery].T
        for row, caption in enumerate(some):
            low, high = np.searchsorted(sorted_same, [examples.same[caption], examples.same[caption] + 1])
            right = place[examples.owner[by_caption[low:high]]]
            ranks[start + row] = (scores[row] > scores[row, right[right >= 0]].max()).sum()
    return ranks


def mean_recall(found: Sequence[Recall]) -> float:
    """Recall@10, the mean over columns and over both galleries: what a training is stopped by."""
    return float(np.mean([recall.at_10 for recall in found]))


def gap(pictures: FloatArray, captions: FloatArray) -> Gap:
    """How far pictures ``(n, d)`` and captions ``(m, d)``, of unit length, lie apart."""
    middle, other = pictures.mean(0), captions.mean(0)
    normal = other - middle
    border = normal @ (middle + other) / 2
    told = ((pictures @ normal < border).mean() + (captions @ normal > border).mean()) / 2
    return Gap(float(np.linalg.norm(normal)), float(told))
