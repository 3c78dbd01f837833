"""Near duplicates: all pairs of items whose vectors are nearly the same, found exactly, block by block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.encoders.base import Progress
from firth.errors import InputError
from firth.search.corpus import Corpus
from firth.similarity import normalize
from firth.stores.base import matrix, vector_column
from firth.stores.where import parse_where
from firth.types import FloatArray, Pair

__all__ = ["duplicates"]

BLOCK = 1024


def duplicates(
    corpus: Corpus,
    *,
    threshold: float = 0.97,
    vector: str | None = None,
    where: str | Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> list[Pair]:
    """Pairs of items whose cosine reaches a threshold, best first.

    Pictures are compared by how they look, everything else by meaning, unless a vector is named. All pairs are
    looked at: time grows with the square of the number of items, memory with the number of items.

    Args:
        corpus: The collection.
        threshold: The least cosine, in -1..1.
        vector: One named vector for all.
        where: Only items that pass.
        progress: Told how many items are done.
    """
    if not -1 <= threshold <= 1:
        raise InputError(f"got threshold={threshold}; a cosine is -1 to 1")
    condition = None if where is None else parse_where(where, corpus.fields)
    if vector:
        corpus.space(vector)
        pairs = _pairs(*_load(corpus, vector, condition, None), threshold, progress)
    else:
        names = {"image": corpus.suited("image"), "text": corpus.suited("text")}
        pairs = []
        for kind, name in names.items():
            if corpus.has(name):
                pairs += _pairs(*_load(corpus, name, condition, kind == "image"), threshold, progress)
    return sorted(pairs, key=lambda pair: (-pair.score, pair.id, pair.other))


def _load(corpus: Corpus, name: str, where: Any, pictures: bool | None) -> tuple[list[str], FloatArray]:
    """Ids and unit vectors ``(n, d)`` of items: of pictures, of all others, or (None) of both."""
    column, ids, blocks = vector_column(name), [], [np.empty((0, corpus.space(name).dim), np.float32)]
    for table in corpus.store.scan(["id", "kind", column], where=where):
        keep = table[column].is_valid().to_numpy(zero_copy_only=False)
        if pictures is not None:
            keep &= (np.array(table["kind"].to_pylist()) == "image") == pictures
        table = table.filter(keep)
        ids += table["id"].to_pylist()
        blocks.append(matrix(table[column]))
    return ids, normalize(np.concatenate(blocks))


def _pairs(ids: list[str], vectors: FloatArray, threshold: float, progress: Progress | None) -> list[Pair]:
    pairs = []
    for start in range(0, len(ids), BLOCK):
        block = vectors[start : start + BLOCK]
        scores: npt.NDArray[np.float32] = block @ vectors[start:].T
        for row, column in np.argwhere(scores >= threshold):
            if column > row:
                first, second = sorted((ids[start + row], ids[start + column]))
                pairs.append(Pair(first, second, float(min(scores[row, column], 1.0))))
        if progress:
            progress(len(block))
    return pairs
