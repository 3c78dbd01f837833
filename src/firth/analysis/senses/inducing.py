"""A word's senses, from the lines of a corpus in which it occurs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firth.analysis.senses.grouping import group
from firth.analysis.senses.naming import nearest_words
from firth.analysis.senses.occurrences import Occurrence, occurrences
from firth.analysis.words.contextual import context_encoder, in_context, is_chinese, usual
from firth.analysis.words.occurrences import WordFinder
from firth.encoders.base import Encoder
from firth.encoders.transformer import TransformerEncoder
from firth.encoders.words.vectors import WordVectors
from firth.errors import InputError
from firth.similarity import cosine
from firth.types import FloatArray

__all__ = ["FEWEST", "Sense", "Senses", "senses"]

FEWEST = 4
"""Occurrences below which nothing can be said."""
LINES = 3
"""Typical lines that are kept of each sense."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One sense.

    Attributes:
        name: ``"bat|1"``, the most frequent sense first.
        occurrences: How many of those gathered.
        words: Words that lie near to this sense and not to the others.
        lines: The most typical occurrences.
    """

    name: str
    occurrences: int
    words: tuple[str, ...]
    lines: tuple[Occurrence, ...]


@dataclass(frozen=True)
class Senses:
    """The senses of a word in a corpus.

    Attributes:
        word: The word.
        senses: At least one.
        found: All occurrences that were gathered.
        labels: ``(n,)`` the sense of each, an index into ``senses``.
        vectors: ``(s, d)`` a vector a sense: the mean of its occurrences, in standard deviations from the word's mean.
        clearer: How much better the groups are separated than one cloud would be; nan where their number was given.
        encoder: The name of the encoder.
    """

    word: str
    senses: tuple[Sense, ...]
    found: tuple[Occurrence, ...]
    labels: npt.NDArray[np.int64]
    vectors: FloatArray
    clearer: float
    encoder: str
    _mean: FloatArray = field(repr=False)
    _reader: TransformerEncoder = field(repr=False)

    def shifts(self, texts: Sequence[str]) -> FloatArray:
        """How the word stands in texts, compared with how it usually does in the corpus: ``(n, d)``.

        Raises:
            InputError: A text does not hold the word.
        """
        spans = []
        for text in texts:
            if not (found := WordFinder(self.word).spans(text)):
                raise InputError(
                    f"got {text!r}, which does not hold {self.word!r}; expected a text that does"
                )
            spans.append(found[0])
        return _standard(self._reader, in_context(self._reader, texts, spans) - self._mean, self.word)

    def sense_of(self, text: str) -> Sense:
        """The sense that the word has in a text: the one whose vector is nearest."""
        return self.senses[int(np.argmax(cosine(self.shifts([text]), self.vectors)))]

    def to_word_vectors(self) -> WordVectors:
        """A vector a sense under the names ``word|1``, ``word|2``, ...; `WordVectors.save` writes them."""
        counts = np.array([sense.occurrences for sense in self.senses], np.int64)
        notes = {"word": self.word, "encoder": self.encoder, "kind": "senses"}
        return WordVectors(
            tuple(sense.name for sense in self.senses), self.vectors, counts=counts, notes=notes
        )

    def save(self, path: str | Path, *, format: str = "word2vec") -> None:
        """Write the senses as word vectors; see `WordVectors.save`."""
        self.to_word_vectors().save(path, format=format)


def senses(
    texts: Iterable[str],
    word: str,
    *,
    k: int | None = None,
    limit: int = 300,
    encoder: str | Encoder | None = None,
    seed: int = 0,
) -> Senses:
    """Tell the senses of a word apart.

    Args:
        texts: A corpus, a line or paragraph each; read once.
        word: The word; English in its forms, Chinese in both scripts.
        k: How many senses; by default as many as the lines show, which may be one.
        limit: The most occurrences that are read; of more, a fair sample.
        encoder: One with vectors of tokens; by default ``"e5-small"``.
        seed: Where chance begins.

    Raises:
        InputError: Too few occurrences, or an encoder without vectors of tokens.
    """
    reader = context_encoder(encoder)
    found = occurrences(texts, word, limit=limit, seed=seed)
    if len(found) < FEWEST:
        raise InputError(
            f"{word!r} occurs in {len(found)} of the texts; expected {FEWEST} or more. Next: a larger corpus"
        )
    vectors = in_context(reader, [o.text for o in found], [(o.start, o.end) for o in found])
    mean = vectors.mean(0)
    shifts = _standard(reader, vectors - mean, word)
    grouping = group(shifts, k=k, seed=seed)
    means = np.stack([shifts[grouping.labels == number].mean(0) for number in range(grouping.count)])
    near = nearest_words(reader, found, grouping.labels, means, word)
    made = tuple(
        Sense(
            f"{word}|{number + 1}",
            int((grouping.labels == number).sum()),
            near[number],
            _typical(found, shifts, grouping.labels, means[number], number),
        )
        for number in range(grouping.count)
    )
    return Senses(
        word, made, tuple(found), grouping.labels, means, grouping.clearer, reader.name, mean, reader
    )


def _standard(reader: TransformerEncoder, shifts: FloatArray, word: str) -> FloatArray:
    return np.asarray(shifts / usual(reader, chinese=is_chinese(word)).shift.deviation, np.float32)


def _typical(
    found: Sequence[Occurrence],
    shifts: FloatArray,
    labels: npt.NDArray[np.int64],
    mean: FloatArray,
    number: int,
) -> tuple[Occurrence, ...]:
    rows = np.flatnonzero(labels == number)
    order = np.argsort(-cosine(shifts[rows], mean), kind="stable") if mean.any() else np.arange(len(rows))
    return tuple(found[row] for row in rows[order[:LINES]])
