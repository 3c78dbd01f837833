"""One-hot encoding: a dimension a word, every pair of words orthogonal. The honest baseline of everything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from firth.encoders.base import Encoder, Progress, Role, checked_texts
from firth.errors import InputError
from firth.similarity import normalize
from firth.text import terms
from firth.types import FloatArray

__all__ = ["OneHot", "SparseRows"]


@dataclass(frozen=True, slots=True)
class SparseRows:
    """A sparse matrix by rows (CSR): row i has ``values[starts[i]:starts[i + 1]]`` in the ``columns`` there."""

    starts: np.ndarray[Any, Any]
    columns: np.ndarray[Any, Any]
    values: FloatArray
    shape: tuple[int, int]

    def to_dense(self) -> FloatArray:
        """The whole matrix, ``(n, d)``."""
        dense = np.zeros(self.shape, np.float32)
        rows = np.repeat(np.arange(self.shape[0]), np.diff(self.starts))
        dense[rows, self.columns] = self.values
        return dense


class OneHot(Encoder):
    """Counts of words: as wide as the vocabulary, almost all zeros, and blind to meaning.

    A text's row counts its tokens (for Chinese, characters and pairs of them); a word's row is 1 in one place.

    >>> encoder = OneHot().fit(["apple banana", "蘋果"])
    >>> encoder.vocabulary
    ['appl', 'banana', '果', '苹', '苹果']
    >>> encoder.encode_sparse(["apple"]).to_dense().tolist()
    [[1.0, 0.0, 0.0, 0.0, 0.0]]
    """

    name = "one-hot"
    modalities = frozenset({"text"})

    def fit(self, texts: Sequence[str]) -> OneHot:
        """Take the vocabulary from texts, in alphabetical order."""
        self.vocabulary = sorted({term for text in checked_texts(texts, self.name) for term in terms(text)})
        self._places = {term: place for place, term in enumerate(self.vocabulary)}
        self.dim = len(self.vocabulary)
        self.fingerprint = sha256("\n".join(self.vocabulary).encode()).hexdigest()[:16]
        return self

    def encode_sparse(self, texts: Sequence[str]) -> SparseRows:
        """Counts of the known words of each text; words outside the vocabulary have no dimension."""
        if not hasattr(self, "vocabulary"):
            raise InputError("one-hot has no vocabulary yet; its dimensions are words. Next: fit(texts)")
        starts, columns, values = [0], [], []
        for text in checked_texts(texts, self.name):
            counts = Counter(place for term in terms(text) if (place := self._places.get(term)) is not None)
            columns += sorted(counts)
            values += [counts[place] for place in sorted(counts)]
            starts.append(len(columns))
        shape = (len(starts) - 1, self.dim)
        return SparseRows(np.array(starts), np.array(columns, np.int64), np.array(values, np.float32), shape)

    def encode(
        self, inputs: Sequence[str], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """The same as a dense matrix of unit rows, ``(n, d)``; for a large vocabulary use `encode_sparse`."""
        dense = normalize(self.encode_sparse(inputs).to_dense())
        if progress:
            progress(len(dense))
        return dense
