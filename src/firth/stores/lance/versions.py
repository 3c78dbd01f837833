"""One version of a table as a reader sees it, and a quick look whether it still is the newest.

A handle that follows other writers lists the folder of versions at whatever it is asked, and the answer comes by two
threads: a quarter of a millisecond, and a search asks a dozen times. A version of a table is a file, though,
``_versions/N.manifest`` in Lance's table format, and whoever commits the next one makes the next file. So while a
version's own file is the one that was seen, and the next is not there, nobody has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from firth.stores.columns import places
from firth.stores.lance.errors import plainly
from firth.stores.lance.native import ROW, Reader, row_ids

__all__ = ["CODES", "HIDDEN", "OUTGROWN", "Manifest", "Snapshot", "read", "shown"]

HIDDEN = "n_terms"
"""A column of the store's own, the number of terms of a row, for the average length in BM25."""
CODES = "c_"
"""How the name of a column begins that holds codes of vectors."""
OUTGROWN = "w_"
"""How the name of a column begins that has just been swapped for its wider twin."""
_ROWS_AT_ONCE, _WIDE_ROWS_AT_ONCE = (
    8192,
    2048,
)  # wide are those with vectors: a batch is some MB, and several wait
_HIGHEST = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """The file that makes a version.

    Attributes:
        path: The file.
        following: The file of the version after it.
        mark: What tells the file from another of the same name, of a table that was made anew at the same place.
    """

    path: Path
    following: Path
    mark: tuple[int, ...]

    @staticmethod
    def of(folder: Path, version: int) -> Manifest | None:
        """That of a version of the table in a folder, under either of the names that Lance gives; None without."""
        names = (
            (f"{_HIGHEST - version:020}", f"{_HIGHEST - version - 1:020}"),
            (f"{version}", f"{version + 1}"),
        )
        for own, following in names:
            path = folder / "_versions" / f"{own}.manifest"
            if mark := _mark(path):
                return Manifest(path, path.with_stem(following), mark)
        return None

    def is_there(self) -> bool:
        """Whether it is the file that was seen."""
        return _mark(self.path) == self.mark

    def is_latest(self) -> bool:
        """Whether nobody has written since."""
        return self.is_there() and not self.following.exists()


class Snapshot:
    """One version of the table of rows; whatever is asked of it is asked of this version.

    Args:
        table: A handle that stays at the version, or one of a writer in its turn.
    """

    def __init__(self, table: Reader) -> None:
        self.table = table

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns that are seen from outside."""
        return shown(self.table.schema)

    @cached_property
    def version(self) -> int:
        """The version's number."""
        return self.table.version

    @cached_property
    def rows(self) -> int:
        """How many rows there are."""
        return self.table.count_rows()

    def read(
        self, columns: Sequence[str], condition: str | None = None, *, ids: bool = False
    ) -> Iterator[pa.Table]:
        """Rows in batches; with ``ids``, and the column `ROW`."""
        wide = any(name.startswith("v_") for name in columns)
        size = _WIDE_ROWS_AT_ONCE if wide else _ROWS_AT_ONCE
        with plainly("read"):
            yield from self.table.scan(columns, condition, size=size, ids=ids)

    def take(self, rows: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """The rows of these ids, none of them twice, in this order."""
        with plainly("read"):
            found = self.table.take(rows, columns)
        ids = row_ids(found)
        order = np.argsort(ids)
        return found.drop_columns([ROW]).take(places(order[ids.searchsorted(np.array(rows), sorter=order)]))


def read(table: Any, columns: Sequence[str], condition: str | None) -> Iterator[pa.Table]:
    """Rows of a table that is written to, in batches."""
    return Snapshot(Reader.of(table)).read(columns, condition)


def shown(schema: pa.Schema) -> pa.Schema:
    """The columns that are seen from outside."""
    return pa.schema([f for f in schema if f.name != HIDDEN and not f.name.startswith((OUTGROWN, CODES))])


def _mark(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
