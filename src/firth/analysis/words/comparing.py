"""Words compared with each other: how near two are, and which of several does not belong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from firth.analysis.words.neighbours import Neighbour, unit_vector
from firth.analysis.words.places import find_all
from firth.encoders.words.vectors import WordVectors
from firth.errors import InputError
from firth.similarity import normalize

__all__ = ["odd_one_out", "similarity"]


def similarity(vectors: WordVectors, first: str, second: str) -> float:
    """The cosine of two words, in -1..1.

    >>> few = WordVectors(("cat", "dog"), np.array([[1, 0], [3, 4]], np.float32))
    >>> round(similarity(few, "cat", "dog"), 3)
    0.6
    """
    one, other = (unit_vector(vectors, word) for word in find_all(vectors, (first, second)))
    return float(one @ other)


def odd_one_out(vectors: WordVectors, words: Sequence[str]) -> list[Neighbour]:
    """The words by how well they belong to the others, the odd one first.

    The score is the cosine of a word with the mean of the unit vectors of all others.

    Raises:
        InputError: Fewer than three words, or one of them twice: then none is odd.

    >>> few = WordVectors(("貓", "狗", "車"), np.array([[2, 1], [2, 2], [-1, 2]], np.float32))
    >>> odd_one_out(few, ["貓", "狗", "車"])[0].word
    '車'
    """
    names = find_all(vectors, words)
    if len(set(names)) < 3 or len(set(names)) < len(names):
        raise InputError(f"got {', '.join(words)}; expected three or more words, each once")
    unit = np.stack([unit_vector(vectors, name) for name in names])
    others = normalize(unit.sum(0) - unit)
    scores = np.einsum("nd,nd->n", unit, others)
    return [Neighbour(names[i], float(scores[i])) for i in np.argsort(scores, kind="stable")]
