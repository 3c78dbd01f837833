"""The vectors of a small store in memory: what a process that searches again and again gets instead of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.similarity import Metric, cosine, dot, euclidean, normalize
from firth.stores.columns import matrix
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.mask import to_mask
from firth.types import FloatArray

__all__ = ["EXACT", "LARGEST", "Block", "Blocks"]

LARGEST = 256 * 2**20
"""Bytes of vectors that are kept at most, of one named vector."""
ROUNDING = 1e-5
EXACT = {Metric.COSINE: cosine, Metric.DOT: dot, Metric.EUCLIDEAN: euclidean}


@dataclass(frozen=True)
class Block:
    """One named vector of one version of a store. A product in float32 finds candidates, float64 orders them.

    Attributes:
        rows: What can be filtered by: all columns but texts, pictures and vectors.
        vectors: ``(n, d)``.
        units: The same, of unit length.
        directed: ``(n,)`` whether a vector has a direction; one of zeros is never found by the cosine.
    """

    rows: pa.Table
    vectors: FloatArray
    units: FloatArray
    directed: npt.NDArray[np.bool_]

    @staticmethod
    def of(batches: Iterable[pa.Table], column: str) -> Block:
        """From rows that have the vector."""
        table = pa.concat_tables(batches).combine_chunks()
        vectors = matrix(table[column])
        return Block(
            table.drop_columns([column]), vectors, normalize(vectors), np.asarray(vectors.any(axis=1))
        )

    def nearest(self, query: FloatArray, k: int, *, metric: Metric, where: Filter | None) -> pa.Table:
        """The ``k`` best rows; see `firth.stores.base.Store.nearest`."""
        chosen = np.arange(len(self.rows))
        if where is not None:
            chosen = np.flatnonzero(to_mask(where, self.rows).fill_null(False).to_numpy(zero_copy_only=False))
        if metric is Metric.COSINE:
            chosen = chosen[self.directed[chosen]]
        if len(chosen) == 0:
            return no_hits()
        rough = self._rough(query, metric, chosen)
        last = np.partition(rough, -k)[-k] if k < len(rough) else -np.inf
        places = chosen[rough >= last - ROUNDING * max(1.0, abs(float(last)))]
        scores = EXACT[metric](self.vectors[places], query)
        return ranked(self.rows.take(places), scores, k, higher_is_better=metric.higher_is_better)

    def _rough(self, query: FloatArray, metric: Metric, chosen: npt.NDArray[np.int64]) -> FloatArray:
        """Scores as good as float32 gets them in one product, higher is better."""
        vectors = self.units if metric is Metric.COSINE else self.vectors
        vectors = vectors if len(chosen) == len(vectors) else vectors[chosen]
        if metric is Metric.EUCLIDEAN:
            return np.asarray(-np.linalg.norm(vectors - query, axis=1))
        return np.asarray(vectors @ (normalize(query) if metric is Metric.COSINE else query))


class Blocks:
    """The blocks of a store, by named vector; one is made at the second search of a version."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}
        self._kept: dict[str, tuple[int, Block]] = {}

    def get(self, column: str, version: int) -> Block | None:
        """The block of this version, if it has been made."""
        kept = self._kept.get(column)
        return kept[1] if kept and kept[0] == version else None

    def wanted(self, column: str, version: int) -> bool:
        """Whether this version is searched for the second time."""
        again = self._asked.get(column) == version
        self._asked[column] = version
        return again

    def keep(self, column: str, version: int, block: Block) -> None:
        """Keep a block in place of that of an older version."""
        self._kept[column] = (version, block)
