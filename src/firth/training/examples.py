"""What a head learns from: features of pictures, vectors of captions, and who belongs to whom.

This is the boundary of the numpy part: whoever has features and caption vectors already, of any number of pictures and
from anywhere, fills `Examples` and calls `firth.training.fitting.fit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.errors import DimensionError, InputError
from firth.types import FloatArray

__all__ = ["Examples", "numbered", "split_by_concept"]

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """``n`` pictures in ``v`` views each, ``m`` captions in ``d`` dimensions.

    Attributes:
        features: lite0's features, not normalized, ``(n, v, 1280)``; view 0 is the picture as it is. Float16 will do.
        names: What is known of the views already, in the text encoder's space: mixtures of class names, or the
            vectors of a model that the head is to stand beside, ``(n, v, d)``.
        captions: Vectors of the captions, ``(m, d)`` of unit length.
        owner: The picture of each caption, ``(m,)``.
        column: Which of `columns` each caption is from, ``(m,)``; several of one column are fine.
        columns: The names of the columns, or languages.
        same: A number for each caption, ``(m,)``, equal where captions are equal.
        concept: A number for each picture, ``(n,)``, equal where pictures show the same thing.
        held_out: Which pictures are kept aside, ``(n,)``.
    """

    features: Any
    names: Any
    captions: FloatArray
    owner: Indices
    column: Indices
    columns: Sequence[str]
    same: Indices
    concept: Indices
    held_out: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit, and splits of which one side is empty."""
        n, v = self.features.shape[:2]
        m, d = self.captions.shape
        wanted = {
            "names": (n, v, d),
            "owner": (m,),
            "column": (m,),
            "same": (m,),
            "concept": (n,),
            "held_out": (n,),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise DimensionError(f"{name} has shape {getattr(self, name).shape}; expected {shape}")
        if not len(self.trained) or not self.held_out.any():
            raise InputError(
                f"got {len(self.trained):,} pictures with captions to learn from and {int(self.held_out.sum()):,} "
                "held out; expected some of both. Next: more pictures, or another share"
            )

    @cached_property
    def captions_of(self) -> list[Indices]:
        """The captions of each picture."""
        order = np.argsort(self.owner, kind="stable")
        ends = np.cumsum(np.bincount(self.owner, minlength=len(self.concept)))
        return np.split(order, ends[:-1])

    @cached_property
    def trained(self) -> Indices:
        """The pictures to learn from: not held out, and with a caption."""
        counts = np.bincount(self.owner, minlength=len(self.concept))
        return np.flatnonzero(~self.held_out & (counts > 0))

    def of_trained(self) -> Indices:
        """The captions to learn from."""
        return np.flatnonzero(~self.held_out[self.owner])


def numbered(values: Sequence[str]) -> Indices:
    """Equal values get equal numbers.

    >>> numbered(["蘋果", "apple", "蘋果"]).tolist()
    [0, 1, 0]
    """
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)


def split_by_concept(concept: Indices, share: float, *, seed: int) -> npt.NDArray[np.bool_]:
    """Which pictures to hold out: whole concepts, by chance, until they are a share of all pictures.

    >>> held = split_by_concept(np.array([0, 0, 1, 1, 2, 2]), 0.4, seed=0)
    >>> held.sum(), held[::2].tolist() == held[1::2].tolist()
    (np.int64(4), True)
    """
    if not 0 < share < 1:
        raise InputError(f"got held_out={share}; expected a share between 0 and 1, such as 0.1")
    counts = np.bincount(concept)
    order = np.random.default_rng(seed).permutation(len(counts))
    before = np.cumsum(counts[order]) - counts[order]
    return np.isin(concept, order[before < share * len(concept)])
