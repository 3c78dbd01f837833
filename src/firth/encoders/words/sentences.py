"""``words:DIR``: a sentence as the weighted mean of its words' vectors.

Arora, Liang and Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings" (SIF): each word counts
``a / (a + p(w))`` with its share p(w) of the text, so that frequent words say little, and the direction that all
sentences have in common is taken out. That direction is taken here as the expected sentence's, the mean over the
vocabulary by p(w): it needs no sentences, and is the same for everybody who uses these vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firth.encoders.base import Encoder, Progress, Role, checked_texts
from firth.encoders.words.vectors import WordVectors
from firth.errors import InputError
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["WordsEncoder"]

A = 1e-3
"""The share of a word that counts half."""
SLAB = 2048


class WordsEncoder(Encoder):
    """An encoder of sentences from vectors of words; fast, and blind to their order.

    >>> words, rows = ("the", "cat", "貓", "rains"), [[1, 0], [0, 1], [0, 1], [-1, -1]]
    >>> few = WordVectors(words, np.array(rows, np.float32), counts=np.array([90, 5, 5, 5]))
    >>> cat, mao, rains, unknown = WordsEncoder(few, name="words:few").encode(["the cat", "貓", "it rains", "?"])
    >>> bool(cat @ mao > cat @ rains), unknown.tolist()
    (True, [0.0, 0.0])

    Args:
        source: Word vectors, or where they lie.
        name: What the encoder is called; by default ``words:`` and the place.
    """

    modalities = frozenset({"text"})

    def __init__(self, source: WordVectors | str | Path = "", *, name: str | None = None) -> None:
        if not isinstance(source, WordVectors) and not str(source):
            raise InputError(
                "got 'words'; expected words:DIR, the folder of word vectors. Next: firth words train"
            )
        self.name = name or f"words:{source}"
        self.vectors = source if isinstance(source, WordVectors) else WordVectors.load(source)
        self.dim = self.vectors.vectors.shape[1]

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the words and their vectors."""
        digest = sha256("\n".join(self.vectors.words).encode())
        digest.update(np.ascontiguousarray(self.vectors.vectors).data)
        return digest.hexdigest()[:16]

    @cached_property
    def _share(self) -> npt.NDArray[np.float64]:
        """Each word's share of the text; by Zipf's law from their order where it was not counted."""
        counts = self.vectors.counts
        share = 1 / (np.arange(len(self.vectors)) + 2.7) if counts is None else counts.astype(float)
        return np.asarray(share / share.sum())

    @cached_property
    def _weighted(self) -> FloatArray:
        weights = A / (A + self._share)
        return np.asarray(self.vectors.vectors * weights[:, None], np.float32)

    @cached_property
    def _common(self) -> FloatArray:
        """``(d,)``, unit length: the direction that sentences have in common."""
        expected = self._share.astype(np.float32) @ self._weighted
        return np.asarray(normalize(expected[None])[0])

    def encode(
        self, inputs: Sequence[str], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode texts; one without any known word has a vector of zeros. See `Encoder.encode`."""
        texts = checked_texts(inputs, self.name)
        means = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), SLAB):
            cut = self.vectors.tokens.many(texts[start : start + SLAB])
            for place, words in enumerate(cut, start):
                means[place] = self._mean(words)
            if progress:
                progress(len(cut))
        return normalize(means - (means @ self._common)[:, None] * self._common)

    def _mean(self, words: Sequence[str]) -> FloatArray | float:
        index = self.vectors.index
        rows = [index[word] for word in words if word in index]
        total = self._weighted[rows].sum(0)
        made = 0
        if self.vectors.subwords is not None:
            for word in words:
                if word not in index and (vector := self.vectors.subwords.vector(word)) is not None:
                    total, made = total + vector, made + 1
        return np.asarray(total / max(len(rows) + made, 1))
