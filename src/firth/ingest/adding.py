"""Add: read, leave what is unchanged, encode the rest, write it batch by batch, and keep count of everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Protocol

from firth.data import Limits
from firth.encoders.spaces import Space
from firth.errors import UnreadableError
from firth.ingest.content import content_hash
from firth.ingest.encoding import encode_items
from firth.ingest.rows import check_fields, check_vectors, rows
from firth.stores import Store
from firth.stores.where import parse_where
from firth.types import AddReport, Item, Skipped

__all__ = ["Batches", "Listener", "add"]


class Listener(Protocol):
    """Is told what became of items, after it is true: what was reported as added is in the store."""

    def done(self, status: str, ids: Sequence[str]) -> None:
        """Items were ``"added"``, ``"updated"``, found ``"unchanged"``, or ``"removed"``."""
        ...

    def skipped(self, skip: Skipped) -> None:
        """Something could not be added."""
        ...


@dataclass
class Batches:
    """Cuts a stream into batches that take some seconds each, so that little is lost when it is stopped.

    Attributes:
        seconds: How long a batch should take to encode and write.
        size: How many items go into the next one.
    """

    seconds: float = 3.0
    size: int = 64
    characters: int = 2_000_000
    pictures: int = 256

    def cut(self, stream: Iterable[Item | Skipped]) -> Iterator[list[Item | Skipped]]:
        """The stream in batches; the time between two of them sets the size of the next."""
        batch: list[Item | Skipped] = []
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

    def _timed(self, batch: list[Item | Skipped]) -> Iterator[list[Item | Skipped]]:
        start = monotonic()
        yield batch
        spent = max(monotonic() - start, 1e-3)
        wanted = int(self.size * self.seconds / spent)
        self.size = min(max(wanted, self.size // 2, 16), self.size * 4, 8192)


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
    tally = _Tally(listener)
    for batch in Batches().cut(stream):
        _add_batch(store, batch, spaces, limits, tally)
    vanished = _vanished(store, {source, *tally.sources} if source else set(), tally.seen)
    if prune and vanished:
        store.delete(vanished)
        if listener:
            listener.done("removed", vanished)
    return AddReport(
        added=tuple(tally.added),
        updated=tuple(tally.updated),
        unchanged=tuple(tally.unchanged),
        skipped=tuple(tally.skips),
        vanished=tuple(vanished),
        pruned=prune and bool(vanished),
    )


def _add_batch(
    store: Store, batch: Sequence[Item | Skipped], spaces: Mapping[str, Space], limits: Limits, tally: _Tally
) -> None:
    tally.skip(entry for entry in batch if isinstance(entry, Skipped))
    items = _first_of_each([entry for entry in batch if isinstance(entry, Item)], tally)
    known = _known(store, [item.id for item in items])
    hashes = _hashes(items, tally)
    items = [item for item in items if item.id in hashes and not _taken(item, known, tally)]
    tally.done("unchanged", [i.id for i in items if i.id in known and known[i.id].hash == hashes[i.id]])
    changed = [item for item in items if item.id not in known or known[item.id].hash != hashes[item.id]]
    misfits = check_vectors(changed, spaces) + check_fields(changed, store.schema())
    tally.skip(misfits)
    lost = {skip.source for skip in misfits}
    parts, broken = encode_items([i for i in changed if i.id not in lost], spaces, limits=limits)
    tally.skip(broken)
    if parts:
        store.put(rows(parts, hashes, store.schema()))
    written = [part.item.id for part in parts if part.number == 0]
    tally.done("added", [id for id in written if id not in known])
    tally.done("updated", [id for id in written if id in known])


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


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store has of an item already."""

    hash: str
    path: str | None


def _known(store: Store, ids: Sequence[str]) -> dict[str, _Known]:
    found = {}
    for table in store.scan(["id", "hash", "path"], ids=ids):
        for row in table.to_pylist():
            found[row["id"]] = _Known(row["hash"], row["path"])
    return found


def _hashes(items: Sequence[Item], tally: _Tally) -> dict[str, str]:
    hashes = {}
    for item in items:
        try:
            hashes[item.id] = content_hash(item)
        except (UnreadableError, OSError) as error:
            tally.skip([Skipped(item.path or item.id, str(error))])
    return hashes


def _taken(item: Item, known: Mapping[str, _Known], tally: _Tally) -> bool:
    """Whether the id belongs to another file that is still there: two folders of one name, say."""
    before = known[item.id].path if item.id in known else None
    if item.path is None or before in (None, item.path) or not Path(before).exists():
        return False
    reason = (
        f"the id {item.id!r} belongs to {before}. Next: rename one of the folders, or use another collection"
    )
    tally.skip([Skipped(item.path, reason)])
    return True


def _vanished(store: Store, sources: set[str], seen: set[str]) -> list[str]:
    """Ids that came from these sources before and were not in them this time.

    A file that is still there but could not be read now has not vanished.
    """
    gone = []
    for source in sorted(sources):
        for table in store.scan(["id", "path"], where=parse_where({"_source": source}, {})):
            rows = zip(table["id"].to_pylist(), table["path"].to_pylist(), strict=True)
            gone += [id for id, path in rows if id not in seen and not _still_there(source, path)]
    return gone


def _still_there(source: str, path: str | None) -> bool:
    return path is not None and Path(source).is_dir() and Path(path).exists()
