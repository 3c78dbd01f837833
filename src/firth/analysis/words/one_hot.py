"""One-hot words beside trained ones: as wide as the vocabulary, and every pair of words orthogonal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from firth.analysis.words.comparing import similarity
from firth.analysis.words.places import find_all
from firth.encoders.one_hot import SparseRows
from firth.encoders.words.vectors import WordVectors
from firth.errors import UnknownNameError

__all__ = ["OneHotComparison", "WordPair", "compare_with_one_hot", "one_hot_rows"]


@dataclass(frozen=True, slots=True)
class WordPair:
    """Two words and their cosine by both ways of writing words as vectors."""

    first: str
    second: str
    one_hot: float
    trained: float


@dataclass(frozen=True, slots=True)
class OneHotComparison:
    """What the two ways cost, and what they can tell.

    Attributes:
        vocabulary: How many words: the dimensions of a one-hot vector.
        dim: The dimensions of a trained one.
        one_hot_bytes: The whole vocabulary as a dense one-hot matrix, float32.
        sparse_bytes: The same with only its ones written down.
        trained_bytes: As trained vectors.
        pairs: Every pair of the words that were asked for.
    """

    vocabulary: int
    dim: int
    one_hot_bytes: int
    sparse_bytes: int
    trained_bytes: int
    pairs: tuple[WordPair, ...]


def one_hot_rows(vectors: WordVectors, words: Sequence[str]) -> SparseRows:
    """Words as one-hot rows over the vocabulary: one 1 each, in the word's own column.

    Raises:
        UnknownNameError: A word is not in the vocabulary: one-hot has nothing to say of it.

    >>> few = WordVectors(("貓", "狗", "車"), np.eye(3, dtype=np.float32))
    >>> one_hot_rows(few, ["狗"]).to_dense().tolist()
    [[0.0, 1.0, 0.0]]
    """
    names = find_all(vectors, words)
    if unknown := [name for name in names if name not in vectors]:
        raise UnknownNameError(
            f"{unknown[0]!r} is not in the vocabulary of {len(vectors):,} words, so it has no dimension. "
            "Next: another word"
        )
    columns = np.array([vectors.index[name] for name in names], np.int64)
    ones = np.ones(len(columns), np.float32)
    return SparseRows(np.arange(len(columns) + 1), columns, ones, (len(columns), len(vectors)))


def compare_with_one_hot(vectors: WordVectors, words: Sequence[str]) -> OneHotComparison:
    """Every pair of some words, one-hot and trained.

    >>> few = WordVectors(("貓", "狗"), np.array([[1, 0], [3, 4]], np.float32))
    >>> pair = compare_with_one_hot(few, ["貓", "狗"]).pairs[0]
    >>> pair.one_hot, round(pair.trained, 3)
    (0.0, 0.6)
    """
    names = find_all(vectors, words)
    rows = one_hot_rows(vectors, names)
    pairs = [
        WordPair(a, b, float(rows.columns[i] == rows.columns[j]), similarity(vectors, a, b))
        for (i, a), (j, b) in combinations(enumerate(names), 2)
    ]
    n, d = vectors.vectors.shape
    return OneHotComparison(
        vocabulary=n,
        dim=d,
        one_hot_bytes=4 * n * n,
        sparse_bytes=n * (8 + 8 + 4),  # a row's start, its column, its one
        trained_bytes=4 * n * d,
        pairs=tuple(pairs),
    )
