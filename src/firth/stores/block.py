"""Vectors in memory, searched exactly where they are few and by their signs first where they are many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from firth.kernel.products import BUILT, Candidates, Places, best_products, products
from firth.similarity import Metric, cosine, dot, euclidean, normalize
from firth.stores.codes import SignCodes
from firth.stores.columns import matrix
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.mask import Chosen
from firth.types import FloatArray

__all__ = ["EXACT", "Block"]

EXACT = {Metric.COSINE: cosine, Metric.DOT: dot, Metric.EUCLIDEAN: euclidean}
ROUNDING = 1e-5
"""How far a product of unit vectors in float32 may be from the true one."""
FEW = 2_000
"""So many vectors, or what a filter leaves of more, are compared without a look at their signs."""
CANDIDATES = 512
A_HIT = 24
"""A thread keeps so many candidates by signs, or so many for each hit; of a million most queries need 200."""
FIRST = 4
"""Of the best candidates so many times ``k`` are compared first, to learn which others can be left out."""
LARGE_PART = 16
"""Where candidates are more than such a part of all, all are compared; where fewer are chosen, none but these."""
SEVERAL = 6
"""So many queries are multiplied together, fewer one by one."""
SPARE = 16
"""So many more than ``k`` are kept of the products, for those that share the last place."""
AT_ONCE = 4_096
"""Contenders that are compared in float64 at once."""
ROOM = 2**21
"""Candidates that are kept of all queries that are asked together."""


@dataclass(frozen=True)
class Block:
    """One named vector of one version of a store. Products in float32 find candidates, float64 orders them.

    Attributes:
        rows: What can be filtered by: all columns but texts, pictures and vectors.
        vectors: ``(n, d)``.
        lengths: ``(n,)``; a vector of zeros has no direction and is never found by the cosine.
        codes: What finds candidates among many for the cosine; None where there are few.
    """

    rows: pa.Table
    vectors: FloatArray
    lengths: FloatArray
    codes: SignCodes | None = None

    @staticmethod
    def of(batches: Iterable[pa.Table], column: str, *, coded: bool = False) -> Block:
        """From rows that have the vector; ``coded`` for a search by signs first."""
        table = pa.concat_tables(batches)
        rows = table.drop_columns([column]).combine_chunks()
        return Block.made(rows, matrix(table[column]), coded=coded)

    @staticmethod
    def made(
        rows: pa.Table, vectors: FloatArray, *, coded: bool = False, codes: SignCodes | None = None
    ) -> Block:
        """From rows and their vectors ``(n, d)``, and codes of these if there are any."""
        lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)).astype(np.float32)
        if coded and codes is None and BUILT:
            codes = SignCodes.of(vectors, lengths)
        return Block(rows, vectors, lengths, codes)

    def nearest(
        self, query: FloatArray, k: int, *, metric: Metric, where: Filter | None, exact: bool = False
    ) -> pa.Table:
        """The ``k`` best rows; see `firth.stores.base.Store.nearest`."""
        return self.nearest_of_many(query[None], k, metric=metric, where=where, exact=exact)[0]

    def nearest_of_many(
        self, queries: FloatArray, k: int, *, metric: Metric, where: Filter | None, exact: bool = False
    ) -> list[pa.Table]:
        """The ``k`` best rows for each of many queries ``(m, d)``, asked together: memory is read once for all."""
        chosen = Chosen.of(where, self.rows)
        if chosen.count == 0 or k <= 0:
            return [no_hits()] * len(queries)
        asked = normalize(queries) if metric is Metric.COSINE else queries
        together = len(queries) >= SEVERAL and LARGE_PART * chosen.count > len(self.rows)
        if self.codes and metric is Metric.COSINE and not exact and chosen.count > FEW:
            found = self._by_signs(self.codes, asked, k, chosen)
        elif BUILT and together and metric is not Metric.EUCLIDEAN:
            found = self._by_products(asked, k, metric, chosen)
        else:
            found = self._each(asked, k, metric, chosen)
        return self._hits(found, queries, k, metric)

    def _hits(self, found: list[Places], queries: FloatArray, k: int, metric: Metric) -> list[pa.Table]:
        """The best of the contenders for each query, compared in float64."""
        if metric is Metric.COSINE:  # a query of zeros has no direction
            found = [p if q.any() else p[:0] for p, q in zip(found, queries, strict=True)]
        counts = [len(places) for places in found]
        places = np.concatenate(found)
        rows = self.rows.select(["id", "part"]).take(places)
        whose = np.repeat(np.arange(len(queries)), counts)
        scores = np.empty(len(places))
        for start in range(
            0, len(places), AT_ONCE
        ):  # where thousands share the last place, they are thousands
            some = slice(start, start + AT_ONCE)
            scores[some] = EXACT[metric](self.vectors[places[some]], queries[whose[some]])
        starts = np.cumsum([0, *counts[:-1]])
        return [
            ranked(
                rows.slice(start, count),
                scores[start : start + count],
                k,
                higher_is_better=metric.higher_is_better,
            )
            for start, count in zip(starts.tolist(), counts, strict=True)
        ]

    def _each(self, queries: FloatArray, k: int, metric: Metric, chosen: Chosen) -> list[Places]:
        """Contenders for each query, from a look at every row that is chosen."""
        places = None if chosen.bits is None else chosen.places(len(self.rows))
        found = []
        for query in queries:
            rough = self._rough(query, metric, places)
            last = _last(rough, k)
            best = _contenders(rough, last - 2 * self._rounding(query, metric, last))
            found.append(best if places is None else places[best])
        return found

    def _rough(self, query: FloatArray, metric: Metric, places: Places | None) -> FloatArray:
        """Scores as good as float32 gets them in one product, higher is better; what has none, minus infinity."""
        if metric is Metric.EUCLIDEAN:
            some = self.vectors if places is None else self.vectors[places]
            return np.asarray(-np.linalg.norm(some - query, axis=1))
        along = products(self.vectors, query, places)
        if metric is Metric.DOT:
            return along
        lengths = self.lengths if places is None else self.lengths[places]
        return np.divide(along, lengths, out=np.full_like(along, -np.inf), where=lengths > 0)

    def _rounding(self, query: FloatArray, metric: Metric, last: float) -> float:
        """How far a score in float32 may be from the true one, near the last of the best."""
        if metric is Metric.COSINE:
            return ROUNDING
        if metric is Metric.EUCLIDEAN:  # differences of float32 are right but for their own last bit
            return ROUNDING * abs(last) if np.isfinite(last) else 0
        return ROUNDING * float(np.linalg.norm(query)) * float(self.lengths.max())

    def _by_products(self, queries: FloatArray, k: int, metric: Metric, chosen: Chosen) -> list[Places]:
        """Contenders for each query, from products of all with every row."""
        lengths = self.lengths if metric is Metric.COSINE else np.ones_like(self.lengths)
        found: list[Places] = []
        for group in _groups(np.arange(len(queries)), k + SPARE):
            some = queries[group]
            best = best_products(self.vectors, some, k + SPARE, lengths=lengths, chosen=chosen.bits)
            for query, candidates in zip(some, best, strict=True):
                last = _last(candidates.scores, k)
                least = last - 2 * self._rounding(query, metric, last)
                places = candidates.places[_contenders(candidates.scores, least)]
                if candidates.rest >= least > -np.inf:  # more share the last place than there was room for
                    places = self._each(query[None], k, metric, chosen)[0]
                found.append(places)
        return found

    def _by_signs(self, codes: SignCodes, queries: FloatArray, k: int, chosen: Chosen) -> list[Places]:
        """Contenders for each query: signs say which rows can be among the best, products which are."""
        found: list[Places | None] = [None] * len(queries)
        leasts = np.full(len(queries), -np.inf, np.float32)
        for wanted in (max(CANDIDATES, A_HIT * k), max(CANDIDATES, chosen.count // LARGE_PART)):
            left = np.array([i for i, places in enumerate(found) if places is None], np.int64)
            for group in _groups(left, wanted):
                some = codes.candidates(queries[group], wanted, chosen=chosen.bits, leasts=leasts[group])
                for i, candidates in zip(group, some, strict=True):
                    best = self._compared(queries[i], candidates, k)
                    leasts[i] = _last(best.scores, k) - 2 * ROUNDING
                    if candidates.rest <= leasts[i] + ROUNDING / 2:
                        found[i] = best.places[_contenders(best.scores, leasts[i])]
        return [
            self._each(query[None], k, Metric.COSINE, chosen)[0] if places is None else places
            for query, places in zip(queries, found, strict=True)
        ]

    def _compared(self, query: FloatArray, candidates: Candidates, k: int) -> Candidates:
        """Those candidates that may be among the best, with their cosines in place of what they are at most."""
        places, most = candidates.places, candidates.scores
        first = (
            np.argpartition(-most, FIRST * k)[: FIRST * k] if len(most) > FIRST * k else np.arange(len(most))
        )
        scores = self._rough(query, Metric.COSINE, places[first])
        possible = most >= _last(scores, k) - 2 * ROUNDING
        possible[first] = False
        others = places[possible]
        return Candidates(
            np.concatenate([places[first], others]),
            np.concatenate([scores, self._rough(query, Metric.COSINE, others)]),
            candidates.rest,
        )


def _last(scores: FloatArray, k: int) -> float:
    """The score of the last of the ``k`` best; minus infinity where they are fewer."""
    return float(np.partition(scores, -k)[-k]) if k <= len(scores) else -np.inf


def _contenders(scores: FloatArray, least: float) -> Places:
    """Which can be among the best; what has no score cannot."""
    return np.flatnonzero((scores >= least) & (scores > -np.inf))


def _groups(queries: Places, wanted: int) -> list[Places]:
    """Queries that are asked together, so that their candidates have room."""
    size = max(1, ROOM // wanted)
    return [queries[start : start + size] for start in range(0, len(queries), size)]
