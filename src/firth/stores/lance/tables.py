"""The two Lance tables of a store, how they are opened, made and locked."""

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

__all__ = ["FORMAT", "HIDDEN", "Tables", "plainly"]

FORMAT = 1
"""The version of the layout on disk; a store with a higher one is refused."""

HIDDEN = "n_terms"
"""A column of the store's own, the number of terms of a row, for the average length in BM25."""

_ITEMS = pa.schema([*COLUMNS, (HIDDEN, pa.int32())])
_NOTES = pa.schema([("key", pa.string()), ("value", pa.string())])
_PATIENCE = 600  # seconds to wait for another writer's commit or maintenance


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

    Args:
        location: A folder, or the URI of one on an object store.
        storage_options: Passed to Lance for an object store.
    """

    def __init__(self, location: str, *, storage_options: Mapping[str, str] | None = None) -> None:
        self.location = location
        self.folder = None if "://" in location else Path(location)
        self._storage_options = dict(storage_options or {})
        self._opened: dict[str, Any] = {}
        self._opening = threading.RLock()

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
        merge = self._connect().open_table("meta").merge_insert("key")
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
        """One writer at a time in a folder; on an object store Lance's own commit protocol decides."""
        with plainly(doing):
            if self.folder is None:
                yield
                return
            import filelock

            self.folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.folder / ".lock", timeout=_PATIENCE)
            try:
                lock.acquire()
            except filelock.Timeout:
                raise StoreError(
                    f"waited {_PATIENCE} s for another process that writes to {self.location}. "
                    "Next: let it finish, or end it"
                ) from None
            try:
                yield
            finally:
                lock.release()

    def _open(self, name: str) -> Any | None:
        if name in self._opened:
            return self._opened[name]
        with self._opening, plainly(f"open {self.location}"):
            if self.folder is not None and not (self.folder / f"{name}.lance").is_dir():
                return None  # connecting would make the folder
            try:
                table = self._connect().open_table(name)
            except ValueError as error:
                if "was not found" in str(error):
                    return None
                raise
            if name == "meta":
                self._check_format(table)
            else:
                self._open("meta")
            self._opened[name] = table
            return table

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
            read_consistency_interval=timedelta(0),  # see what other processes write
            storage_options=self._storage_options or None,
        )
