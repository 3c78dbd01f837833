"""What words have in common in a corpus: the words they follow and the words that follow them.

The evidence behind a cloze: tomatoes and carrots fit into the same gap because both follow "grew" and "planted". How
telling a neighbour is, is its positive pointwise mutual information with the word (Church and Hanks 1990), which is
lowered for pairs that are rare, as chance makes those (Pantel and Lin 2002, "Discovering word senses from text").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from firth.analysis.cloze.gap import checked_candidates
from firth.analysis.words.occurrences import WordFinder
from firth.text import fold_offsets
from firth.text.characters import is_cjk
from firth.text.stop_words import STOP_WORDS
from firth.text.terms import pieces

__all__ = ["Company", "Shared", "company"]

NEAR = 3
"""Words (pairs of characters in Chinese) on either side that keep a word company."""
REACH = 60
"""Characters on either side in which they stand."""
SAMPLED = 20
"""Of the lines without any of the words, each so-manieth is read, to know how frequent a neighbour is anyway."""
_STOP = re.compile("[.!?;:。！？；：\\n]")


@dataclass(frozen=True, slots=True)
class Shared:
    """What two words have in common.

    Attributes:
        words: The two.
        follow: What both follow, the most telling first.
        precede: What follows both.
    """

    words: tuple[str, str]
    follow: tuple[str, ...]
    precede: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """Neighbours of some words in a corpus.

    Attributes:
        occurrences: How often each word occurred.
        before: For each word, how telling each neighbour is that stands before it.
        after: The same for what stands behind it.
    """

    occurrences: dict[str, int]
    before: dict[str, dict[str, float]]
    after: dict[str, dict[str, float]]

    def shared(self, *, k: int = 5) -> list[Shared]:
        """For each two of the words the ``k`` most telling neighbours that both have; pairs with none are left out."""
        found = []
        for pair in combinations(self.occurrences, 2):
            sides = [_common(side[pair[0]], side[pair[1]], k) for side in (self.before, self.after)]
            if any(sides):
                found.append(Shared(pair, *sides))
        return found


def company(texts: Iterable[str], words: Sequence[str]) -> Company:
    """Read a corpus for the neighbours of some words.

    Args:
        texts: A line or paragraph each; read once, not kept.
        words: The words. English ones are found in all their forms, Chinese ones in both scripts.

    >>> lines = ["He planted tomatoes.", "She planted carrots early.", "他種番茄", "他种胡蘿蔔"]
    >>> company(lines, ["tomatoes", "carrots"]).shared()
    [Shared(words=('tomatoes', 'carrots'), follow=('planted',), precede=())]
    >>> company(["老師騎腳踏車上學", "農民種植番茄", "农民种植胡萝卜"], ["番茄", "胡蘿蔔"]).shared()[0].follow
    ('民種', '種植', '農民')
    """
    reader = _Reader(checked_candidates(words))
    for number, text in enumerate(texts):
        reader.read(text, number)
    return reader.company()


def _common(one: dict[str, float], other: dict[str, float], k: int) -> tuple[str, ...]:
    both = {word: min(one[word], other[word]) for word in one.keys() & other.keys()}
    return tuple(sorted(both, key=lambda word: (-both[word], word))[:k])


class _Reader:
    """Counts neighbours, text by text."""

    def __init__(self, words: Sequence[str]) -> None:
        self._finders = [WordFinder(word) for word in words]
        self._occurrences: Counter[str] = Counter()
        self._sides: dict[tuple[str, int], Counter[str]] = {
            (word, side): Counter() for word in words for side in (0, 1)
        }
        self._background: Counter[str] = Counter()
        self._forms: dict[str, str] = {}

    def read(self, text: str, number: int) -> None:
        """Count one text."""
        found = [(finder.word, span) for finder in self._finders for span in finder.spans(text)]
        for word, (start, end) in found:
            self._occurrences[word] += 1
            for side, near in enumerate((_beside(text[:start], last=True), _beside(text[end:], last=False))):
                self._sides[word, side].update(near.keys())
                for term, form in near.items():
                    self._forms.setdefault(term, form)
        if not found and number % SAMPLED == 0:
            counts = Counter(term for term, _ in _tokens(text))
            self._background.update({term: SAMPLED * count for term, count in counts.items()})

    def company(self) -> Company:
        """What was counted, as information."""
        seen = Counter({finder.word: self._occurrences[finder.word] for finder in self._finders})
        for counts in self._sides.values():
            self._background.update(counts)
        total = max(self._background.total(), 1)
        telling = {key: self._telling(counts, seen[key[0]], total) for key, counts in self._sides.items()}
        return Company(
            dict(seen),
            {word: telling[word, 0] for word in seen},
            {word: telling[word, 1] for word in seen},
        )

    def _telling(self, counts: Counter[str], times: int, total: int) -> dict[str, float]:
        """Positive mutual information of the neighbours with a word that occurred so many times."""
        found = {}
        for token, count in counts.items():
            value = np.log(count * total / (self._background[token] * max(counts.total(), 1)))
            value *= count / (count + 1) * times / (times + 1)
            if value > 0:
                found[self._forms[token]] = float(value)
        return found


def _beside(text: str, *, last: bool) -> dict[str, str]:
    """The words that stand nearest to the end of a text, or to its beginning, within its sentence."""
    near = text[-REACH:] if last else text[:REACH]
    sentence = _STOP.split(near)[-1 if last else 0]
    tokens = _tokens(sentence)
    return dict(tokens[-NEAR:] if last else tokens[:NEAR])


def _tokens(text: str) -> list[tuple[str, str]]:
    """Words folded and as written; of Chinese the pairs of neighbouring characters; stop words are left out."""
    folded = fold_offsets(text)
    found = []
    for piece in pieces(folded.text):
        start, end = piece.start, piece.end
        spans = [(i, i + 2) for i in range(start, end - 1)] if piece.kind == "cjk" else [(start, end)]
        for span in spans:
            token = folded.text[span[0] : span[1]]
            if token not in STOP_WORDS and not any(char in STOP_WORDS for char in token if is_cjk(char)):
                a, b = folded.original(*span)
                found.append((token, text[a:b].lower()))
    return found
