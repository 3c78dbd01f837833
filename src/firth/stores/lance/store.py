"""The embedded store; see `LanceStore`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from firth.errors import SchemaError, UnknownNameError
from firth.similarity import Metric
from firth.stores.columns import COLUMNS, vector_column
from firth.stores.filters import Filter, columns_of
from firth.stores.hits import checked_query, no_hits
from firth.stores.lance import maintenance
from firth.stores.lance.block import LARGE, Blocks
from firth.stores.lance.coding import Codings
from firth.stores.lance.errors import plainly
from firth.stores.lance.freed import give_back
from firth.stores.lance.full_text import FullText
from firth.stores.lance.nearest import nearest_on_disk
from firth.stores.lance.sql import both, is_among
from firth.stores.lance.tables import Tables
from firth.stores.lance.versions import HIDDEN, OUTGROWN, read, shown
from firth.stores.notes import checked_changes
from firth.stores.rows import aligned, checked, widened
from firth.stores.scans import known_columns
from firth.types import FloatArray

__all__ = ["LanceStore"]

_IDS_AT_ONCE = 1000
_MANY = 1000  # rows of a write after which memory is given back: it takes some ms
_OPENED_FOR = 50_000  # rows; of each the engine keeps some .4 kB that nobody asks for again
_EXACT_FLOATS = 2**53  # integers up to here are the same as floats


class LanceStore:
    """A store in a folder, by LanceDB; `firth.stores.base.Store` says what each method promises.

    Several processes and threads may read and write at once. Writers of one folder take turns by a lock file,
    held for a commit or for maintenance; readers never wait. A killed process loses nothing that `put` has
    returned from; a power cut may, since Lance does not call fsync. Commits are hard links: a file system
    without them (exFAT, some network mounts) was not tried.

    On object storage writers take turns by a `Lease`; where the endpoint has no conditional put, one writer is let in
    and others are refused, see `Claims`. `object_storage` says where keys and endpoint come from.

    Searches are exact below 50,000 vectors. Above, those for ``COSINE`` go by codes that lie beside the vectors, and
    compare the candidates exactly, see `Codings`; ``DOT`` and ``EUCLIDEAN`` stay exact. A process that searches one
    version again and again gets its vectors and the small columns of its rows into memory, see `Blocks`; where they
    are many, in a thread aside. Whatever is kept belongs to one version and goes with it, see `Snapshot`.
    Where more rows than ``k`` share the last place, which of them come back is the engine's choice.

    Args:
        location: The folder, or ``s3://bucket/folder``. Nothing is made before the first write.
    """

    def __init__(self, location: str) -> None:
        self._tables = Tables(location)
        self._text = FullText(self._tables)
        self._codings = Codings(self._tables)
        self._blocks = Blocks()
        self._written = 0  # rows since the tables were opened

    def schema(self) -> pa.Schema:
        """The columns there are; `COLUMNS` in a new store."""
        snapshot = self._tables.snapshot()
        return COLUMNS if snapshot is None else snapshot.schema

    def put(self, rows: pa.Table) -> None:
        """Write whole items in one commit, replacing what stood under their ids."""
        rows = checked(rows)
        widened(self.schema(), rows.schema)  # refuse before anything is made
        with self._tables.writing(f"write {len(rows)} rows to {self._tables.location}"):
            to_fold = self._write(rows)
            self._written += len(rows)
            if to_fold or self._written >= _OPENED_FOR:
                self._tables.let_go()
                self._written = 0
            if to_fold:
                give_back()
                self._fold(self._tables.create())
        if len(rows) >= _MANY:
            give_back()

    def delete(self, ids: Sequence[str]) -> int:
        """Remove items with all their parts; returns how many were there."""
        if self._tables.items() is None:
            return 0
        found = 0
        with self._tables.writing(f"remove items of {self._tables.location}"):
            table = self._tables.create()
            for chunk in _chunks(ids):
                batches = read(table, ["id"], is_among("id", chunk))
                rows = [id for batch in batches for id in batch["id"].to_pylist()]
                if rows:
                    self._text.outdate(len(rows))
                    table.delete(is_among("id", sorted(set(rows))))
                    found += len(set(rows))
        return found

    def count(self, where: Filter | None = None) -> int:
        """How many items there are, or pass the filter."""
        snapshot = self._tables.snapshot()
        if snapshot is None:
            return 0
        with plainly("count"):
            return int(snapshot.table.count_rows(both("part = 0", where)))

    def scan(
        self,
        columns: Sequence[str],
        *,
        where: Filter | None = None,
        ids: Sequence[str] | None = None,
        parts: bool = False,
    ) -> Iterator[pa.Table]:
        """Read rows in batches of at most 8,192."""
        snapshot = self._tables.snapshot()
        names = known_columns(columns, COLUMNS if snapshot is None else snapshot.schema)
        if snapshot is None:
            return iter(())
        if ids is not None and where is None and len(ids) <= _IDS_AT_ONCE:
            with plainly("read"):
                found = self._blocks.recall(snapshot, names, ids, parts=parts)
            if found is not None:
                return iter([found])
        condition = both(None if parts else "part = 0", where)
        asked = [None] if ids is None else [is_among("id", chunk) for chunk in _chunks(ids)]
        return (batch for some in asked for batch in snapshot.read(names, both(condition, some)))

    def nearest(
        self,
        vector: str,
        query: FloatArray,
        k: int,
        *,
        metric: Metric = Metric.COSINE,
        where: Filter | None = None,
        exact: bool = False,
    ) -> pa.Table:
        """The ``k`` best rows by one named vector."""
        return self.nearest_of_many(vector, [query], k, metric=metric, where=where, exact=exact)[0]

    def nearest_of_many(
        self,
        vector: str,
        queries: Sequence[FloatArray] | FloatArray,
        k: int,
        *,
        metric: Metric = Metric.COSINE,
        where: Filter | None = None,
        exact: bool = False,
    ) -> list[pa.Table]:
        """The ``k`` best rows for each of many queries, by one named vector."""
        snapshot, column = self._tables.snapshot(), vector_column(vector)
        if snapshot is None or column not in snapshot.schema.names:
            raise UnknownNameError(f"no vector {vector!r} in this store")
        dim = snapshot.schema.field(column).type.list_size
        asked = [checked_query(query, dim, vector) for query in queries]
        if k <= 0 or not asked:
            return [no_hits() for _ in asked]
        with plainly("search by vector"):
            in_memory = where is None or LARGE.isdisjoint(columns_of(where))
            if in_memory and (block := self._blocks.get(snapshot, column)):
                return block.nearest_of_many(np.stack(asked), k, metric=metric, where=where, exact=exact)
            coded = None
            if metric is Metric.COSINE and not exact and snapshot.rows >= maintenance.EXACT_BELOW:
                coded = self._blocks.coded(snapshot, self._codings.of(snapshot.table.schema, column))
            return [
                nearest_on_disk(snapshot, column, query, k, metric=metric, where=where, coded=coded)
                for query in asked
            ]

    def match(self, terms: Sequence[str], k: int, *, where: Filter | None = None) -> pa.Table:
        """The ``k`` best items by BM25."""
        snapshot = self._tables.snapshot()
        if snapshot is None:
            return no_hits()
        with plainly("search by words"):
            return self._text.match(
                snapshot, terms, k, where=where, directory=self._blocks.directory(snapshot)
            )

    def drop_vector(self, name: str) -> None:
        """Remove a named vector, and its codes."""
        if vector_column(name) not in self.schema().names:
            raise UnknownNameError(f"no vector {name!r} in this store")
        with self._tables.writing(f"drop the vector {name!r}"):
            self._codings.drop(self._tables.create(), vector_column(name))

    def read_meta(self) -> dict[str, Any]:
        """The collection's notes."""
        with plainly("read notes"):
            notes = self._tables.notes()
        return {key: json.loads(value) for key, value in notes.items() if not key.startswith("_")}

    def write_meta(self, changes: Mapping[str, Any]) -> None:
        """Merge values into the notes in one commit; None removes a key."""
        new = checked_changes(changes)
        if new:
            with self._tables.writing("write notes"):
                self._tables.write_notes(new)
                maintenance.fold_notes(self._tables.meta())

    def optimize(self) -> None:
        """Have the indexes hold the rows there are; compact and drop versions over 1 h old once that frees much."""
        if self._tables.items() is not None:
            with self._tables.writing(f"optimize {self._tables.location}"):
                self._fold(self._tables.create())
            give_back()

    def version(self) -> int:
        """Grows with every write by anyone, and with maintenance."""
        with plainly("read the version"):
            return self._tables.version()

    def _write(self, rows: pa.Table) -> bool:
        """Write rows in one commit; says whether it is time to fold."""
        table = self._tables.create()
        maintenance.create_indexes(table)
        self._widen(table, rows.schema)
        rows = aligned(rows, shown(table.schema)).append_column(HIDDEN, _term_counts(rows))
        rows = self._codings.add_to(rows, table)
        rows = rows.select(table.schema.names)
        if old := self._old(table, rows):
            self._text.outdate(len(old))
            merge = table.merge_insert(["id", "part"]).when_matched_update_all().when_not_matched_insert_all()
            if shrunk := _shrunk(rows, old):
                merge = merge.when_not_matched_by_source_delete(is_among("id", shrunk))
            merge.execute(rows, on_bad_vectors="null")  # `checked` found none bad
        else:  # a merge would read the keys of all rows that no index holds yet
            table.add(rows, on_bad_vectors="null")
        return maintenance.needs_folding(table)

    def _fold(self, table: Any) -> None:
        self._codings.complete(table, self._write)
        self._text.keep_up(table)
        maintenance.fold_notes(self._tables.meta())
        self._tables.let_go()

    def _widen(self, table: Any, incoming: pa.Schema) -> None:
        """Add columns and turn integers to floats; a crash in between leaves a column that nobody sees."""
        left = [name for name in table.schema.names if name.startswith(OUTGROWN)]
        if left:
            table.drop_columns(left)
        now = shown(table.schema)
        after = widened(now, incoming)
        new = [field for field in after if field.name not in now.names]
        if new:
            table.add_columns(new)
        for field in now:
            if not after.field(field.name).type.equals(field.type):
                _make_float(table, field.name)

    @staticmethod
    def _old(table: Any, rows: pa.Table) -> list[tuple[str, int]]:
        """The id and part of every row that stands under the ids of new ones."""
        return [
            (row["id"], row["part"])
            for chunk in _chunks(rows["id"].unique().to_pylist())
            for batch in read(table, ["id", "part"], is_among("id", chunk))
            for row in batch.to_pylist()
        ]


def _shrunk(rows: pa.Table, old: Sequence[tuple[str, int]]) -> list[str]:
    """The ids under which stand parts that the new rows lack.

    Only for these the merge also deletes, since that makes it read the keys of the whole store.
    """
    new = set(zip(rows["id"].to_pylist(), rows["part"].to_pylist(), strict=True))
    return sorted({id for id, _ in set(old) - new})


def _term_counts(rows: pa.Table) -> pa.Array:
    if "terms" not in rows.column_names:
        return pa.nulls(len(rows), pa.int32())
    counts = (len(text.split()) if text else None for text in rows["terms"].to_pylist())
    return pa.array((count or None for count in counts), pa.int32())


def _make_float(table: Any, column: str) -> None:
    """Swap an integer column for its float twin; the swap of names is one commit."""
    if table.count_rows(f"`{column}` > {_EXACT_FLOATS} OR `{column}` < -{_EXACT_FLOATS}"):
        raise SchemaError(f"column {column!r} holds integers beyond 2**53, which floats cannot; got floats")
    twin = OUTGROWN + column
    table.add_columns({twin: f"CAST(`{column}` AS DOUBLE)"})
    table.alter_columns({"path": column, "rename": twin}, {"path": twin, "rename": column})
    table.drop_columns([twin])


def _chunks(ids: Sequence[str]) -> list[list[str]]:
    distinct = list(dict.fromkeys(ids))
    return [distinct[start : start + _IDS_AT_ONCE] for start in range(0, len(distinct), _IDS_AT_ONCE)]
