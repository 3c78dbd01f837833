"""BM25 over the column ``terms``: Lance finds the candidates, and its scores stand where they are the textbook's.

Measured on LanceDB 0.40: right after its index was built, Lance's scores are the textbook's to 1e-6. Rows written
since are scored with the statistics of the old index (off by up to 1.0 in a small store), and rows that are gone
still count (off by .002 with 0.5 % deleted), even after Lance's own update of the index. So the version whose rows
the index holds exactly is noted; at any other version the candidates are scored again here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from firth.stores import bm25
from firth.stores.filters import Filter, columns_of
from firth.stores.hits import no_hits, ranked
from firth.stores.lance import maintenance
from firth.stores.lance.directory import Directory
from firth.stores.lance.native import ROW, Reader, row_ids
from firth.stores.lance.sql import both, holds_any, to_sql
from firth.stores.lance.tables import Tables
from firth.stores.lance.versions import HIDDEN, Snapshot
from firth.stores.mask import to_mask

__all__ = ["FullText"]

_INDEXED = "_indexed"  # the note with the version of ``items`` whose index holds exactly its rows
_GONE = "_gone"  # the note of how many rows of the index are gone
_LITTER = "_litter"  # the note of what is left on disk since the last compaction, in rows of an index that was replaced
_A_ROW = 80  # so many of them is a row itself that is gone worth, though it takes 10 times as much: it may be private
_MOST_LITTER = 8  # for each row there is
_SHARE, _MORE, _MOST = 1.5, 50, 2000  # times, and beyond, what should do where a filter leaves rows out
_FOUND = pa.schema([(ROW, pa.uint64()), ("_score", pa.float32())])


class FullText:
    """Full-text search of one store; remembers the statistics of each version, as long as that is in use."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seen: WeakKeyDictionary[Snapshot, _Seen] = WeakKeyDictionary()

    def match(
        self,
        snapshot: Snapshot,
        terms: Sequence[str],
        k: int,
        *,
        where: Filter | None,
        directory: Directory | None = None,
    ) -> pa.Table:
        """See `firth.stores.base.Store.match`; with a directory of the rows only their scores are read."""
        query = " ".join(terms).split()
        if not query or k <= 0:
            return no_hits()
        seen, table = self._look(snapshot), snapshot.table
        if seen.fresh and directory is not None:
            found = _find_rows(table, query, k, where=where, directory=directory)
            rows = directory.rows.select(["id", "part"]).take(directory.places_of_rows(row_ids(found)))
            return ranked(rows, found["_score"].to_pylist(), k)
        if seen.fresh:
            rows = _find(table, query, k, where=where, columns=["id", "part"])
            return ranked(rows, rows["_score"].to_pylist(), k)
        waiting = table.unindexed(maintenance.WORDS)
        limit = None if waiting is None else 4 * k + 100 + waiting
        rows = _find(table, query, limit, where=where, columns=["id", "part", "terms"])
        statistics = self._statistics(snapshot, seen, query)
        scores = [bm25.score(query, text.split(), statistics) for text in rows["terms"].to_pylist()]
        return ranked(rows, np.array(scores), k)

    def outdate(self, rows: int) -> None:
        """Note that so many rows are about to go. The caller holds the writers' lock."""
        before = int(self._tables.notes().get(_GONE, "0"))
        self._tables.write_notes({_GONE: str(before + rows)})

    def keep_up(self, table: Any) -> None:
        """Have the indexes hold exactly the rows there are, and note it; compact the rows if that has become worth it.

        A few rows that have come since, up to a thousandth, are left: a search scores them itself.
        """
        notes, rows = self._tables.notes(), table.count_rows()
        gone = int(notes.get(_GONE, "0"))
        litter = int(notes.get(_LITTER, "0")) + _A_ROW * gone
        if maintenance.is_scattered(table) or litter > _MOST_LITTER * rows:
            maintenance.compact(table)
            litter = 0
        waiting = maintenance.unindexed(table)
        if gone or waiting * 1000 > rows:
            maintenance.index(table)
            litter, waiting = litter + rows, 0
        if not waiting and notes.get(_INDEXED) != str(table.version):
            changes = {_INDEXED: str(table.version), _LITTER: str(litter), _GONE: None}
            self._tables.write_notes(changes)

    def _look(self, snapshot: Snapshot) -> _Seen:
        seen = self._seen.get(snapshot)
        if seen is None:
            indexed = json.loads(self._tables.notes().get(_INDEXED, "-1"))
            seen = self._seen[snapshot] = _Seen(fresh=indexed == snapshot.table.version)
        return seen

    def _statistics(self, snapshot: Snapshot, seen: _Seen, query: Sequence[str]) -> bm25.Statistics:
        if seen.totals is None:
            batches = snapshot.read([HIDDEN], f"{HIDDEN} IS NOT NULL")
            lengths = [(len(batch), pc.sum(batch[HIDDEN]).as_py() or 0) for batch in batches]
            # never zero, in a store without terms
            seen.totals = (max(1, sum(n for n, _ in lengths)), max(1, sum(total for _, total in lengths)))
        items, terms = seen.totals
        limit = None if snapshot.table.unindexed(maintenance.WORDS) is None else items
        for term in set(query) - set(seen.frequencies):
            seen.frequencies[term] = len(_find(snapshot.table, [term], limit, where=None, columns=["part"]))
        return bm25.Statistics(items=items, terms=terms, frequencies=seen.frequencies)


class _Seen:
    """What is known of one version; counted when it is first needed."""

    def __init__(self, *, fresh: bool) -> None:
        self.fresh = fresh
        self.totals: tuple[int, int] | None = None  # items with terms, their terms
        self.frequencies: dict[str, int] = {}


def _find_rows(
    table: Reader, query: Sequence[str], k: int, *, where: Filter | None, directory: Directory
) -> pa.Table:
    """The engine's ids of the best rows and their scores.

    What a filter lets through does not change scores. So where enough rows pass a filter over columns in memory, more
    are asked for than are wanted, and those that do not pass are left out: the engine need not read those columns.
    """
    if where is not None and columns_of(where) <= set(directory.rows.column_names):
        mask = to_mask(where, directory.rows).fill_null(False)
        if not mask.true_count:
            return _FOUND.empty_table()
        limit = _MORE + int(_SHARE * k * len(mask) / mask.true_count)
        if limit <= _MOST:
            found = _find(table, query, limit, where=None, columns=[], ids=True)
            places = directory.places_of_rows(row_ids(found))
            passing = found.filter(mask.take(pa.array(places)))
            if len(found) < limit or len(passing) >= k:
                return passing
    return _find(table, query, k, where=where, columns=[], ids=True)


def _find(
    table: Reader,
    query: Sequence[str],
    limit: int | None,
    *,
    where: Filter | None,
    columns: Sequence[str],
    ids: bool = False,
) -> pa.Table:
    """Rows that hold any of the terms; with ``ids``, and the column `ROW`.

    They come with scores, and the best of so many as ``limit`` says; or where that is None, since the table lacks its
    index while another compacts it, without scores and all.
    """
    condition = None if where is None else to_sql(where)
    if limit is None:
        batches = table.scan(columns, both(holds_any("terms", query), where), size=8192)
        return pa.concat_tables(
            [pa.schema([table.schema.field(name) for name in columns]).empty_table(), *batches]
        )
    return table.match(" ".join(query), limit, columns, condition, ids=ids)
