"""Text as numbers on disk: read and cut once, gone through as often as there are epochs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firth.encoders.words.tokens import Tokens

__all__ = ["END", "Ids", "Spool"]

Ids = npt.NDArray[np.int32]
END = -1
"""Stands between sentences."""
BLOCK = 2_000
"""Texts that are cut together."""
STRETCH = 1 << 20
"""Numbers that are looked at together."""
NEAR = 4096
"""How far the end of a sentence is looked for where a stretch is cut."""
MOST_DISTINCT = 10_000_000
"""Different words that are counted; later ones are left out, and reported."""


class Spool:
    """A file of int32: a word's number, or `END`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def write(
        cls, path: Path, texts: Iterable[str], tokens: Tokens, told: Callable[[int], None]
    ) -> tuple[Spool, Counted]:
        """Cut texts into words, number these as they come, and count them."""
        counted, source = Counted(), iter(texts)
        with path.open("wb") as file:
            while block := list(islice(source, BLOCK)):
                ids = [number for words in tokens.many(block) if words for number in counted.numbers(words)]
                np.array(ids, np.int32).tofile(file)
                told(len(ids))
        spool = cls(path)
        counted.count(spool)
        return spool, counted

    def ids(self) -> Ids:
        """All of it, ``(n,)``, mapped from the disk."""
        if not self.path.stat().st_size:
            return np.empty(0, np.int32)
        return np.memmap(self.path, np.int32, "r")

    def stretches(self, length: int = STRETCH) -> Iterator[Ids]:
        """Its parts, cut at the end of a sentence where one is near."""
        ids = self.ids()
        start = 0
        while start < len(ids):
            stop = min(start + length, len(ids))
            if stop < len(ids):
                ends = np.flatnonzero(ids[stop : stop + NEAR] == END)
                stop += int(ends[0]) + 1 if len(ends) else 0
            yield ids[start:stop]
            start = stop

    def rewritten(self, path: Path, change: Callable[[Ids], Ids]) -> Spool:
        """A new file of changed parts; this one goes."""
        with path.open("wb") as file:
            for ids in self.stretches():
                np.asarray(change(np.array(ids)), np.int32).tofile(file)
        self.path.unlink()
        return Spool(path)


class Counted:
    """Words by the number they were given, and how often each occurred.

    Attributes:
        words: In the order in which they were met.
        counts: ``(m,)`` int64.
        uncounted: Occurrences of words that came after there were too many different ones.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.counts = np.empty(0, np.int64)
        self.uncounted = 0

    @property
    def words(self) -> list[str]:
        return list(self._numbers)

    def numbers(self, words: Iterable[str]) -> list[int]:
        """A sentence's numbers, with `END` after them."""
        numbers = self._numbers
        if len(numbers) >= MOST_DISTINCT:
            known = [numbers[word] for word in words if word in numbers]
            self.uncounted += sum(word not in numbers for word in words)
            return [*known, END]
        return [*(numbers.setdefault(word, len(numbers)) for word in words), END]

    def add(self, word: str) -> int:
        """The number of a word that is made of others."""
        return self._numbers.setdefault(word, len(self._numbers))

    def count(self, spool: Spool) -> None:
        """Count anew what stands in a spool."""
        self.counts = np.zeros(len(self._numbers), np.int64)
        for ids in spool.stretches():
            self.counts += np.bincount(ids[ids >= 0], minlength=len(self._numbers))
