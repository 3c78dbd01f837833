"""Words that say what a sense is: those of its lines that lie near to it and not to the other senses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from firth.analysis.senses.occurrences import Occurrence
from firth.analysis.words.contextual import alone, is_chinese, usual
from firth.encoders.transformer import TransformerEncoder
from firth.similarity import cosine
from firth.text import fold, terms
from firth.text.stop_words import STOP_WORDS
from firth.types import FloatArray

__all__ = ["nearest_words"]

Doubles: TypeAlias = npt.NDArray[np.float64]

CANDIDATES = 200
"""Words of the lines that are compared with the senses."""
NEAREST = 6
REACH = 100
"""Characters on either side of the word that are read for others."""
OWN_LINES = 0.3
"""How much the share of a word's lines that are this sense's counts, beside its cosine with the sense."""
_LATIN = re.compile(r"[a-z]+(?:[-'][a-z]+)*")


def nearest_words(
    encoder: TransformerEncoder,
    found: Sequence[Occurrence],
    labels: npt.NDArray[np.int64],
    means: FloatArray,
    word: str,
) -> list[tuple[str, ...]]:
    """The words nearest to each sense.

    Args:
        encoder: What made the vectors.
        found: ``n`` occurrences.
        labels: ``(n,)`` their senses.
        means: ``(s, d)`` a vector a sense, from the word's mean.
        word: The word itself; it and its forms are left out.
    """
    lines = [_words(encoder, o, word) for o in found]
    counts = Counter(other for line in lines for other in line)
    names = [name for name, _ in counts.most_common(CANDIDATES)]
    if not names:
        return [() for _ in means]
    inside = np.array([[name in line for line in lines] for name in names], np.float64)
    shares = np.stack([inside[:, labels == s].sum(1) for s in range(len(means))], 1) + 0.5
    shares /= shares.sum(1, keepdims=True)
    vectors = usual(encoder, chinese=is_chinese(word)).alone.standardise(alone(encoder, names))
    near = cosine(vectors[:, None], means[None])  # (names, senses)
    scores = near - near.mean(1, keepdims=True) + OWN_LINES * shares * np.log1p(inside.sum(1, keepdims=True))
    return [_best(names, scores, shares, sense) for sense in range(len(means))]


def _best(names: Sequence[str], scores: Doubles, shares: Doubles, sense: int) -> tuple[str, ...]:
    order = np.argsort(-scores[:, sense], kind="stable")
    own = [names[row] for row in order if shares[row, sense] >= 1 / shares.shape[1]]
    return tuple(own[:NEAREST])


def _words(encoder: TransformerEncoder, occurrence: Occurrence, word: str) -> set[str]:
    """The words around an occurrence: English by its letters, Chinese by the tokenizer's pieces."""
    first = max(0, occurrence.start - REACH)
    parts = (
        occurrence.text[first : occurrence.start],
        occurrence.text[occurrence.end : occurrence.end + REACH],
    )
    own = set(terms(word))
    found: set[str] = set()
    for part in parts:
        found |= {w for w in _LATIN.findall(part.lower()) if len(w) > 2 and not own & set(terms(w))}
        if is_chinese(part):
            spans = encoder.token_spans(part, "document")
            pieces = {
                part[a:b].strip() for a, b in zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)
            }
            found |= {piece for piece in pieces if len(piece) > 1 and is_chinese(piece) and piece.isalpha()}
    return {w for w in found if not STOP_WORDS & set(terms(w)) and fold(word) not in fold(w)}
