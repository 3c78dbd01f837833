"""Pieces of words: character n-grams hashed into buckets, so that a word that never occurred has a vector too.

Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information" (doi:10.1162/tacl_a_00051): a word's vector is
the mean of its own row and those of its n-grams, taken from ``<word>`` with its ends marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.text.characters import is_cjk
from firth.types import FloatArray

__all__ = ["Subwords", "ngrams", "piece_ids"]

BEGIN, END = "<", ">"


@dataclass(frozen=True, slots=True)
class Subwords:
    """Vectors of pieces.

    Attributes:
        vectors: ``(b, d)`` float32, a row a bucket.
    """

    vectors: FloatArray

    def vector(self, word: str) -> FloatArray | None:
        """The mean of a word's pieces, ``(d,)``; None where it is too short to have one."""
        ids = piece_ids(word, len(self.vectors))
        if not len(ids):
            return None
        return np.asarray(self.vectors[ids].mean(axis=0), np.float32)

    def arrays(self) -> dict[str, FloatArray]:
        """What is written into the folder."""
        return {"pieces": self.vectors}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Subwords | None:
        """What was written; None where there were no pieces."""
        return cls(arrays["pieces"]) if "pieces" in arrays else None


def ngrams(word: str) -> list[str]:
    """A word's pieces of 3 to 6 letters, its marked ends counted, the whole of it left out.

    A Chinese character has a meaning by itself, so words that hold one are taken apart into 1 to 3.

    >>> ngrams("cats")
    ['<ca', '<cat', '<cats', 'cat', 'cats', 'cats>', 'ats', 'ats>', 'ts>']
    >>> ngrams("蘋果")
    ['<蘋', '<蘋果', '蘋', '蘋果', '蘋果>', '果', '果>']
    """
    shortest, longest = (1, 3) if any(map(is_cjk, word)) else (3, 6)
    marked = f"{BEGIN}{word}{END}"
    found = []
    for start in range(len(marked)):
        for length in range(shortest, longest + 1):
            piece = marked[start : start + length]
            if len(piece) == length and piece not in (marked, BEGIN, END):
                found.append(piece)
    return found


def piece_ids(word: str, buckets: int) -> npt.NDArray[np.int64]:
    """The buckets of a word's pieces.

    >>> piece_ids("cat", 1000).tolist()
    [747, 973, 31, 995, 106]
    """
    return np.array([_fnv1a(piece.encode()) % buckets for piece in ngrams(word)], np.int64)


def _fnv1a(data: bytes) -> int:
    """The 32-bit hash of Fowler, Noll and Vo: small, the same everywhere, and good enough to spread n-grams."""
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value
