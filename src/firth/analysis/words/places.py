"""Where a word stands in the vocabulary, however its letters or its script are written."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from firth.encoders.words.vectors import WordVectors
from firth.errors import UnknownNameError
from firth.text import fold

__all__ = ["find", "find_all"]

SPELLINGS = 20_000
"""Among how many of the most frequent words a misspelt one is looked for."""


def find(vectors: WordVectors, word: str) -> str:
    """The word as the vocabulary writes it: 苹果 is found as 蘋果, and Apple as apple.

    Raises:
        UnknownNameError: It is not there.

    >>> import numpy as np
    >>> few = WordVectors(("蘋果", "apple"), np.eye(2, dtype=np.float32))
    >>> find(few, "苹果"), find(few, "Apple")
    ('蘋果', 'apple')
    """
    word = word.strip()
    for written in (word, word.lower(), fold(word)):
        if written in vectors:
            return written
    if (folded := fold(word)) and (found := next(_written(vectors, folded), None)):
        return found
    if vectors.subwords is not None:  # it can be put together from its pieces
        return word
    near = difflib.get_close_matches(word.lower(), vectors.words[:SPELLINGS], n=3)
    hint = f"Next: {', '.join(near)}?" if near else "Next: another word, or vectors of a larger corpus"
    raise UnknownNameError(f"{word!r} is not among the {len(vectors):,} words of these vectors. {hint}")


def _written(vectors: WordVectors, folded: str) -> Iterator[str]:
    """The words that fold to this; those of another length cannot."""
    return (word for word in vectors.words if len(word) == len(folded) and fold(word) == folded)


def find_all(vectors: WordVectors, words: Sequence[str]) -> list[str]:
    """The same for several words."""
    return [find(vectors, word) for word in words]
