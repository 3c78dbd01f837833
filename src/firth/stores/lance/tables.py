"""The two Lance tables of a store: how they are opened and made, and by whom they are written."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from firth.errors import StoreError
from firth.stores.columns import COLUMNS
from firth.stores.lance.engine import lancedb
from firth.stores.lance.errors import plainly
from firth.stores.lance.native import Database, Reader
from firth.stores.lance.object_storage import ObjectStorage
from firth.stores.lance.probe import turns_at
from firth.stores.lance.turns import FolderTurns, Turn
from firth.stores.lance.versions import HIDDEN, Manifest, Snapshot

__all__ = ["FORMAT", "FORMAT_NOTE", "Tables"]

FORMAT = 2
"""The version of the layout on disk; a store with a higher one is refused. From 2 on there are codes beside vectors."""
FORMAT_NOTE = {"_format": str(FORMAT)}

_ITEMS = pa.schema([*COLUMNS, (HIDDEN, pa.int32())])
_NOTES = pa.schema([("key", pa.string()), ("value", pa.string())])


class Tables:
    """``items`` (the rows) and ``meta`` (notes), opened when first asked for.

    On object storage a writer opens both anew for its turn and stays at the version it found, so that nothing it
    does can be committed once another has taken over and restored the tables: Lance refuses to commit anything that
    began before a restore.

    Args:
        location: A folder, or ``s3://bucket/folder``.
    """

    def __init__(self, location: str) -> None:
        self._storage = ObjectStorage(location) if "://" in location else None
        self._folder = Path(location)
        self.location = self._storage.location if self._storage else location
        self._options: dict[str, str] | None = None
        self._opened: dict[str, Any] = {}
        self._readers: dict[str, Reader] = {}
        self._connection: Database | None = None
        self._opening = threading.RLock()
        self._writer = _Writer()
        self._seen: dict[str, _Seen] = {}

    def items(self) -> Any | None:
        """The table of rows, or None while nothing has ever been put."""
        return self._open("items")

    def meta(self) -> Any | None:
        """The table of notes, or None while nothing has ever been written."""
        return self._open("meta")

    def notes(self) -> dict[str, str]:
        """Every note as JSON text by key, those of the store itself too."""
        table = self._reader("meta")
        return {} if table is None else dict(_pairs(table))

    def write_notes(self, changes: Mapping[str, str | None]) -> None:
        """Merge notes in one commit; a removed note stays as a null. Inside `writing` only."""
        self.create()
        rows = pa.table([list(changes), pa.array(changes.values(), pa.string())], schema=_NOTES)
        table: Any = self.meta()
        merge = table.merge_insert("key")
        merge.when_matched_update_all().when_not_matched_insert_all().execute(rows)

    def version(self) -> int:
        """The versions of both tables together: every commit adds one."""
        return sum(seen.version for name in ("items", "meta") if (seen := self._newest(name)))

    def snapshot(self) -> Snapshot | None:
        """The newest version of the rows, the same object until anyone writes; None while nothing has ever been put."""
        with plainly(f"open {self.location}"):
            seen = self._newest("items")
            if seen is None:
                return None
            if self._writer.turn is not None:
                return Snapshot(seen.table)
            with self._opening:
                if seen.snapshot is None:
                    table = self._database().open("items")
                    table.checkout(seen.version)
                    seen.snapshot = Snapshot(table)
                return seen.snapshot

    def create(self) -> Any:
        """The table of rows, made if need be. Inside `writing` only."""
        items = self.items()
        if items is not None:
            return items
        database = self._connect()
        notes = database.create_table("meta", schema=_NOTES, exist_ok=True)
        merge = notes.merge_insert("key").when_not_matched_insert_all()
        merge.execute(pa.table([list(FORMAT_NOTE), list(FORMAT_NOTE.values())], schema=_NOTES))
        database.create_table("items", schema=_ITEMS, exist_ok=True)
        return self.items()

    def let_go(self) -> None:
        """Open the tables anew when next asked for: with a connection goes all it kept of indexes that are no more."""
        with self._opening:
            self._forget()
            self._seen = {}

    @contextlib.contextmanager
    def writing(self, doing: str) -> Iterator[None]:
        """One writer at a time; see `turns.Turns`."""
        turns = FolderTurns(self._folder) if self._storage is None else turns_at(self._storage)
        with plainly(doing), turns.take() as turn:
            if turn is None:
                yield
                return
            self._writer.begin(turn)
            try:
                if turn.inherited:
                    self._shut_out()
                    turn.inherited = False
                yield
            except (RuntimeError, OSError):
                turn.check()  # the better reason
                raise
            finally:
                self._writer.end()

    def _shut_out(self) -> None:
        """Make void what the writer before, which may only be standing still, has under way."""
        for table in (self.items(), self.meta()):
            if table is not None:
                table.restore(table.version)

    def _newest(self, name: str) -> _Seen | None:
        """The newest version of a table: the one seen last, where nobody has written since."""
        table, seen = self._reader(name), self._seen.get(name)
        if table is not None and seen is not None and seen.table is table and seen.manifest is not None:
            if seen.manifest.is_latest():
                return seen
            if not seen.manifest.is_there():  # tidied away by another, or removed with the whole table
                with self._opening:
                    self._forget()
                table = self._reader(name)
        if table is None:
            return None
        version = table.version
        if seen is None or seen.table is not table or seen.version != version:
            manifest = None if self._storage else Manifest.of(self._folder / f"{name}.lance", version)
            seen = self._seen[name] = _Seen(table, version, manifest)
        return seen

    def _reader(self, name: str) -> Reader | None:
        """A table for reading, which sees what others write; in a writer's turn what is written in it."""
        if self._writer.turn is not None:
            table = self._open(name)
            return None if table is None else Reader.of(table)
        with self._opening, plainly(f"open {self.location}"):
            self._handles()
            if name not in self._readers and self._is_there(name):
                if (table := _opened(self._database(), name)) is None:
                    return None
                if name == "meta":
                    self._check_format(table)
                else:
                    self._reader("meta")
                self._readers[name] = table
            return self._readers.get(name)

    def _database(self) -> Database:
        """One connection for both tables, and for what the engine keeps in memory of them."""
        if self._connection is None:
            self._connection = Database(self.location, self._storage.options() if self._storage else None)
        return self._connection

    def _open(self, name: str) -> Any | None:
        with self._opening, plainly(f"open {self.location}"):
            opened = self._handles()
            if name in opened:
                return opened[name]
            if not self._is_there(name) or (table := _opened(self._connect(), name)) is None:
                return None
            if self._writer.turn is not None:
                self._writer.turn.check()  # opened in our turn, so before any restore by another
            if name == "meta":
                self._check_format(Reader.of(table))
            else:
                self._open("meta")
            opened[name] = table
            return table

    def _is_there(self, name: str) -> bool:
        """Whether a table can be looked for: connecting to a folder would make it."""
        return self._storage is not None or (self._folder / f"{name}.lance").is_dir()

    def _handles(self) -> dict[str, Any]:
        """The tables that are open: the writer's own, or those for reading, anew once the keys have changed."""
        if self._writer.turn is not None:
            self._writer.turn.check()
            return self._writer.opened
        options = self._storage.options() if self._storage else None
        if options != self._options:
            self._options = options
            self._forget()
        return self._opened

    def _forget(self) -> None:
        """Open everything anew when it is asked for."""
        self._opened, self._readers, self._connection = {}, {}, None

    def _check_format(self, notes: Reader) -> None:
        found = [value for key, value in _pairs(notes) if key == "_format"]
        if found and int(found[0]) > FORMAT:
            raise StoreError(
                f"{self.location} has format {found[0]}; this version of firth reads up to {FORMAT}. "
                "Next: pip install --upgrade firth"
            )

    def _connect(self) -> Any:
        return lancedb().connect(
            self.location,
            # readers see what other processes write
            read_consistency_interval=timedelta(0) if self._writer.turn is None else None,
            storage_options=self._storage.options() if self._storage else None,
        )


@dataclass
class _Seen:
    """The newest version of a table when it was last looked for.

    Attributes:
        table: The handle that follows other writers.
        version: Its version.
        manifest: The version's file; None on object storage, where looking for it is no quicker than asking the engine.
        snapshot: A handle that stays at the version, once one was asked for.
    """

    table: Reader
    version: int
    manifest: Manifest | None
    snapshot: Snapshot | None = None


def _opened(database: Any, name: str) -> Any | None:
    """A table of either kind of connection; None where there is none of that name."""
    opening = database.open if isinstance(database, Database) else database.open_table
    try:
        return opening(name)
    except ValueError as error:
        if "was not found" in str(error):
            return None
        raise


def _pairs(notes: Reader) -> Iterator[tuple[str, str]]:
    for batch in notes.scan(["key", "value"], "value IS NOT NULL", size=8192):
        yield from zip(batch["key"].to_pylist(), batch["value"].to_pylist(), strict=True)


class _Writer(threading.local):
    """What the thread that writes to object storage holds for its turn."""

    def __init__(self) -> None:
        self.end()

    def begin(self, turn: Turn) -> None:
        self.turn: Turn | None = turn
        self.opened: dict[str, Any] = {}

    def end(self) -> None:
        self.turn, self.opened = None, {}
