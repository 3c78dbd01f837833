"""Which items have changed since a map was drawn: one number for each vector, cheap to keep and to compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.search.corpus import Corpus
from firth.stores.base import matrix, vector_column
from firth.types import FloatArray

__all__ = ["Roll", "Stamps", "roll_of", "stamps"]

Stamps = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """Who is there, and as what.

    Attributes:
        ids: n items, in order of their ids.
        stamps: ``(n,)``: the stamp of each one's vector.
    """

    ids: list[str]
    stamps: Stamps


def stamps(vectors: FloatArray) -> Stamps:
    """A number for each row of ``(n, d)``; rows that differ in any bit have, but for one in 2^32, another.

    Multilinear hashing (Lemire and Kaser 2014, doi:10.1093/comjnl/bxt070) of the rows' bits.

    >>> one, same, other = stamps(np.array([[1, 2], [1, 2], [2, 1]], np.float32))
    >>> bool(one == same), bool(one == other)
    (True, False)
    """
    words = np.ascontiguousarray(vectors, np.float32).view(np.uint32).astype(np.uint64)
    weights = np.random.default_rng(0).integers(1, 2**63, vectors.shape[1] + 1, dtype=np.uint64)
    return np.asarray((words * weights[1:]).sum(1, dtype=np.uint64) + weights[0])


def roll_of(corpus: Corpus, vector: str) -> Roll:
    """The roll of a named vector, read in batches, so that no more than one is in memory.

    Raises:
        UnknownNameError: The collection has no such vector.
    """
    corpus.space(vector)
    column = vector_column(vector)
    ids: list[str] = []
    parts = [np.empty(0, np.uint64)]
    for table in corpus.store.scan(["id", column]):
        table = table.filter(table[column].is_valid())
        if len(table):
            ids += table["id"].to_pylist()
            parts.append(stamps(matrix(table[column])))
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return Roll([ids[i] for i in order], np.concatenate(parts)[order])
