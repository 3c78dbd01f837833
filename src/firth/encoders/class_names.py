"""Pictures in a text encoder's space by the names of what is seen in them (ConSE, Norouzi et al. 2014,
arXiv:1312.5650): the mean of the text vectors of the likeliest ImageNet classes, weighted by their probability.

So words find pictures with no picture ever shown beside a text. It knows 1,000 names and nothing else; a model
learned from captioned pictures takes its place when there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from firth.encoders.base import Encoder, Progress, Role, encode_either
from firth.encoders.lite0 import Lite0, class_names
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["ClassNames", "doubts", "mixtures"]

TOP = 30
"""How many classes a picture is a mixture of."""
TEMPERATURE = 2.0
"""How much flatter than the network's own the mixture is: drawings are far from the photos it learned from, and a
wider mixture finds a quarter more of them (chosen on emoji and clip art)."""


class ClassNames(Encoder):
    """Text and pictures in one space, that of a text encoder.

    Args:
        texts: The encoder whose space it is.
        pictures: What sees the classes.
    """

    modalities = frozenset({"text", "image"})

    def __init__(self, texts: Encoder, pictures: Lite0) -> None:
        self.texts = texts
        self.pictures = pictures
        self.name = f"class-names:{texts.name}"
        self.dim = texts.dim
        self.worth = texts.worth / 2  # a thousand names say less of a picture than a text says of itself

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of both encoders."""
        recipe = f"class-names 1 {TOP} {TEMPERATURE} {self.texts.fingerprint} {self.pictures.fingerprint}"
        return sha256(recipe.encode()).hexdigest()[:16]

    @cached_property
    def classes(self) -> FloatArray:
        """The text vectors of the classes, ``(1000, d)``, each the mean of its synonyms."""
        synonyms = [names.split(", ") for names in class_names()]
        flat = self.texts.encode([name for names in synonyms for name in names])
        starts = np.cumsum([0] + [len(names) for names in synonyms[:-1]])
        return normalize(np.add.reduceat(flat, starts))

    def encode(
        self, inputs: Sequence[Any], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode texts (str) or pictures, or a mixture of both: ``(n, d)`` of unit length."""
        return encode_either(
            inputs,
            self.dim,
            texts=lambda some: self.texts.encode(some, role=role, progress=progress),
            pictures=lambda some: self.from_logits(self.pictures.run(some, progress=progress)[1]),
        )

    def from_logits(self, logits: FloatArray) -> FloatArray:
        """Vectors ``(n, d)`` of pictures whose class logits ``(n, 1000)`` are known already."""
        return mixtures(logits, self.classes)


def mixtures(logits: FloatArray, names: FloatArray) -> FloatArray:
    """The mean of the likeliest classes' vectors, weighted by how likely they are: ``(n, d)`` of unit length.

    Args:
        logits: ``(n, 1000)``.
        names: The classes' vectors, ``(1000, d)``.
    """
    top = np.argpartition(-logits, TOP, axis=1)[:, :TOP]
    best = np.take_along_axis(logits, top, 1)
    weights = np.exp((best - best.max(1, keepdims=True)) / TEMPERATURE)
    weights /= weights.sum(1, keepdims=True)
    return normalize(np.einsum("nt,ntd->nd", weights, names[top]))


def doubts(logits: FloatArray) -> FloatArray:
    """How probable it is that a picture is not of its likeliest class: ``(n,)``.

    >>> doubts(np.array([[9.0, 0.0], [1.0, 1.0]], np.float32)).round(2).tolist()
    [0.0, 0.5]
    """
    return np.asarray(1 - 1 / np.exp(logits - logits.max(1, keepdims=True)).sum(1))
