"""The readable store: rows in one Arrow table, every search exact, gone when the process ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from firth.errors import UnknownNameError
from firth.similarity import Metric
from firth.stores import bm25
from firth.stores.block import Block
from firth.stores.columns import COLUMNS, vector_column
from firth.stores.filters import Filter
from firth.stores.hits import checked_query, no_hits, ranked
from firth.stores.mask import passing
from firth.stores.notes import checked_changes
from firth.stores.rows import aligned, checked, widened
from firth.stores.scans import known_columns
from firth.types import FloatArray

__all__ = ["MemoryStore"]


class MemoryStore:
    """A store in memory; `firth.stores.base.Store` says what each method promises. Threads may share it."""

    def __init__(self) -> None:
        self._rows = COLUMNS.empty_table()
        self._blocks: dict[str, tuple[pa.Table, Block]] = {}
        self._notes: dict[str, str] = {}
        self._version = 0
        self._lock = threading.RLock()

    def schema(self) -> pa.Schema:
        """The columns there are."""
        return self._rows.schema

    def put(self, rows: pa.Table) -> None:
        """Write whole items, replacing what stood under their ids."""
        rows = checked(rows)
        with self._lock:
            schema = widened(self._rows.schema, rows.schema)
            rest = self._rows.filter(pc.invert(pc.is_in(self._rows["id"], value_set=rows["id"])))
            self._rows = pa.concat_tables([aligned(rest, schema), aligned(rows, schema)]).combine_chunks()
            self._version += 1

    def delete(self, ids: Sequence[str]) -> int:
        """Remove items; returns how many were there."""
        with self._lock:
            gone = pc.is_in(self._rows["id"], value_set=pa.array(ids, pa.string()))
            found = len(pc.unique(self._rows["id"].filter(gone)))
            if found:
                self._rows = self._rows.filter(pc.invert(gone))
                self._version += 1
            return found

    def count(self, where: Filter | None = None) -> int:
        """How many items there are, or pass the filter."""
        return len(passing(where, _items(self._rows)))

    def scan(
        self,
        columns: Sequence[str],
        *,
        where: Filter | None = None,
        ids: Sequence[str] | None = None,
        parts: bool = False,
    ) -> Iterator[pa.Table]:
        """Read rows in batches."""
        rows = self._rows
        names = known_columns(columns, rows.schema)
        rows = passing(where, rows if parts else _items(rows))
        if ids is not None:
            rows = rows.filter(pc.is_in(rows["id"], value_set=pa.array(ids, pa.string())))
        return (pa.Table.from_batches([batch]) for batch in rows.select(names).to_batches(max_chunksize=8192))

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
        rows, column = self._rows, vector_column(vector)
        if column not in rows.column_names:
            raise UnknownNameError(f"no vector {vector!r} in this store")
        dim = rows.schema.field(column).type.list_size
        asked = [checked_query(query, dim, vector) for query in queries]
        if not asked:
            return []
        block = self._block(rows, column)
        return block.nearest_of_many(np.stack(asked), k, metric=metric, where=where, exact=exact)

    def _block(self, rows: pa.Table, column: str) -> Block:
        """The vectors of these rows, made at the first search of them."""
        kept = self._blocks.get(column)
        if kept is None or kept[0] is not rows:
            kept = rows, Block.of([rows.filter(rows[column].is_valid())], column)
            self._blocks[column] = kept
        return kept[1]

    def match(self, terms: Sequence[str], k: int, *, where: Filter | None = None) -> pa.Table:
        """The ``k`` best items by BM25."""
        query = " ".join(terms).split()
        rows = self._rows.filter(pc.greater(pc.utf8_length(self._rows["terms"]), 0))
        documents = [text.split() for text in rows["terms"].to_pylist()]
        if not documents or not query:
            return no_hits()
        statistics = bm25.Statistics(
            items=len(documents),
            terms=sum(map(len, documents)),
            frequencies={term: sum(term in document for document in documents) for term in query},
        )
        scores = np.array([bm25.score(query, document, statistics) for document in documents])
        scored = passing(where, rows.append_column("score", pa.array(scores)).filter(pa.array(scores > 0)))
        return ranked(scored, scored["score"], k)

    def drop_vector(self, name: str) -> None:
        """Remove a named vector."""
        with self._lock:
            if vector_column(name) not in self._rows.column_names:
                raise UnknownNameError(f"no vector {name!r} in this store")
            self._rows = self._rows.drop_columns([vector_column(name)])
            self._blocks.pop(vector_column(name), None)
            self._version += 1

    def read_meta(self) -> dict[str, Any]:
        """The collection's notes."""
        with self._lock:
            return {key: json.loads(value) for key, value in self._notes.items()}

    def write_meta(self, changes: Mapping[str, Any]) -> None:
        """Merge values into the notes; None removes a key."""
        new = checked_changes(changes)
        with self._lock:
            merged = {**self._notes, **new}
            self._notes = {key: value for key, value in merged.items() if value is not None}
            self._version += 1

    def optimize(self) -> None:
        """Nothing to do: there is one table and no index."""

    def version(self) -> int:
        """Grows with every write."""
        return self._version


def _items(rows: pa.Table) -> pa.Table:
    return rows.filter(pc.equal(rows["part"], 0))
