"""What a stream brings beside what the store has: what is unchanged goes no further."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from firth.errors import UnreadableError
from firth.ingest.batches import Batches
from firth.ingest.content import content_hash
from firth.ingest.places import Place, move, places
from firth.ingest.tally import Tally
from firth.ingest.work import Change
from firth.stores import Store
from firth.types import Item, Skipped

__all__ = ["changes"]

LOOKED_UP = Batches(seconds=None, size=1024, characters=20_000_000, pictures=1024, picture_bytes=None)
"""What is compared with the store at once; of this, what has to be encoded is cut anew."""


def changes(stream: Iterable[Item | Skipped], store: Store, tally: Tally) -> Iterator[Change]:
    """Items of a stream that are new or changed; what became of the others is told to the tally."""
    for batch in LOOKED_UP.cut(stream):
        yield from _compared(batch, store, tally)


def _compared(batch: Sequence[Item | Skipped], store: Store, tally: Tally) -> list[Change]:
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
    return [Change(item, hashes[item.id], item.id in known) for item in items if item.id not in same]


def _first_of_each(items: Sequence[Item], tally: Tally) -> list[Item]:
    """Items whose id has not come before; the others are skipped by name."""
    first = []
    for item in items:
        if not tally.seen.add(item.id):
            tally.skip([Skipped(item.id, "the same id came before in this source; the first one is kept")])
        else:
            tally.sources |= {item.source} if item.source else set()
            first.append(item)
    return first


def _hashes(items: Sequence[Item], tally: Tally) -> dict[str, str]:
    hashes = {}
    for item in items:
        try:
            hashes[item.id] = content_hash(item)
        except (UnreadableError, OSError) as error:
            tally.skip([Skipped(item.path or item.id, str(error))])
    return hashes


def _taken(item: Item, known: Mapping[str, Place], tally: Tally) -> bool:
    """Whether the id belongs to another file that is still there: two folders of one name, say."""
    before = known.get(item.id)
    if before is None or item.path in (None, before.path) or item.source == before.source:
        return False
    if before.path is None or not Path(before.path).exists():
        return False
    reason = f"the id {item.id!r} belongs to {before.path}. Next: rename one of the folders, or use another collection"
    tally.skip([Skipped(item.path or item.id, reason)])
    return True
