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

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from firth.stores import bm25
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.lance.maintenance import build_words_index
from firth.stores.lance.sql import to_sql
from firth.stores.lance.tables import HIDDEN, Tables

__all__ = ["FullText"]

_INDEXED = "_indexed"  # the note with the version of ``items`` whose index holds exactly its rows
_OUTDATED = "_outdated"  # the note that rows of the index are gone, so that an update of it does not do


class FullText:
    """Full-text search of one store; remembers the statistics of the version it last saw."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._seen = _Seen(-1)

    def match(self, table: Any, terms: Sequence[str], k: int, *, where: Filter | None) -> pa.Table:
        """See `firth.stores.base.Store.match`."""
        query = " ".join(terms).split()
        if not query or k <= 0:
            return no_hits()
        seen = self._look(table)
        if seen.fresh:
            rows = _find(table, query, k, where=where, columns=["id", "part"])
            return ranked(rows, rows["_score"], k)
        waiting = table.index_stats("terms_idx").num_unindexed_rows
        rows = _find(table, query, 4 * k + 100 + waiting, where=where, columns=["id", "part", "terms"])
        statistics = self._statistics(table, seen, query)
        scores = [bm25.score(query, text.split(), statistics) for text in rows["terms"].to_pylist()]
        return ranked(rows, np.array(scores), k)

    def outdate(self) -> None:
        """Note that rows are about to go. The caller holds the writers' lock."""
        if _OUTDATED not in self._tables.notes():
            self._tables.write_notes({_OUTDATED: "true"})

    def indexed(self, table: Any) -> None:
        """Make the index, which has just been updated, hold exactly the rows there are, and note it."""
        notes = self._tables.notes()
        if _OUTDATED in notes:
            build_words_index(table)
        if notes.get(_INDEXED) != str(table.version):
            self._tables.write_notes({_INDEXED: str(table.version), _OUTDATED: None})

    def _look(self, table: Any) -> _Seen:
        version, seen = table.version, self._seen
        if seen.version != version:
            indexed = json.loads(self._tables.notes().get(_INDEXED, "-1"))
            seen = self._seen = _Seen(version, fresh=indexed == version)
        return seen

    def _statistics(self, table: Any, seen: _Seen, query: Sequence[str]) -> bm25.Statistics:
        if seen.totals is None:
            batches = table.search().where(f"{HIDDEN} IS NOT NULL").select([HIDDEN]).to_batches()
            lengths = [(len(batch), pc.sum(batch[HIDDEN]).as_py() or 0) for batch in batches]
            # never zero: the candidates may come from a write after this count
            seen.totals = (max(1, sum(n for n, _ in lengths)), max(1, sum(total for _, total in lengths)))
        items, terms = seen.totals
        for term in set(query) - set(seen.frequencies):
            seen.frequencies[term] = len(_find(table, [term], items, where=None, columns=["part"]))
        return bm25.Statistics(items=items, terms=terms, frequencies=seen.frequencies)


class _Seen:
    """What is known of one version; counted when it is first needed."""

    def __init__(self, version: int, *, fresh: bool = False) -> None:
        self.version = version
        self.fresh = fresh
        self.totals: tuple[int, int] | None = None  # items with terms, their terms
        self.frequencies: dict[str, int] = {}


def _find(
    table: Any, query: Sequence[str], limit: int, *, where: Filter | None, columns: Sequence[str]
) -> pa.Table:
    from lancedb.query import MatchQuery

    search = table.search(MatchQuery(" ".join(query), "terms"), query_type="fts").limit(limit)
    if where is not None:
        search = search.where(to_sql(where), prefilter=True)
    return search.select([*columns, "_score"]).to_arrow()
