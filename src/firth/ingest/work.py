"""The seam between comparing and writing: batches of changed items go in, rows come out.

`encode_here` does the work in this process; `firth.distributed` hands the same batches to other processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias

import pyarrow as pa

from firth.data import Limits
from firth.encoders.spaces import Space
from firth.ingest.encoding import encode_items
from firth.ingest.rows import rows
from firth.types import Item, Skipped

__all__ = ["Batch", "Change", "Encode", "Encoded", "encode_batch", "encode_here"]


@dataclass(frozen=True, slots=True)
class Change:
    """An item that is not in the store as it is now.

    Attributes:
        item: The item.
        hash: Of its content.
        known: Whether the store has its id, with other content.
    """

    item: Item
    hash: str
    known: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """What is encoded together, and written together: it needs nothing else, and no store.

    Attributes:
        changes: The items.
        schema: The columns that the store will have once they are written, but for those of encoders.
    """

    changes: Sequence[Change]
    schema: pa.Schema

    @property
    def items(self) -> list[Item]:
        """The items."""
        return [change.item for change in self.changes]


@dataclass(frozen=True, slots=True)
class Encoded:
    """What became of a batch.

    Attributes:
        rows: For `Store.put`; None where no item could be encoded.
        skipped: Items that could not be encoded.
        seconds: How long it took.
    """

    rows: pa.Table | None
    skipped: Sequence[Skipped] = ()
    seconds: float = 0.0


Encode: TypeAlias = Callable[[Iterable[Batch]], Iterator[tuple[Batch, Encoded]]]
"""Encodes batches in the order they come. It may look ahead, and may divide a batch, but loses no item."""


def encode_batch(batch: Batch, spaces: Mapping[str, Space], *, limits: Limits) -> Encoded:
    """Encode one batch, in this process."""
    start = monotonic()
    parts, skipped = encode_items(batch.items, spaces, limits=limits)
    hashes = {change.item.id: change.hash for change in batch.changes}
    table = rows(parts, hashes, batch.schema) if parts else None
    return Encoded(table, skipped, monotonic() - start)


def encode_here(
    batches: Iterable[Batch], spaces: Mapping[str, Space], *, limits: Limits
) -> Iterator[tuple[Batch, Encoded]]:
    """Encode batches one after the other, in this process."""
    for batch in batches:
        yield batch, encode_batch(batch, spaces, limits=limits)
