"""The gap filled by trained word vectors: the context predicts the word, as in training.

Skip-gram with negative sampling learns an input vector ``u`` and an output vector ``v`` a word so that ``u(w) . v(c)``
comes near to the pointwise mutual information of ``w`` and ``c``, less a constant (Levy and Goldberg 2014, "Neural Word
Embedding as Implicit Matrix Factorization"). So a word fits a gap by the mean of ``u(w) . v(c)`` over the words ``c``
around it, each weighted as in training: by 1, 4/5, 3/5 ... as the distance grows, and less where it is frequent.
From ``v(c)`` the mean ``v`` of running text is taken off: what a word has in common with any company says nothing about
this one. CBOW learns the same with the roles exchanged. Where a file holds input vectors only, cosines stand in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from firth.analysis.cloze.gap import Fill, Gap, checked_candidates
from firth.analysis.words.neighbours import best
from firth.analysis.words.places import find
from firth.encoders.words.vectors import WordVectors
from firth.errors import InputError, UnknownNameError
from firth.text import fold
from firth.text.characters import is_cjk
from firth.types import FloatArray

__all__ = ["fill_by_vectors", "split_words"]

WINDOW = 5
"""Words on either side that count."""
SAMPLE = 1e-4
"""A context word of a larger share of the corpus than this counts less, as in training (Mikolov et al. 2013, 2.3)."""
LONGEST = 8
"""Characters of the longest Chinese word looked for."""
UNKNOWN = 2.0
"""What a character that is no word costs, in units of a word that occurred once."""
_RUN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def fill_by_vectors(
    vectors: WordVectors, gap: Gap | str, *, candidates: Sequence[str] | None = None, k: int = 10
) -> list[Fill]:
    """Words by how well they fit, the best first.

    Args:
        vectors: Trained word vectors; with their output matrix (``contexts``) the answer is much better.
        gap: The sentence, or its text with an underscore for the gap.
        candidates: Words to choose from, all of which come back; None for the ``k`` best of the vocabulary.
        k: How many of the vocabulary.

    Raises:
        InputError: No word around the gap is in the vocabulary.
        UnknownNameError: A candidate is not in the vocabulary.
    """
    gap = Gap.of(gap) if isinstance(gap, str) else gap
    rows, weights = context(vectors, gap)
    if candidates is not None:
        names = checked_candidates(candidates)
        places = [_row(vectors, name) for name in names]
        scores = _fit(vectors, rows, weights)[places]
        return [Fill(names[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")]
    around = {vectors.words[row] for row in rows}
    found = best(vectors, _fit(vectors, rows, weights), k, without=around)
    return [Fill(near.word, near.score) for near in found]


def context(vectors: WordVectors, gap: Gap) -> tuple[list[int], FloatArray]:
    """The known words around a gap: their rows, and their weights ``(c,)``, which sum to 1.

    Raises:
        InputError: None is known.
    """
    sides = (split_words(vectors, gap.before)[::-1], split_words(vectors, gap.after))
    near = [(row, (WINDOW - i) / WINDOW) for side in sides for i, row in enumerate(side[:WINDOW])]
    if not near:
        raise InputError(
            f"got {gap.fill('_')!r}, of which no word is among the {len(vectors):,} of these vectors; "
            "expected at least one. Next: vectors of a larger corpus, or an encoder"
        )
    rows = [row for row, _ in near]
    weights = np.array([weight for _, weight in near]) * _kept(vectors, rows)
    return rows, np.asarray(weights / weights.sum(), np.float32)


def _kept(vectors: WordVectors, rows: Sequence[int]) -> FloatArray:
    """Which share of a word's occurrences training would keep, ``(c,)``."""
    if vectors.counts is None:
        return np.ones(len(rows), np.float32)
    share = vectors.counts[list(rows)] / vectors.counts.sum()
    return np.asarray(np.minimum(1, np.sqrt(SAMPLE / share)), np.float32)


def _fit(vectors: WordVectors, rows: Sequence[int], weights: FloatArray) -> FloatArray:
    """How well each word of the vocabulary fits, ``(n,)``."""
    if vectors.contexts is None:
        return vectors.unit @ (weights @ vectors.unit[list(rows)])
    words, around = vectors.vectors, vectors.contexts
    if vectors.notes.get("model") == "cbow":
        words, around = around, words
    counts = np.ones(len(vectors)) if vectors.counts is None else vectors.counts
    usual = np.asarray(counts / counts.sum(), np.float32) @ around
    return words @ (weights @ around[list(rows)] - usual)


def _row(vectors: WordVectors, word: str) -> int:
    name = find(vectors, word)
    if name not in vectors:
        raise UnknownNameError(
            f"{word!r} is not in the vocabulary of {len(vectors):,} words. Next: an encoder"
        )
    return vectors.index[name]


def split_words(vectors: WordVectors, text: str) -> list[int]:
    """The rows of the known words of a text, in order; what is not known is left out.

    Chinese is cut into the words of the vocabulary that are together most frequent; the original script is tried
    first, then the folded one.

    >>> few = WordVectors(("花園", "花", "園", "garden"), np.eye(4, dtype=np.float32))
    >>> [few.words[row] for row in split_words(few, "The Garden 大花園")]
    ['garden', '花園']
    """
    rows: list[int] = []
    for match in _RUN.finditer(text):
        run = match[0]
        for part in re.split("([^\\W\\d_]+)", run) if any(map(is_cjk, run)) else [run]:
            rows += _chinese(vectors, part) if any(map(is_cjk, part)) else _latin(vectors, part)
    return rows


def _latin(vectors: WordVectors, word: str) -> list[int]:
    for written in (word, word.lower()):
        if (row := vectors.index.get(written)) is not None:
            return [row]
    return []


def _chinese(vectors: WordVectors, run: str) -> list[int]:
    """A run cut into words of the vocabulary; where that leaves characters over, both are compared folded."""
    rows = _cut(vectors, run, vectors.index)
    if sum(len(vectors.words[row]) for row in rows) == len(run):
        return rows
    folded: dict[str, int] = {}
    for row, word in enumerate(vectors.words):
        folded.setdefault(fold(word), row)
    return _cut(vectors, fold(run), folded)


def _cut(vectors: WordVectors, run: str, index: Mapping[str, int]) -> list[int]:
    """The likeliest cut of a run into words, by dynamic programming; a character that is no word costs much."""
    total = float(len(vectors) if vectors.counts is None else vectors.counts.sum())
    ways: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, len(run) + 1):
        score, rows = ways[end - 1]
        choices = [(score - UNKNOWN * np.log(total), rows)]
        for start in range(max(0, end - LONGEST), end):
            if (row := index.get(run[start:end])) is not None:
                count = 1 if vectors.counts is None else vectors.counts[row]
                choices.append((ways[start][0] + np.log(count / total), [*ways[start][1], row]))
        ways.append(max(choices, key=lambda way: way[0]))
    return ways[-1][1]
