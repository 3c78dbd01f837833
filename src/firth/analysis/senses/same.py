"""Does a word have the same sense in two sentences?

What a sentence makes of a word is the difference between the word's vector there and its vector alone. Two such
differences are compared, each measured against what is usual. Of 2,000 pairs of WordNet's example sentences
(benchmarks/words_asking.py) that tells the same sense from another with an AUC of .64, the plain cosine of the token
vectors with .60, that of the sentences with .58 (``use``): WordNet's senses are fine, its examples short, and six in
ten answers right. Where there is a corpus, `Senses.sense_of` decides by what the word means there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firth.analysis.words.contextual import alone, context_encoder, in_context, is_chinese, usual
from firth.analysis.words.occurrences import WordFinder
from firth.encoders.base import Encoder
from firth.encoders.transformer import TransformerEncoder
from firth.errors import InputError
from firth.similarity import cosine
from firth.types import FloatArray

__all__ = ["SameSense", "same_sense", "sense_shifts"]

MIDDLE, SLOPE = 0.5, 3.8
"""The score at which either is as likely, and how fast that changes: logistic regression on those pairs, `e5-small`."""


@dataclass(frozen=True, slots=True)
class SameSense:
    """A word in two sentences.

    Attributes:
        score: The cosine of what the two sentences make of the word.
        probability: That the sense is the same, where as often as not it is.
    """

    score: float
    probability: float

    @property
    def same(self) -> bool:
        """Whether it is more likely the same sense than another."""
        return self.probability >= 0.5


def same_sense(first: str, second: str, word: str, *, encoder: str | Encoder | None = None) -> SameSense:
    """Compare a word in two sentences.

    Args:
        first: A sentence that holds the word, in any of its forms and in either Chinese script.
        second: Another.
        word: The word.
        encoder: One with vectors of tokens; by default ``"e5-small"``.

    Raises:
        InputError: A sentence does not hold the word, or the encoder has no vectors of tokens.
    """
    finder, reader = WordFinder(word), context_encoder(encoder)
    spans = []
    for text in (first, second):
        found = finder.spans(text)
        if not found:
            raise InputError(f"got {text!r}, which does not hold {word!r}; expected a sentence that does")
        spans.append(found[0])
    one, other = sense_shifts(reader, [first, second], spans)
    score = float(cosine(one, other))
    return SameSense(score, float(1 / (1 + np.exp(-SLOPE * (score - MIDDLE)))))


def sense_shifts(
    encoder: TransformerEncoder, texts: Sequence[str], spans: Sequence[tuple[int, int]]
) -> FloatArray:
    """What each text makes of its word, in standard deviations of what is usual: ``(n, d)``."""
    words = [text[start:end] for text, (start, end) in zip(texts, spans, strict=True)]
    names = list(dict.fromkeys(words))
    single = alone(encoder, names)[[names.index(word) for word in words]]
    shifts = in_context(encoder, texts, spans) - single
    normal = usual(encoder, chinese=is_chinese("".join(words)))
    return normal.shift.standardise(shifts)
