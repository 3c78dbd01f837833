"""The places in a corpus where a word occurs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from firth.analysis.words.occurrences import WordFinder

__all__ = ["Occurrence", "occurrences"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word in a text: where it begins and ends, in characters.

    >>> Occurrence("打了一通電話", 0, 1).excerpt(8)
    '打了一通電話'
    """

    text: str
    start: int
    end: int

    def excerpt(self, length: int = 80) -> str:
        """The text around the word, of about so many characters, with … where something is left out."""
        room = max(0, length - (self.end - self.start)) // 2
        first = max(0, min(self.start - room, len(self.text) - length))
        last = min(len(self.text), first + length)
        return ("…" if first else "") + self.text[first:last].strip() + ("…" if last < len(self.text) else "")


def occurrences(texts: Iterable[str], word: str, *, limit: int = 500, seed: int = 0) -> list[Occurrence]:
    """The first occurrence in each text that has one, and of more than ``limit`` of these a fair sample.

    A word has mostly one sense a discourse (Gale, Church, Yarowsky 1992), so one a text is enough.

    >>> found = occurrences(["A bat!", "No battle.", "Bats fly."], "bat")
    >>> [(o.text, o.start, o.end) for o in found]
    [('A bat!', 2, 5), ('Bats fly.', 0, 4)]
    """
    finder, rng = WordFinder(word), np.random.default_rng(seed)
    kept: list[tuple[int, Occurrence]] = []
    seen: set[str] = set()
    count = 0
    for text in texts:
        spans = finder.spans(text)
        if not spans or text in seen:  # a line that stands there twice says nothing more
            continue
        seen.add(text)
        found = Occurrence(text, *spans[0])
        if len(kept) < limit:
            kept.append((count, found))
        elif (place := int(rng.integers(count + 1))) < limit:
            kept[place] = (count, found)
        count += 1
    return [found for _, found in sorted(kept, key=lambda pair: pair[0])]
