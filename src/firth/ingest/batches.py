"""Batches: how much is looked up, and how much is encoded, before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from firth.types import Item, Skipped

__all__ = ["Batches"]

Entry = TypeVar("Entry", bound=Item | Skipped)


@dataclass
class Batches:
    """Cuts a stream into batches that take some seconds each, so that little is lost when it is stopped.

    Attributes:
        seconds: How long a batch should take to encode and write; None keeps the size as it is.
        size: How many items go into the next one.
        characters: The most text in a batch.
        pictures: The most pictures in a batch.
    """

    seconds: float | None = 3.0
    size: int = 64
    characters: int = 200_000
    pictures: int = 256

    def cut(self, stream: Iterable[Entry]) -> Iterator[list[Entry]]:
        """The stream in batches; the time between two of them sets the size of the next."""
        batch: list[Entry] = []
        load = pictures = 0
        for entry in stream:
            batch.append(entry)
            if isinstance(entry, Item):
                load += len(entry.text or "")
                pictures += entry.image is not None
            if len(batch) >= self.size or load >= self.characters or pictures >= self.pictures:
                yield from self._timed(batch)
                batch, load, pictures = [], 0, 0
        if batch:
            yield batch

    def _timed(self, batch: list[Entry]) -> Iterator[list[Entry]]:
        start = monotonic()
        yield batch
        if self.seconds is not None:
            spent = max(monotonic() - start, 1e-3)
            wanted = int(self.size * self.seconds / spent)
            self.size = min(max(wanted, self.size // 2, 16), self.size * 4, 8192)
