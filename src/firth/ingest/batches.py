"""Batches: how much is looked up, and how much is encoded, before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from firth.ingest.work import Change
from firth.types import Item, PictureSource, Skipped

__all__ = ["Batches"]

Entry = TypeVar("Entry", bound=Item | Skipped | Change)


@dataclass
class Batches:
    """Cuts a stream into batches that take some seconds each, so that little is lost when it is stopped.

    Attributes:
        seconds: How long a batch should take to encode; None keeps the size as it is.
        size: How many items go into the next one.
        characters: The most text in a batch.
        pictures: The most pictures in a batch.
        picture_bytes: The most bytes of picture files in a batch, which may have to travel; None: any.
    """

    seconds: float | None = 3.0
    size: int = 64
    characters: int = 200_000
    pictures: int = 256
    picture_bytes: int | None = 2**26

    def cut(self, stream: Iterable[Entry]) -> Iterator[list[Entry]]:
        """The stream in batches, each of the size that is right by then."""
        batch: list[Entry] = []
        load = pictures = weight = 0
        for entry in stream:
            batch.append(entry)
            item = entry.item if isinstance(entry, Change) else entry
            if isinstance(item, Item):
                load += len(item.text or "")
                if item.image is not None:
                    pictures += 1
                    weight += _weight(item.image) if self.picture_bytes else 0
            full = len(batch) >= self.size or load >= self.characters or pictures >= self.pictures
            if full or weight >= (self.picture_bytes or weight + 1):
                yield batch
                batch, load, pictures, weight = [], 0, 0, 0
        if batch:
            yield batch

    def took(self, count: int, seconds: float) -> None:
        """A batch of ``count`` items was encoded in so many seconds: that sets the size of the next ones."""
        if self.seconds is not None:
            wanted = int(count * self.seconds / max(seconds, 1e-3))
            self.size = min(max(wanted, self.size // 2, 16), self.size * 4, 8192)


def _weight(image: PictureSource) -> int:
    """Bytes of a picture file; a file that is gone, and a picture that is no file, weigh nothing."""
    if isinstance(image, Path):
        return image.stat().st_size if image.is_file() else 0
    return len(image) if isinstance(image, bytes) else 0
