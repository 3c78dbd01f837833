"""The pictures of an epoch in batches, each with some of its captions, and who is whose negative."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.training.examples import Examples, Indices
from firth.training.losses import Mask
from firth.training.settings import Settings
from firth.types import FloatArray

__all__ = ["Batch", "batches", "masks"]


@dataclass(frozen=True, slots=True)
class Batch:
    """``b`` pictures and ``m`` captions.

    Attributes:
        pictures: Which, ``(b,)``.
        features: Of one view each, ``(b, 1280)``.
        names: Its mixture of class names, ``(b, d)``.
        kept: What features are multiplied by: 0 for those that are dropped, ``(b, 1280)``.
        captions: ``(m, d)``.
        positive: Which pairs belong together, ``(b, m)``.
        ignored: Which are neither that nor negatives, ``(b, m)``.
    """

    pictures: Indices
    features: FloatArray
    names: FloatArray
    kept: FloatArray
    captions: FloatArray
    positive: Mask
    ignored: Mask


def batches(examples: Examples, settings: Settings, epoch: int) -> Iterator[Batch]:
    """The batches of an epoch: the same for the same seed and number."""
    rng = np.random.default_rng([settings.seed, epoch])
    order = rng.permutation(examples.trained)
    count = max(1, round(len(order) / settings.batch))
    for pictures in np.array_split(order, count):
        view = rng.integers(0, examples.features.shape[1], len(pictures))
        features = np.asarray(examples.features[pictures, view], np.float32)
        kept = np.asarray(rng.random(features.shape, np.float32) >= settings.drop, np.float32)
        kept /= np.float32(1 - settings.drop)
        chosen = [_some(examples.captions_of[picture], settings.captions, rng) for picture in pictures]
        captions = np.concatenate(chosen)
        positive, ignored = masks(examples, pictures, captions)
        names = np.asarray(examples.names[pictures, view], np.float32)
        yield Batch(pictures, features, names, kept, examples.captions[captions], positive, ignored)


def _some(captions: Indices, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    return captions if len(captions) <= count else rng.choice(captions, count, replace=False)


def masks(examples: Examples, pictures: Indices, captions: Indices) -> tuple[Mask, Mask]:
    """Which pairs belong together, and which are left out, both ``(b, m)``.

    A picture and its own captions belong together. Left out are other pictures of the same concept, and captions
    that are equal to one of the picture's own, whether in the batch or not.
    """
    owner = examples.owner[captions]
    positive = pictures[:, None] == owner[None, :]
    alike = examples.concept[pictures][:, None] == examples.concept[owner][None, :]
    place = {int(picture): row for row, picture in enumerate(pictures)}
    by_text: dict[int, list[int]] = {}
    for column, caption in enumerate(captions):
        by_text.setdefault(int(examples.same[caption]), []).append(column)
    for picture, row in place.items():
        for caption in examples.captions_of[picture]:
            alike[row, by_text.get(int(examples.same[caption]), [])] = True
    return positive, alike & ~positive
