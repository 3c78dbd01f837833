"""Add: read, leave what is unchanged, encode the rest, write it batch by batch, and keep count of everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import pyarrow as pa

from firth.data import Limits
from firth.encoders.spaces import Space
from firth.ingest.batches import Batches
from firth.ingest.comparing import changes
from firth.ingest.fields import check_fields, check_vectors, columns_of, merged
from firth.ingest.kept import with_kept
from firth.ingest.tally import Listener, Tally
from firth.ingest.vanished import Reading, vanished
from firth.ingest.work import Batch, Change, Encode, Encoded, encode_here
from firth.stores import Store
from firth.types import AddReport, Item, Skipped

__all__ = ["add"]


def add(
    store: Store,
    stream: Iterable[Item | Skipped],
    spaces: Mapping[str, Space],
    *,
    limits: Limits,
    source: str | None = None,
    prune: bool = False,
    keep: Sequence[str] = (),
    listener: Listener | None = None,
    encode: Encode | None = None,
) -> AddReport:
    """Write a stream of items into a store.

    Args:
        store: Where to.
        stream: What `firth.data.read` gives.
        spaces: The collection's named vectors.
        limits: How large pictures may be.
        source: The file or folder the stream comes from, to tell which items have vanished from it.
        prune: Remove those.
        keep: Columns that an item keeps when its content changes, where it brings nothing new for them.
        listener: Is told after each batch.
        encode: What encodes; by default this process.

    Returns:
        What became of each item.
    """
    tally, paced = Tally(listener), Batches()
    encode = encode or partial(encode_here, spaces=spaces, limits=limits)
    batches = _fitting(paced.cut(changes(stream, store, tally)), store, spaces, tally)
    for batch, encoded in encode(batches):
        paced.took(len(batch.changes), encoded.seconds)
        _write(batch, encoded, store, tally, keep)
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
        added=tally.added,
        updated=tally.updated,
        unchanged=tally.unchanged,
        skipped=tuple(tally.skips),
        vanished=tuple(gone),
        pruned=prune and bool(gone),
        notes=tuple(notes),
    )


def _fitting(
    cut: Iterable[Sequence[Change]], store: Store, spaces: Mapping[str, Space], tally: Tally
) -> Iterator[Batch]:
    """Batches of items whose vectors and fields the store can take; the others are skipped.

    A batch may be fitted before those ahead of it are written, so the columns they will make are remembered.
    """
    coming = pa.schema([])
    for batch in cut:
        schema = merged(store.schema(), coming)
        items = [change.item for change in batch]
        misfits = check_vectors(items, spaces, schema)
        lost = {skip.source for skip in misfits}
        misfits += check_fields([item for item in items if item.id not in lost], schema)
        tally.skip(misfits)
        lost |= {skip.source for skip in misfits}
        fitting = [change for change in batch if change.item.id not in lost]
        if fitting:
            coming = merged(coming, columns_of([change.item for change in fitting], schema))
            yield Batch(fitting, merged(schema, coming))


def _write(batch: Batch, encoded: Encoded, store: Store, tally: Tally, keep: Sequence[str]) -> None:
    tally.skip(encoded.skipped)
    if encoded.rows is not None:
        known = [change.item.id for change in batch.changes if change.known]
        store.put(with_kept(encoded.rows, store, keep, known))
    lost = {skip.source for skip in encoded.skipped}
    written = [change for change in batch.changes if change.item.id not in lost]
    tally.done("added", [change.item.id for change in written if not change.known])
    tally.done("updated", [change.item.id for change in written if change.known])
