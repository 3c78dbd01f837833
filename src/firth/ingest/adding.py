"""Add: read, leave what is unchanged, encode the rest, write it batch by batch, and keep count of everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from firth.data import Limits
from firth.encoders.spaces import Space
from firth.errors import UnreadableError
from firth.ingest.batches import Batches
from firth.ingest.content import content_hash
from firth.ingest.encoding import encode_items
from firth.ingest.places import Place, move, places
from firth.ingest.rows import check_fields, check_vectors, rows
from firth.ingest.vanished import Reading, vanished
from firth.stores import Store
from firth.types import AddReport, Item, Skipped

__all__ = ["Listener", "add"]

LOOKED_UP = Batches(seconds=None, size=1024, characters=20_000_000, pictures=1024)
"""What is compared with the store at once; of this, what has to be encoded is cut smaller."""


class Listener(Protocol):
    """Is told what became of items, after it is true: what was reported as added is in the store."""

    def done(self, status: str, ids: Sequence[str]) -> None:
        """Items were ``"added"``, ``"updated"``, found ``"unchanged"``, or ``"removed"``."""
        ...

    def skipped(self, skip: Skipped) -> None:
        """Something could not be added."""
        ...


@dataclass
class _Tally:
    """What became of everything, as it grows."""

    listener: Listener | None
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skips: list[Skipped] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)

    def done(self, status: str, ids: Sequence[str]) -> None:
        getattr(self, status).extend(ids)
        if self.listener and ids:
            self.listener.done(status, ids)

    def skip(self, skips: Iterable[Skipped]) -> None:
        for skip in skips:
            self.skips.append(skip)
            if self.listener:
                self.listener.skipped(skip)


def add(
    store: Store,
    stream: Iterable[Item | Skipped],
    spaces: Mapping[str, Space],
    *,
    limits: Limits,
    source: str | None = None,
    prune: bool = False,
    listener: Listener | None = None,
) -> AddReport:
    """Write a stream of items into a store.

    Args:
        store: Where to.
        stream: What `firth.data.read` gives.
        spaces: The collection's named vectors.
        limits: How large pictures may be.
        source: The file or folder the stream comes from, to tell which items have vanished from it.
        prune: Remove those.
        listener: Is told after each batch.

    Returns:
        What became of each item.
    """
    tally, paced = _Tally(listener), Batches()
    for batch in LOOKED_UP.cut(stream):
        compared = _compare(store, batch, tally)
        for some in paced.cut(compared.changed):
            parts, broken = encode_items(_fitting(some, store, spaces, tally), spaces, limits=limits)
            tally.skip(broken)
            if parts:
                store.put(rows(parts, compared.hashes, store.schema()))
            written = [part.item.id for part in parts if part.number == 0]
            tally.done("added", [id for id in written if id not in compared.known])
            tally.done("updated", [id for id in written if id in compared.known])
    gone: list[str] = []
    notes: list[str] = []
    if source is not None:
        reading = Reading(source, frozenset({source, *tally.sources}), tally.seen, tally.unread)
        gone, notes = vanished(store, reading)
    if prune and gone:
        store.delete(gone)
        if listener:
            listener.done("removed", gone)
    return AddReport(
        added=tuple(tally.added),
        updated=tuple(tally.updated),
        unchanged=tuple(tally.unchanged),
        skipped=tuple(tally.skips),
        vanished=tuple(gone),
        pruned=prune and bool(gone),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """A batch beside the store: the items that are new or changed, the places of those there, all hashes."""

    changed: list[Item]
    known: dict[str, Place]
    hashes: dict[str, str]


def _compare(store: Store, batch: Sequence[Item | Skipped], tally: _Tally) -> _Compared:
    unread = [entry for entry in batch if isinstance(entry, Skipped)]
    tally.skip(unread)
    tally.unread += [skip.source for skip in unread]
    items = _first_of_each([entry for entry in batch if isinstance(entry, Item)], tally)
    known = places(store, [item.id for item in items])
    hashes = _hashes(items, tally)
    items = [item for item in items if item.id in hashes and not _taken(item, known, tally)]
    unchanged = [item for item in items if item.id in known and known[item.id].hash == hashes[item.id]]
    move(store, [item for item in unchanged if known[item.id].is_left_by(item)])
    tally.done("unchanged", [item.id for item in unchanged])
    same = {item.id for item in unchanged}
    return _Compared([item for item in items if item.id not in same], known, hashes)


def _fitting(items: Sequence[Item], store: Store, spaces: Mapping[str, Space], tally: _Tally) -> list[Item]:
    """Items whose vectors and fields the store can take; the others are skipped."""
    schema = store.schema()
    misfits = check_vectors(items, spaces, schema)
    lost = {skip.source for skip in misfits}
    misfits += check_fields([item for item in items if item.id not in lost], schema)
    tally.skip(misfits)
    lost |= {skip.source for skip in misfits}
    return [item for item in items if item.id not in lost]


def _first_of_each(items: Sequence[Item], tally: _Tally) -> list[Item]:
    """Items whose id has not come before; the others are skipped by name."""
    first = []
    for item in items:
        if item.id in tally.seen:
            tally.skip([Skipped(item.id, "the same id came before in this source; the first one is kept")])
        else:
            tally.seen.add(item.id)
            tally.sources |= {item.source} if item.source else set()
            first.append(item)
    return first


def _hashes(items: Sequence[Item], tally: _Tally) -> dict[str, str]:
    hashes = {}
    for item in items:
        try:
            hashes[item.id] = content_hash(item)
        except (UnreadableError, OSError) as error:
            tally.skip([Skipped(item.path or item.id, str(error))])
    return hashes


def _taken(item: Item, known: Mapping[str, Place], tally: _Tally) -> bool:
    """Whether the id belongs to another file that is still there: two folders of one name, say."""
    before = known.get(item.id)
    if before is None or item.path in (None, before.path) or item.source == before.source:
        return False
    if before.path is None or not Path(before.path).exists():
        return False
    reason = f"the id {item.id!r} belongs to {before.path}. Next: rename one of the folders, or use another collection"
    tally.skip([Skipped(item.path or item.id, reason)])
    return True
