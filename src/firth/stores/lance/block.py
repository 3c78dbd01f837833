"""The vectors of a store in memory: what a process that searches again and again gets instead of the file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.errors import FirthError
from firth.kernel.products import BUILT, products
from firth.similarity import Metric, cosine, dot, euclidean, normalize
from firth.stores.codes import SignCodes
from firth.stores.columns import matrix
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.mask import to_mask
from firth.types import FloatArray

__all__ = ["EXACT", "Block", "Blocks", "Source", "largest"]

ROUNDING = 1e-5
EXACT = {Metric.COSINE: cosine, Metric.DOT: dot, Metric.EUCLIDEAN: euclidean}
CANDIDATES = 100
"""For each hit wanted so many candidates are taken from the signs; what that finds is in benchmarks/search.py."""
FEWEST = 1_000
WIDE = 512
"""Numbers of a vector whose signs tell enough; of half as many, twice as many candidates are taken."""
FEW = 20_000
"""So many vectors, or what a filter leaves of more, are compared without a look at their signs."""
MEMORY = 256 * 2**20
SHARE = 8
"""The vectors in memory may take this part of the machine's, and 256 MB in any case."""


def largest() -> int:
    """Bytes of vectors that are kept at most, of one named vector."""
    try:
        return max(MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // SHARE)
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        return MEMORY


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
        table = pa.concat_tables(batches).combine_chunks()
        vectors = np.ascontiguousarray(matrix(table[column]))
        lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)).astype(np.float32)
        codes = SignCodes.of(vectors, lengths) if coded and BUILT else None
        return Block(table.drop_columns([column]), vectors, lengths, codes)

    def nearest(
        self, query: FloatArray, k: int, *, metric: Metric, where: Filter | None, exact: bool = False
    ) -> pa.Table:
        """The ``k`` best rows; see `firth.stores.base.Store.nearest`."""
        passing = self.lengths > 0 if metric is Metric.COSINE else np.ones(len(self.rows), bool)
        if where is not None:
            passing &= to_mask(where, self.rows).fill_null(False).to_numpy(zero_copy_only=False)
        count = int(np.count_nonzero(passing))
        if count == 0:
            return no_hits()
        if self.codes and metric is Metric.COSINE and not exact and count > FEW:
            wanted = max(FEWEST, CANDIDATES * k) * max(1, WIDE // self.vectors.shape[1])
            places = np.sort(self.codes.candidates(normalize(query), wanted, chosen=passing))
        else:
            places = np.flatnonzero(passing)
        rough = self._rough(query, metric, places)
        last = np.partition(rough, -k)[-k] if k < len(rough) else -np.inf
        places = places[rough >= last - ROUNDING * max(1.0, abs(float(last)))]
        scores = EXACT[metric](self.vectors[places], query)
        return ranked(self.rows.take(places), scores, k, higher_is_better=metric.higher_is_better)

    def _rough(self, query: FloatArray, metric: Metric, places: npt.NDArray[np.int64]) -> FloatArray:
        """Scores as good as float32 gets them in one product, higher is better."""
        if metric is Metric.EUCLIDEAN:
            return np.asarray(-np.linalg.norm(self.vectors[places] - query, axis=1))
        along = None if len(places) == len(self.vectors) else places
        if metric is Metric.DOT:
            return products(self.vectors, query, along)
        return np.asarray(products(self.vectors, normalize(query), along) / self.lengths[places])


@dataclass(frozen=True)
class Source:
    """Where a block comes from: how its rows are read, and which version is there now."""

    read: Callable[[], Iterator[pa.Table]]
    version: Callable[[], int]


class Blocks:
    """The blocks of a store, by named vector; one is made at the second search of a version."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}
        self._kept: dict[str, tuple[int, Block]] = {}
        self._making: set[str] = set()

    def get(self, column: str, version: int) -> Block | None:
        """The block of this version, if it has been made."""
        kept = self._kept.get(column)
        return kept[1] if kept and kept[0] == version else None

    def wanted(self, column: str, version: int) -> bool:
        """Whether this version is searched for the second time."""
        again = self._asked.get(column) == version
        self._asked[column] = version
        return again

    def make(self, column: str, version: int, source: Source) -> Block | None:
        """Make and keep a block of what is read; None if there is nothing, or another version by now."""
        batches = list(source.read())
        if not batches or source.version() != version:
            return None
        block = Block.of(batches, column)
        self._kept[column] = (version, block)
        return block

    def make_aside(self, column: str, version: int, source: Source) -> None:
        """Make a large block in a thread of its own; searches go another way until it is there."""
        if column in self._making or not BUILT:
            return
        self._making.add(column)

        def work() -> None:
            try:
                batches = list(_while_alive(source.read()))
                if batches and source.version() == version and threading.main_thread().is_alive():
                    self._kept[column] = (version, Block.of(batches, column, coded=True))
            except FirthError:
                pass  # searches go the other way, and say what is wrong if that is wrong too
            finally:
                self._making.discard(column)

        threading.Thread(target=work, name=f"firth-block-{column}").start()


def _while_alive(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Batches until the program wants to end."""
    for batch in batches:
        if not threading.main_thread().is_alive():
            return
        yield batch
