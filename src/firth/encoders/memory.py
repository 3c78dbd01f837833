"""What captioned pictures look like: a picture is understood by the captions of those it resembles.

Kernel regression (Nadaraya 1964, Watson 1964) from how pictures look to what their captions mean. A picture's look is
the square root of its features' shares, less the mean look. Looks are compared through a lens, which shortens the
directions in which pictures of one thing differ from each other, by manner and maker (within-class covariance
normalization, Hatch et al. 2006), and keeps the 256 in which pictures then differ most. A kept picture takes 4 bits in
each, 128 bytes.

The captions' vectors are kept by concept, in 8 bits along the axes on which they differ most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["NEIGHBOURS", "Memory", "looks"]

NEIGHBOURS = 30
"""How many kept pictures a picture is compared with."""
TEMPERATURE = 0.07
"""How fast their weight falls with their cosine."""
STRANGE = 0.15
"""A picture whose nearest is no nearer than this is unlike all that are kept: they say nothing of it."""
AXES = 256
"""Along how many axes meanings are kept."""
WIDTH = 256
"""Along how many looks are compared."""
SHRINKAGE = 1.0
"""What is added to the variance within concepts, beside its mean: there are too few pictures to know it well."""
LEVELS = 16
"""To how many a number of a look is rounded."""
REACH = 2.7
"""The outermost level, in standard deviations: about the least error for 16 levels of normal numbers."""

Codes = npt.NDArray[np.uint8]


def looks(features: FloatArray) -> FloatArray:
    """How pictures look, ``(n, 1280)``, from lite0's features: roots of their shares, so that few do not rule."""
    total = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(np.sqrt(np.maximum(features, 0) / np.maximum(total, 1e-9)), np.float32)


@dataclass(frozen=True, eq=False)
class Memory:
    """Captioned pictures, kept to understand others by.

    Attributes:
        mean: The mean look, ``(1280,)``.
        lens: What looks are compared through, ``(1280, w)``.
        levels: The kept pictures' looks through it, two numbers a byte, ``(m, w / 2)``.
        concept: Which meaning each has, ``(m,)``.
        codes: Meanings in 8 bits, ``(c, a)``.
        axes: What the codes are multiples of, ``(a, d)``.
    """

    mean: FloatArray
    lens: FloatArray
    levels: Codes
    concept: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int8]
    axes: FloatArray

    @staticmethod
    def of(
        features: FloatArray,
        concept: npt.NDArray[np.int64],
        meanings: FloatArray,
        *,
        axes: int = AXES,
        width: int = WIDTH,
    ) -> Memory:
        """Keep pictures.

        Args:
            features: lite0's, ``(m, 1280)``.
            concept: Which row of ``meanings`` is each one's.
            meanings: ``(c, d)``, for example the captions' vectors less their mean.
            axes: How many numbers of a meaning are kept.
            width: How many of a look; an even number.
        """
        look = looks(features)
        mean = look.mean(0)
        lens = _lens(look - mean, concept, width)
        levels = _packed(normalize((look - mean) @ lens))
        _, _, directions = np.linalg.svd(meanings, full_matrices=False)
        along = meanings @ directions[:axes].T
        step = np.maximum(np.abs(along).max(0), 1e-9) / 127
        codes = np.round(along / step).astype(np.int8)
        return Memory(mean, lens, levels, concept, codes, step[:, None] * directions[:axes])

    @staticmethod
    def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> Memory:
        """The inverse of `arrays`."""
        floats = {name: np.asarray(arrays[name], np.float32) for name in ("mean", "lens", "axes")}
        return Memory(
            levels=np.asarray(arrays["levels"], np.uint8),
            concept=np.asarray(arrays["concept"], np.int64),
            codes=np.asarray(arrays["codes"], np.int8),
            **floats,
        )

    @property
    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What a file holds of it, by name, as small as it may be."""
        return {
            "mean": self.mean.astype(np.float32),
            "lens": self.lens.astype(np.float16),
            "levels": self.levels,
            "concept": self.concept.astype(np.uint16),
            "codes": self.codes,
            "axes": self.axes.astype(np.float16),
        }

    @cached_property
    def _kept(self) -> FloatArray:
        """The kept pictures' looks, of unit length: ``(m, w)``."""
        return normalize(_unpacked(self.levels))

    def cosines(self, features: FloatArray) -> FloatArray:
        """How alike pictures are to the kept ones, through the lens: ``(n, m)``."""
        return normalize((looks(features) - self.mean) @ self.lens) @ self._kept.T

    def recall(self, features: FloatArray) -> FloatArray:
        """What is known of pictures that look like these: ``(n, d)``, the longer the more alike they are.

        Args:
            features: lite0's, ``(n, 1280)``.
        """
        cosines = self.cosines(features)
        k = min(NEIGHBOURS, cosines.shape[1])
        nearest = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        near = np.take_along_axis(cosines, nearest, 1)
        best = near.max(1, keepdims=True)
        weights = np.exp((near - best) / TEMPERATURE)
        weights /= weights.sum(1, keepdims=True)
        weights *= np.clip((best - STRANGE) / (1 - STRANGE), 0, 1)
        codes = self.codes[self.concept[nearest]].astype(np.float32)
        return np.asarray(np.einsum("nk,nka->na", weights, codes) @ self.axes, np.float32)


def _lens(look: FloatArray, concept: npt.NDArray[np.int64], width: int) -> FloatArray:
    """``(1280, w)``, so that in ``look @ lens`` pictures of one concept differ by about as much in any direction."""
    counts = np.bincount(concept)
    middles = np.zeros((len(counts), look.shape[1]), np.float32)
    np.add.at(middles, concept, look)
    middles /= np.maximum(counts, 1)[:, None]
    within = (look - middles[concept])[counts[concept] > 1]  # a picture alone does not differ from itself
    values, directions = np.linalg.eigh(within.T @ within / max(len(within), 1))
    values = np.maximum(values, 0)
    values = values + SHRINKAGE * (values.mean() or 1.0)
    white = (directions / np.sqrt(values)) @ directions.T
    seen = look @ white
    _, widest = np.linalg.eigh(seen.T @ seen)
    lens = white @ widest[:, : -width - 1 : -1]
    return np.asarray(lens / np.abs(lens).max(), np.float32)


def _packed(numbers: FloatArray) -> Codes:
    """Numbers ``(m, w)`` as levels, two a byte: ``(m, w / 2)``."""
    step = 2 * REACH * max(float(numbers.std()), 1e-9) / LEVELS
    levels = np.clip(np.floor(numbers / step) + LEVELS / 2, 0, LEVELS - 1).astype(np.uint8)
    return np.asarray(levels[:, ::2] * LEVELS + levels[:, 1::2], np.uint8)


def _unpacked(packed: Codes) -> FloatArray:
    """The numbers of levels, in steps: ``(m, w)``."""
    levels = np.stack(np.divmod(packed, np.uint8(LEVELS)), axis=2).reshape(len(packed), -1)
    return np.asarray(levels - np.float32((LEVELS - 1) / 2), np.float32)
