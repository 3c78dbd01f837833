"""The words that lie nearest to a word or a vector."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.analysis.words.places import find
from firth.encoders.words.vectors import WordVectors
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["Neighbour", "best", "neighbours", "unit_vector"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A word and its score; for neighbours, the cosine."""

    word: str
    score: float


def neighbours(
    vectors: WordVectors, word: str | npt.ArrayLike, *, k: int = 10, among: int | None = None
) -> list[Neighbour]:
    """The ``k`` words of the largest cosine with a word, which is left out itself, or with a vector ``(d,)``.

    Args:
        vectors: Where to look.
        word: A word of the vocabulary, or any vector of its width.
        k: How many.
        among: Only the so many most frequent words, where rare ones are mostly noise.

    Raises:
        UnknownNameError: The word is not there.

    >>> few = WordVectors(("貓", "狗", "車"), np.array([[2, 1], [2, 2], [-1, 2]], np.float32))
    >>> [near.word for near in neighbours(few, "貓")]
    ['狗', '車']
    """
    if isinstance(word, str):
        name = find(vectors, word)
        return best(vectors, vectors.unit @ unit_vector(vectors, name), k, without={name}, among=among)
    query = normalize(np.asarray(word, np.float32))
    return best(vectors, vectors.unit @ query, k, among=among)


def unit_vector(vectors: WordVectors, word: str) -> FloatArray:
    """A word's vector at unit length, ``(d,)``."""
    return normalize(vectors.vector(word))


def best(
    vectors: WordVectors,
    scores: FloatArray,
    k: int,
    *,
    without: Collection[str] = (),
    among: int | None = None,
) -> list[Neighbour]:
    """The ``k`` words of the highest scores ``(n,)``, those in ``without`` left out."""
    scores = np.array(scores[:among])
    gone = [row for word in without if (row := vectors.index.get(word, len(scores))) < len(scores)]
    scores[gone] = -np.inf
    k = max(0, min(k, len(scores) - len(gone)))
    if not k:
        return []
    top = np.argpartition(-scores, k - 1)[:k]
    order: Sequence[int] = top[np.lexsort((top, -scores[top]))].tolist()
    return [Neighbour(vectors.words[row], float(scores[row])) for row in order]
