"""What captioned pictures look like: a picture is understood by the captions of those it resembles.

Kernel regression (Nadaraya 1964, Watson 1964) from how pictures look to what their captions mean. A picture's look is
the square root of its features' shares, less the mean look, of unit length. Of the kept pictures only signs are
stored, 160 bytes each; a query stays in full, and their cosine is estimated as ``q . sign(z) / |z|_1``, as RaBitQ does
(Gao and Long 2024, arXiv:2405.12497): unbiased for ``q = z``, off by about .03 elsewhere.

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
STRANGE = 0.2
"""A picture whose nearest is no nearer than this is unlike all that are kept: they say nothing of it."""
AXES = 256
"""Along how many axes meanings are kept."""


def looks(features: FloatArray) -> FloatArray:
    """How pictures look, ``(n, 1280)``, from lite0's features: roots of their shares, so that few do not rule."""
    total = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(np.sqrt(np.maximum(features, 0) / np.maximum(total, 1e-9)), np.float32)


@dataclass(frozen=True, eq=False)
class Memory:
    """Captioned pictures, kept to understand others by.

    Attributes:
        mean: The mean look, ``(1280,)``.
        signs: Of the kept pictures' looks less the mean, packed bits, ``(m, 160)``.
        sums: The sums of what the signs were taken from, ``(m,)``.
        concept: Which meaning each has, ``(m,)``.
        codes: Meanings in 8 bits, ``(c, a)``.
        axes: What the codes are multiples of, ``(a, d)``.
    """

    mean: FloatArray
    signs: npt.NDArray[np.uint8]
    sums: FloatArray
    concept: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int8]
    axes: FloatArray

    @staticmethod
    def of(
        features: FloatArray, concept: npt.NDArray[np.int64], meanings: FloatArray, *, axes: int = AXES
    ) -> Memory:
        """Keep pictures.

        Args:
            features: lite0's, ``(m, 1280)``.
            concept: Which row of ``meanings`` is each one's.
            meanings: ``(c, d)``, for example the captions' vectors less their mean.
            axes: How many numbers of a meaning are kept.
        """
        look = looks(features)
        mean = look.mean(0)
        z = normalize(look - mean)
        _, _, directions = np.linalg.svd(meanings, full_matrices=False)
        along = meanings @ directions[:axes].T
        step = np.maximum(np.abs(along).max(0), 1e-9) / 127
        codes = np.round(along / step).astype(np.int8)
        signs = np.packbits(z > 0, axis=1)
        return Memory(mean, signs, np.abs(z).sum(1), concept, codes, step[:, None] * directions[:axes])

    @staticmethod
    def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> Memory:
        """The inverse of `arrays`."""
        floats = {name: np.asarray(arrays[name], np.float32) for name in ("mean", "sums", "axes")}
        return Memory(
            signs=np.asarray(arrays["signs"], np.uint8),
            concept=np.asarray(arrays["concept"], np.int64),
            codes=np.asarray(arrays["codes"], np.int8),
            **floats,
        )

    @property
    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What a file holds of it, by name, as small as it may be."""
        return {
            "mean": self.mean.astype(np.float32),
            "signs": self.signs,
            "sums": self.sums.astype(np.float16),
            "concept": self.concept.astype(np.uint16),
            "codes": self.codes,
            "axes": self.axes.astype(np.float16),
        }

    @cached_property
    def _directions(self) -> FloatArray:
        """The signs as numbers, so that a product is a cosine: ``(m, 1280)``."""
        bits = np.unpackbits(self.signs, axis=1)[:, : len(self.mean)]
        signs = bits.astype(np.float32) * 2 - 1
        signs /= self.sums[:, None]
        return signs

    def recall(self, features: FloatArray) -> FloatArray:
        """What is known of pictures that look like these: ``(n, d)``, the longer the more alike they are.

        Args:
            features: lite0's, ``(n, 1280)``.
        """
        cosines = normalize(looks(features) - self.mean) @ self._directions.T
        k = min(NEIGHBOURS, cosines.shape[1])
        nearest = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        near = np.take_along_axis(cosines, nearest, 1)
        best = near.max(1, keepdims=True)
        weights = np.exp((near - best) / TEMPERATURE)
        weights /= weights.sum(1, keepdims=True)
        weights *= np.clip((best - STRANGE) / (1 - STRANGE), 0, 1)
        codes = self.codes[self.concept[nearest]].astype(np.float32)
        return np.asarray(np.einsum("nk,nka->na", weights, codes) @ self.axes, np.float32)
