"""What is kept in memory of one version's rows beside vectors: their small columns, and where each item's rows are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from firth.stores.lance.native import ROW, row_ids

__all__ = ["Directory"]

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Directory:
    """All rows of one version, found by item.

    Attributes:
        rows: Every column but texts, pictures and vectors, ``n`` rows.
        ids: ``(n,)`` the engine's ids of the rows, for reading what is not here.
        hashes: ``(n,)`` hashes of the items' ids, in ascending order.
        order: ``(n,)`` the row of each hash.
    """

    rows: pa.Table
    ids: npt.NDArray[np.uint64]
    hashes: npt.NDArray[np.int64]
    order: npt.NDArray[np.int32]

    @staticmethod
    def of(batches: Iterable[pa.Table]) -> Directory | None:
        """From batches of rows with their ids in `ROW`; None without any."""
        tables, hashed = [], []
        for batch in batches:
            tables.append(batch)
            hashed.append(_hashes(batch["id"].to_pylist()))
        if not tables:
            return None
        table, hashes = pa.concat_tables(tables).combine_chunks(), np.concatenate(hashed)
        order = np.argsort(hashes, kind="stable").astype(np.int32)
        ids = row_ids(table)
        return Directory(table.drop_columns([ROW]), ids, hashes[order], order)

    def places(self, ids: Sequence[str], *, parts: bool) -> Places:
        """Where the rows of these items are among all, in ascending order; without ``parts`` those of part 0 alone."""
        if not ids:
            return np.empty(0, np.int64)
        wanted = _hashes(set(ids))
        first, last = (np.searchsorted(self.hashes, wanted, side=side) for side in ("left", "right"))
        counts = last - first
        starts = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        places = np.sort(self.order[starts + np.arange(counts.sum())].astype(np.int64))
        found = self.rows.select(["id", "part"]).take(places)
        mask = pc.is_in(found["id"], value_set=pa.array(ids, pa.string()))  # two ids may share a hash
        if not parts:
            mask = pc.and_(mask, pc.equal(found["part"], 0))
        return np.asarray(places[mask.to_numpy()])

    def places_of_rows(self, ids: npt.NDArray[np.uint64]) -> Places:
        """Where rows are among all, by the engine's ids."""
        order = self._by_row
        return np.asarray(order[np.searchsorted(self.ids, ids, sorter=order)], np.int64)

    @cached_property
    def _by_row(self) -> Places:
        return np.argsort(self.ids, kind="stable")


def _hashes(ids: Iterable[str]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(hash, ids), np.int64)
