"""The two matrices that are learned, and which of their rows a word is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.encoders.words.subwords import piece_ids
from firth.training.skipgram.settings import Settings
from firth.types import FloatArray

__all__ = ["Pieces", "Rows"]

LINE = 16
"""Numbers in a cache line: rows are padded with zeros to whole ones, which stay zero."""


@dataclass(frozen=True)
class Pieces:
    """Rows of the pieces of each word: those of word i are ``rows[starts[i]:starts[i + 1]]``.

    Attributes:
        starts: ``(n + 1,)`` int64.
        rows: int32, counted from the first word's.
    """

    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]

    @classmethod
    def of(cls, words: Sequence[str], settings: Settings) -> Pieces | None:
        """None where words are not taken apart."""
        if not settings.subwords:
            return None
        found = [piece_ids(word, settings.buckets) + len(words) for word in words]
        starts = np.cumsum([0, *map(len, found)])
        return cls(starts.astype(np.int64), np.concatenate(found).astype(np.int32))


@dataclass(frozen=True)
class Rows:
    """What is learned.

    Attributes:
        inputs: ``(n + buckets, padded d)``: words, then pieces.
        outputs: ``(n, padded d)``.
        pieces: None where there are none.
    """

    inputs: FloatArray
    outputs: FloatArray
    pieces: Pieces | None

    @classmethod
    def begin(cls, words: Sequence[str], settings: Settings) -> Rows:
        """Inputs by chance between -1/d and 1/d, as gensim and fastText begin, and outputs of zeros."""
        n, d = len(words), settings.size
        rng = np.random.default_rng(settings.seed)
        inputs = _aligned(n + settings.buckets * settings.subwords, d)
        for start in range(0, len(inputs), 1 << 16):
            part = inputs[start : start + (1 << 16), :d]
            part[:] = (2 * rng.random(part.shape, np.float32) - 1) / d
        return cls(inputs, _aligned(n, d), Pieces.of(words, settings))

    def vectors(self, n: int, d: int) -> FloatArray:
        """``(n, d)``: each word's row, or the mean of it and its pieces."""
        if self.pieces is None:
            return self.inputs[:n, :d].copy()
        made = np.empty((n, d), np.float32)
        for word in range(n):
            rows = self.pieces.rows[self.pieces.starts[word] : self.pieces.starts[word + 1]]
            made[word] = (self.inputs[word, :d] + self.inputs[rows, :d].sum(0)) / (len(rows) + 1)
        return made


def _aligned(rows: int, d: int) -> FloatArray:
    """Zeros whose rows begin at cache lines."""
    width = -(-d // LINE) * LINE
    buffer = np.zeros(rows * width + LINE, np.float32)
    start = (-buffer.ctypes.data // buffer.itemsize) % LINE
    return buffer[start : start + rows * width].reshape(rows, width)
