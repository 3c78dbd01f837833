"""The rows and vectors of a store in memory: what a process that searches again and again gets instead of the file."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.errors import FirthError
from firth.kernel.products import BUILT
from firth.stores.block import EXACT, Block
from firth.stores.columns import matrix
from firth.stores.filters import IsNull, Not
from firth.stores.lance import maintenance
from firth.stores.lance.coded import Coded
from firth.stores.lance.coding import Coding, code_column
from firth.stores.lance.directory import Directory
from firth.stores.lance.native import row_ids
from firth.stores.lance.sql import to_sql
from firth.stores.lance.versions import Snapshot

__all__ = ["EXACT", "LARGE", "Block", "Blocks", "largest"]

LARGE = {"text", "terms", "thumb"}
"""Columns that are not kept in memory."""
MEMORY = 256 * 2**20
SHARE = 8
"""The vectors in memory may take this part of the machine's, and 256 MB in any case."""


def largest() -> int:
    """Bytes of vectors that are kept at most, of one named vector."""
    try:
        return max(MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // SHARE)
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        return MEMORY


@dataclass(frozen=True, eq=False)
class _Vectors:
    """One named vector of a version.

    Attributes:
        block: Those rows that have it.
        places: ``(n,)`` for each row of the directory where it is in the block, or -1; None where all rows have it.
    """

    block: Block
    places: npt.NDArray[np.int32] | None

    def of(self, rows: npt.NDArray[np.int64], kind: pa.FixedSizeListType) -> pa.Array:
        """The vectors of some rows of the directory, as the store's column has them."""
        places = rows if self.places is None else self.places[rows]
        values = pa.array(self.block.vectors[places].ravel())
        return pa.FixedSizeListArray.from_arrays(values, type=kind, mask=pa.array(places < 0))


@dataclass(eq=False)
class _Kept:
    """What there is in memory of one version."""

    asked: set[str] = field(default_factory=set)
    coded: dict[str, Coded] = field(default_factory=dict)
    directory: Directory | None = None
    vectors: dict[str, _Vectors] = field(default_factory=dict)


class Blocks:
    """What is in memory of a store, made at the second search of a version and gone with the version."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Snapshot, _Kept] = WeakKeyDictionary()
        self._making: set[str] = set()

    def get(self, snapshot: Snapshot, column: str) -> Block | None:
        """One named vector, if this version is searched again and it is not too large.

        Many vectors are read in a thread aside; searches go another way until they are there.
        """
        kept = self._kept.setdefault(snapshot, _Kept())
        if column not in kept.vectors:
            if column not in kept.asked:
                kept.asked.add(column)
                return None
            if snapshot.rows * snapshot.schema.field(column).type.list_size * 4 > largest():
                return None
            if snapshot.rows >= maintenance.EXACT_BELOW:
                self._make_aside(snapshot, kept, column)
                return None
            _make(snapshot, kept, column)
        known = kept.vectors.get(column)
        return known.block if known else None

    def coded(self, snapshot: Snapshot, coding: Coding | None) -> Coded | None:
        """The codes of one named vector, if every vector of this version has its own."""
        if coding is None or coding.since is None or coding.since > snapshot.version:
            return None
        kept = self._kept.setdefault(snapshot, _Kept())
        if coding.column not in kept.coded:
            kept.coded[coding.column] = Coded.of(snapshot, coding)
        return kept.coded[coding.column]

    def directory(self, snapshot: Snapshot) -> Directory | None:
        """All rows, if there is a vector of them."""
        kept = self._kept.get(snapshot)
        return kept.directory if kept else None

    def recall(
        self, snapshot: Snapshot, columns: Sequence[str], ids: Sequence[str], *, parts: bool
    ) -> pa.Table | None:
        """Rows of some items: from memory what is there, the rest from where the rows are known to lie; else None."""
        kept = self._kept.get(snapshot)
        if kept is None or kept.directory is None:
            return None
        directory, places = kept.directory, kept.directory.places(ids, parts=parts)
        small = [name for name in columns if name in directory.rows.column_names]
        known = {name: kept.vectors[name] for name in columns if name in kept.vectors}
        rest = [name for name in columns if name not in small and name not in known]
        found = dict(zip(small, directory.rows.select(small).take(places).columns, strict=True))
        for name, vectors in known.items():
            found[name] = vectors.of(places, snapshot.schema.field(name).type)
        if rest and len(places):
            read = snapshot.take(directory.ids[places].tolist(), rest)
            found |= dict(zip(rest, read.columns, strict=True))
        schema = pa.schema([snapshot.schema.field(name) for name in columns])
        return pa.table([found[name] for name in columns], schema) if len(places) else schema.empty_table()

    def _make_aside(self, snapshot: Snapshot, kept: _Kept, column: str) -> None:
        if column in self._making or not BUILT:
            return
        self._making.add(column)

        def work() -> None:
            try:
                _make(snapshot, kept, column, coded=True)
            except FirthError:
                pass  # searches go the other way, and say what is wrong if that is wrong too
            finally:
                self._making.discard(column)

        threading.Thread(target=work, name=f"firth-block-{column}").start()


def _make(snapshot: Snapshot, kept: _Kept, column: str, *, coded: bool = False) -> None:
    """Read one named vector, and the rows if they have not been read; keep nothing once the program wants to end."""
    small = [name for name in snapshot.schema.names if name not in LARGE and not name.startswith("v_")]
    directory = kept.directory or Directory.of(_while_alive(snapshot.read(small, ids=True)))
    condition = to_sql(Not(IsNull(column)))
    batches = list(_while_alive(snapshot.read([column], condition, ids=True)))
    if directory is None or not batches or not threading.main_thread().is_alive():
        return
    table = pa.concat_tables(batches)
    rows, ids, places = directory.rows, row_ids(table), None
    if not np.array_equal(ids, directory.ids):
        here = directory.places_of_rows(ids)
        rows, places = rows.take(here), np.full(len(rows), -1, np.int32)
        places[here] = np.arange(len(here), dtype=np.int32)
    known = kept.coded.get(code_column(snapshot.table.schema, column) or "")
    codes = known.codes if known and np.array_equal(ids, known.rows) else None
    block = Block.made(rows, matrix(table[column]), coded=coded, codes=codes)
    kept.directory, kept.vectors[column] = directory, _Vectors(block, places)


def _while_alive(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Batches until the program wants to end."""
    for batch in batches:
        if not threading.main_thread().is_alive():
            return
        yield batch
