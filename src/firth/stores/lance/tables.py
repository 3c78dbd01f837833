"""The two Lance tables of a store: how they are opened and made, and by whom they are written."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from firth.errors import FirthError, StoreError
from firth.stores.columns import COLUMNS
from firth.stores.lance.engine import lancedb
from firth.stores.lance.object_storage import ObjectStorage
from firth.stores.lance.probe import turns_at
from firth.stores.lance.turns import FolderTurns, Turn

__all__ = ["FORMAT", "HIDDEN", "Tables", "plainly"]

FORMAT = 1
"""The version of the layout on disk; a store with a higher one is refused."""

HIDDEN = "n_terms"
"""A column of the store's own, the number of terms of a row, for the average length in BM25."""

_ITEMS = pa.schema([*COLUMNS, (HIDDEN, pa.int32())])
_NOTES = pa.schema([("key", pa.string()), ("value", pa.string())])


@contextlib.contextmanager
def plainly(doing: str) -> Iterator[None]:
    """Turn the engine's errors into a `StoreError` that says what was being done."""
    try:
        yield
    except FirthError:
        raise
    except (RuntimeError, OSError, ValueError) as error:
        raise StoreError(f"could not {doing}: {str(error).splitlines()[0]}") from error


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
        self._opening = threading.RLock()
        self._writer = _Writer()

    def items(self) -> Any | None:
        """The table of rows, or None while nothing has ever been put."""
        return self._open("items")

    def meta(self) -> Any | None:
        """The table of notes, or None while nothing has ever been written."""
        return self._open("meta")

    def notes(self) -> dict[str, str]:
        """Every note as JSON text by key, those of the store itself too."""
        table = self.meta()
        if table is None:
            return {}
        rows = table.search().where("value IS NOT NULL").to_arrow()
        return dict(zip(rows["key"].to_pylist(), rows["value"].to_pylist(), strict=True))

    def write_notes(self, changes: Mapping[str, str | None]) -> None:
        """Merge notes in one commit; a removed note stays as a null. Inside `writing` only."""
        self.create()
        rows = pa.table([list(changes), pa.array(changes.values(), pa.string())], schema=_NOTES)
        table: Any = self.meta()
        merge = table.merge_insert("key")
        merge.when_matched_update_all().when_not_matched_insert_all().execute(rows)

    def version(self) -> int:
        """The versions of both tables together: every commit adds one."""
        tables = (self.items(), self.meta())
        return sum(table.version for table in tables if table is not None)

    def create(self) -> Any:
        """The table of rows, made if need be. Inside `writing` only."""
        items = self.items()
        if items is not None:
            return items
        database = self._connect()
        notes = database.create_table("meta", schema=_NOTES, exist_ok=True)
        merge = notes.merge_insert("key").when_not_matched_insert_all()
        merge.execute(pa.table([["_format"], [str(FORMAT)]], schema=_NOTES))
        database.create_table("items", schema=_ITEMS, exist_ok=True)
        return self.items()

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

    def _open(self, name: str) -> Any | None:
        with self._opening, plainly(f"open {self.location}"):
            opened = self._handles()
            if name in opened:
                return opened[name]
            if self._storage is None and not (self._folder / f"{name}.lance").is_dir():
                return None  # connecting would make the folder
            try:
                table = self._connect().open_table(name)
            except ValueError as error:
                if "was not found" in str(error):
                    return None
                raise
            if self._writer.turn is not None:
                self._writer.turn.check()  # opened in our turn, so before any restore by another
            if name == "meta":
                self._check_format(table)
            else:
                self._open("meta")
            opened[name] = table
            return table

    def _handles(self) -> dict[str, Any]:
        """The tables that are open: the writer's own, or those for reading, anew once the keys have changed."""
        if self._writer.turn is not None:
            self._writer.turn.check()
            return self._writer.opened
        options = self._storage.options() if self._storage else None
        if options != self._options:
            self._options, self._opened = options, {}
        return self._opened

    def _check_format(self, notes: Any) -> None:
        found = notes.search().where("key = '_format'").to_arrow()["value"].to_pylist()
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


class _Writer(threading.local):
    """What the thread that writes to object storage holds for its turn."""

    def __init__(self) -> None:
        self.end()

    def begin(self, turn: Turn) -> None:
        self.turn: Turn | None = turn
        self.opened: dict[str, Any] = {}

    def end(self) -> None:
        self.turn, self.opened = None, {}
