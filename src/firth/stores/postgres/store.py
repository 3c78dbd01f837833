"""The store on a PostgreSQL server; see `PostgresStore`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from firth.errors import UnknownNameError
from firth.similarity import Metric
from firth.stores.columns import COLUMNS, vector_column
from firth.stores.filters import Filter
from firth.stores.hits import checked_query, no_hits
from firth.stores.notes import checked_changes
from firth.stores.postgres import reading, vectors, words, writing
from firth.stores.postgres.address import Address
from firth.stores.postgres.maintenance import maintain
from firth.stores.postgres.session import Session
from firth.stores.rows import checked, widened
from firth.stores.scans import known_columns
from firth.types import FloatArray

__all__ = ["PostgresStore"]


class PostgresStore:
    """A store in PostgreSQL 15 or newer with pgvector 0.8 or newer; `firth.stores.base.Store` says what it promises.

    Each collection has a PostgreSQL schema ``firth_NAME`` of its own, whose table ``items`` anybody may query by
    SQL; `firth.stores.postgres.layout` lists the tables. Processes on many machines may read and write at once.
    Readers see one moment and wait for nobody, except while a column is added. Writers send their rows side by side
    and take turns to put them in place. What `put` has returned from is as safe as the server's own commits.

    Searches are exact below 20,000 vectors. Above, `optimize` builds an HNSW index for ``COSINE``, whose finds are
    compared exactly; ``DOT``, ``EUCLIDEAN``, vectors above 4,000 dimensions and filters that fewer than 20,000 rows
    pass stay exact. Vectors have at most 16,000 dimensions, ids at most 2,000 bytes, a collection at most some
    1,500 vectors and fields together, and no text holds U+0000.

    Args:
        location: ``postgresql://user:password@host:port/database?collection=NAME``, and any further options of
            libpq; without ``collection`` it is called ``default``. Nothing is connected before the first call, and
            nothing made before the first write.
    """

    def __init__(self, location: str) -> None:
        self._session = Session(Address.of(location))

    def schema(self) -> pa.Schema:
        """The columns there are; `COLUMNS` in a new store."""
        with self._session.reading("read the columns") as view:
            return COLUMNS if view is None else view.layout.schema

    def put(self, rows: pa.Table) -> None:
        """Write whole items in one transaction, replacing what stood under their ids."""
        rows = checked(rows)
        writing.check_fits(rows)
        doing = f"write {len(rows)} rows"
        with self._session.reading(doing) as view:  # refuse before anything is made
            widened(COLUMNS if view is None else view.layout.schema, rows.schema)
        if view is None:
            self._session.create(doing)
        self._session.write(
            doing,
            lambda view: writing.merge(view, writing.widen(view, rows.schema), rows.schema),
            before=lambda connection: writing.send(connection, rows),
        )

    def delete(self, ids: Sequence[str]) -> int:
        """Remove items with all their parts; returns how many were there."""
        if not ids or not self._exists("remove items"):
            return 0
        which = "id = any($1::text[])"
        return self._session.write(
            f"remove {len(ids)} items",
            lambda view: writing.forget(view, which, [reading.possible(ids)]),
        )

    def count(self, where: Filter | None = None) -> int:
        """How many items there are, or pass the filter."""
        with self._session.reading("count") as view:
            return 0 if view is None else reading.count(view, where)

    def scan(
        self,
        columns: Sequence[str],
        *,
        where: Filter | None = None,
        ids: Sequence[str] | None = None,
        parts: bool = False,
    ) -> Iterator[pa.Table]:
        """Read rows in batches of at most 8,192."""
        with self._session.reading("read") as view:
            names = known_columns(columns, COLUMNS if view is None else view.layout.schema)
            if view is None:
                return iter(())
            asked = reading.Asked(names, where=where, ids=ids, parts=parts)
            first = reading.first_batch(view, asked)
        return iter([first] if len(first) else []) if first is not None else self._scan_all(asked)

    def _scan_all(self, asked: reading.Asked) -> Iterator[pa.Table]:
        with self._session.reading("read") as view:
            if view is not None:
                yield from reading.batches(view, asked)

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
        """The ``k`` best rows for each of many queries, by one named vector: a statement each, on one connection."""
        column = vector_column(vector)
        with self._session.reading("search by vector") as view:
            if view is None or column not in view.layout.stored:
                raise UnknownNameError(f"no vector {vector!r} in this store")
            dim = view.layout.schema.field(column).type.list_size
            asked = [checked_query(query, dim, vector) for query in queries]
            return [
                vectors.nearest(view, column, query, k, metric=metric, where=where, exact=exact)
                if k > 0 and (metric is not Metric.COSINE or query.any())
                else no_hits()  # a vector of zeros has no direction
                for query in asked
            ]

    def match(self, terms: Sequence[str], k: int, *, where: Filter | None = None) -> pa.Table:
        """The ``k`` best items by BM25."""
        with self._session.reading("search by words") as view:
            return no_hits() if view is None else words.match(view, terms, k, where=where)

    def drop_vector(self, name: str) -> None:
        """Remove a named vector, and its index."""
        column = vector_column(name)
        if column not in self.schema().names:
            raise UnknownNameError(f"no vector {name!r} in this store")
        self._session.write(f"drop the vector {name!r}", lambda view: writing.drop_vector(view, column))

    def read_meta(self) -> dict[str, Any]:
        """The collection's notes."""
        with self._session.reading("read notes") as view:
            if view is None:
                return {}
            found = view.connection.execute(f"select key, value::text from {view.tables.notes}").fetchall()
        return {key: json.loads(value) for key, value in found}

    def write_meta(self, changes: Mapping[str, Any]) -> None:
        """Merge values into the notes in one transaction; None removes a key."""
        new = checked_changes(changes)
        if not new:
            return
        if not self._exists("write notes"):
            self._session.create("write notes")
        self._session.write("write notes", lambda view: writing.write_notes(view, new))

    def optimize(self) -> None:
        """Index fields, and vectors from 20,000 on, and tidy up; while another process does it, nothing."""
        with self._session.reading("optimize") as view:
            if view is None:
                return
        with self._session.maintaining("optimize", view.layout) as alone:
            if alone is not None:
                maintain(alone)

    def version(self) -> int:
        """Grows with every write by anyone."""
        with self._session.reading("read the version") as view:
            return 0 if view is None else view.layout.version

    def _exists(self, doing: str) -> bool:
        with self._session.reading(doing) as view:
            return view is not None
