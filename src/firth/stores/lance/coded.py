"""Search among many vectors that stay on disk: their signs say which are worth reading, see `firth.stores.codes`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.similarity import cosine, normalize
from firth.stores.block import A_HIT, CANDIDATES, FEW, FIRST, LARGE_PART, ROUNDING
from firth.stores.codes import WORD, SignCodes, Words, words_of
from firth.stores.columns import matrix, places
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.lance.coding import Coding
from firth.stores.lance.native import row_ids
from firth.stores.lance.sql import to_sql
from firth.stores.lance.versions import Snapshot
from firth.types import FloatArray

__all__ = ["Coded"]

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Coded:
    """The codes of one named vector of a version.

    Attributes:
        rows: ``(n,)`` the engine's ids of the rows that have it.
        codes: Theirs, in the same order.
    """

    rows: npt.NDArray[np.uint64]
    codes: SignCodes

    @staticmethod
    def of(snapshot: Snapshot, coding: Coding) -> Coded:
        """Read from disk: 72 bytes a vector of 512 numbers, not 2,048."""
        column, words = coding.column, words_of(len(coding.centre)) + 1
        there = f"`{column}` IS NOT NULL"
        rows = np.empty(snapshot.table.count_rows(there), np.uint64)

        def codes() -> Iterator[Words]:
            start = 0
            for batch in snapshot.read([column], there, ids=True):
                rows[start : start + len(batch)] = row_ids(batch)
                start += len(batch)
                yield from (_words(chunk, words) for chunk in batch[column].chunks)

        return Coded(rows, SignCodes.laid(codes(), len(rows), coding.centre))

    def nearest(
        self, snapshot: Snapshot, column: str, query: FloatArray, k: int, where: Filter | None
    ) -> pa.Table | None:
        """The ``k`` rows of the largest cosines; None where the codes leave too much undecided.

        Args:
            snapshot: The version.
            column: The vectors.
            query: ``(d,)``.
            k: How many.
            where: Which rows may be found.
        """
        if not query.any():  # a vector of zeros has no direction
            return no_hits()
        mask = None if where is None else self._passing(snapshot, where)
        count = len(self.rows) if mask is None else int(mask.sum())
        if count <= FEW:
            at = np.arange(count) if mask is None else np.flatnonzero(mask)
            return ranked(*self._compared(snapshot, column, query, at), k)
        bits = None if mask is None else np.packbits(mask, bitorder="little")
        unit, least = normalize(query[None]), -np.inf
        for wanted in (max(CANDIDATES, A_HIT * k), max(CANDIDATES, count // LARGE_PART)):
            leasts = np.array([least], np.float32)
            candidates = self.codes.candidates(unit, wanted, chosen=bits, leasts=leasts)[0]
            order = np.argsort(-candidates.scores, kind="stable")
            first, others = order[: FIRST * k], order[FIRST * k :]
            rows, scores = self._compared(snapshot, column, query, candidates.places[first])
            possible = candidates.scores[others] >= _last(scores, k) - 2 * ROUNDING
            more = self._compared(snapshot, column, query, candidates.places[others[possible]])
            rows, scores = pa.concat_tables([rows, more[0]]), np.concatenate([scores, more[1]])
            least = _last(scores, k) - 2 * ROUNDING
            if candidates.rest <= least + ROUNDING / 2:
                return ranked(rows, scores, k)
        return None

    def _passing(self, snapshot: Snapshot, where: Filter) -> npt.NDArray[np.bool_]:
        """Which of the rows pass a filter."""
        mask = np.zeros(len(self.rows), bool)
        if len(mask):
            for batch in snapshot.read(["part"], to_sql(where), ids=True):
                ids = row_ids(batch)
                at = self._order[self.rows.searchsorted(ids, sorter=self._order) % len(mask)]
                mask[at[self.rows[at] == ids]] = True  # others have no such vector
        return mask

    @cached_property
    def _order(self) -> Places:
        return np.argsort(self.rows, kind="stable")

    def _compared(
        self, snapshot: Snapshot, column: str, query: FloatArray, at: Places
    ) -> tuple[pa.Table, npt.NDArray[np.float64]]:
        """The id and part of rows at some places that have a direction, and their cosines, from the vectors on disk."""
        if not len(at):
            return no_hits().select(["id", "part"]), np.empty(0)
        found = snapshot.take(self.rows[np.sort(at)].tolist(), ["id", "part", column])
        vectors = matrix(found[column])
        there = np.flatnonzero(vectors.any(axis=1))
        return found.select(["id", "part"]).take(places(there)), cosine(vectors[there], query)


def _words(codes: pa.Array, words: int) -> Words:
    """Codes ``(n, words)`` as they lie in memory, none of them null."""
    size = words * WORD // 8
    return np.frombuffer(codes.buffers()[1], "<u8", len(codes) * words, codes.offset * size).reshape(
        -1, words
    )


def _last(scores: npt.NDArray[np.float64], k: int) -> float:
    """The score of the last of the ``k`` best; minus infinity where they are fewer."""
    return float(np.partition(scores, -k)[-k]) if k <= len(scores) else -np.inf
