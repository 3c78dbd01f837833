"""From a file that firth exported to a collection: rows as they were, nothing encoded, no encoder needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from firth.errors import (
    EncoderMismatchError,
    InputError,
    MissingExtraError,
    UnknownNameError,
    UnreadableError,
)
from firth.ingest import Listener, Tally
from firth.moving.digest import Digest, item_digests
from firth.moving.exporting import FORMAT, KEY
from firth.moving.layout import from_file
from firth.moving.reading import whole_items
from firth.notes import calibrate_if_grown
from firth.stores import Store
from firth.stores.rows import aligned, widened
from firth.types import AddReport

__all__ = ["is_export", "restore"]

SAID = "an export of firth: taken as it is, vectors and all"


def is_export(source: Any) -> bool:
    """Whether a source is a file that `export` wrote, and that nobody has written anew since."""
    if not isinstance(source, str | Path) or Path(source).suffix.lower() != ".parquet":
        return False
    return _about(Path(source).expanduser()) is not None


def restore(
    store: Store,
    source: str | Path,
    *,
    model: str | None = None,
    prune: bool = False,
    listener: Listener | None = None,
) -> AddReport:
    """Write what an export holds into a store: what is there and equal is left alone.

    A new collection gets the notes of the exported one, its encoders among them.

    Args:
        store: Where to.
        source: What `export` wrote.
        model: The text encoder that was asked for, if any.
        prune: Refused, for items of an export come from elsewhere.
        listener: Is told after each batch.

    Raises:
        InputError: Pruning was asked for.
        EncoderMismatchError: The vectors of the store are made by other encoders, or another was asked for.
        SchemaError: A field has another type in the store.
        UnreadableError: The file is damaged, or written by a later version of firth.
    """
    path = Path(source).expanduser()
    about = _about(path) or {}
    if prune:
        raise InputError(
            f"{path.name} is an export of firth, and prune removes what vanished from its source, which is another. "
            "Next: leave prune away; to make two collections the same, firth copy"
        )
    if about.get("format", 0) > FORMAT:
        raise UnreadableError(
            f"{path.name} is an export of format {about['format']}; this version of firth reads up to {FORMAT}. "
            "Next: pip install --upgrade firth"
        )
    _adopt(store, about["notes"], path.name, model)
    digest, tally = Digest(), Tally(listener)
    for rows in _row_groups(path, about["types"]):
        digest.add(rows)
        _put(store, aligned(rows, widened(store.schema(), rows.schema)), tally)
    if digest.hex != about["digest"]:
        raise UnreadableError(
            f"{path.name} holds {digest}; its own note says digest {about['digest']}: it is damaged. "
            "Next: export it again"
        )
    if tally.added or tally.updated:
        store.optimize()
    notes = (SAID, *_calibrated(store))
    return AddReport(tally.added, tally.updated, tally.unchanged, notes=notes)


def _about(path: Path) -> dict[str, Any] | None:
    """What an export says of itself; None for any other Parquet file."""
    import pyarrow.parquet as pq

    try:
        note = (pq.read_metadata(path).metadata or {}).get(KEY)
        about = json.loads(note) if note else None
    except (pa.ArrowInvalid, OSError, ValueError):
        return None  # `read` says what is wrong with it
    return about if isinstance(about, dict) and "format" in about else None


def _adopt(store: Store, notes: dict[str, Any], name: str, model: str | None) -> None:
    """Take the notes of the exported collection, or see that its encoders are those of this one."""
    here, there = store.read_meta(), notes.get("vectors", {})
    made = here.get("vectors")
    asked = there.get("meaning", {}).get("stamps", {}).get("text", {}).get("name")
    if made is None and model is not None and model != asked:
        raise EncoderMismatchError(
            f"{name} was encoded with {asked or 'no encoder'!r}; got model {model!r}. Next: leave the model away "
            "(--model, $FIRTH_MODEL), or name its text (--text text) to have it encoded again"
        )
    if made is not None and made != there:
        raise EncoderMismatchError(
            f"{name} was encoded with {_encoders(there)}; this collection has {_encoders(made)}. Next: add it to "
            "a new collection as it is, or name its text (--text text) to have it encoded again"
        )
    if made is None:
        store.write_meta({key: note for key, note in notes.items() if key not in here})


def _encoders(vectors: dict[str, Any]) -> str:
    stamps = [stamp for space in vectors.values() for stamp in space["stamps"].values()]
    names = [f"{stamp['name']} ({stamp['fingerprint'][:8]})" for stamp in stamps]
    return ", ".join(dict.fromkeys(names)) or "no encoder"


def _calibrated(store: Store) -> list[str]:
    """Measure again what chance scores, where there is now much more or less; that alone needs the encoders."""
    try:
        calibrate_if_grown(store)
    except (MissingExtraError, UnknownNameError, EncoderMismatchError) as error:
        return [f"percentiles stay those of the collection that was exported: {error}"]
    return []


def _row_groups(path: Path, types: dict[str, str | int]) -> Iterator[pa.Table]:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True) as file:
            for number in range(file.num_row_groups):
                yield from_file(file.read_row_group(number), types)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise UnreadableError(f"{path.name} is damaged: {error}. Next: export it again") from error


def _put(store: Store, rows: pa.Table, tally: Tally) -> None:
    """Write the items that are not there, or not like this."""
    given = item_digests(rows)
    there: dict[str, int] = {}
    for table in whole_items(store, list(given)):
        there |= item_digests(table)
    same = [id for id, digest in given.items() if there.get(id) == digest]
    written = [id for id, digest in given.items() if there.get(id) != digest]
    if written:
        store.put(rows.filter(pc.is_in(rows["id"], value_set=pa.array(written, pa.string()))))
    tally.done("unchanged", same)
    tally.done("added", [id for id in written if id not in there])
    tally.done("updated", [id for id in written if id in there])
