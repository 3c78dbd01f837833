"""Several named vectors at once: the items nearest to one, by meaning and behaviour together, as weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from firth.encoders.spaces import MEANING
from firth.errors import InputError, UnknownNameError
from firth.search.corpus import Corpus
from firth.search.histories import WERE_TAKEN, items_only
from firth.search.hits import Hits
from firth.search.showing import hits_of
from firth.similarity import normalize
from firth.stores.base import matrix, vector_column
from firth.types import FloatArray

__all__ = ["nearest_taken", "similar_by", "vectors_of"]

DEPTH = 200
"""How many candidates each vector brings."""


def similar_by(
    corpus: Corpus,
    id: str,
    weights: Mapping[str, float],
    *,
    k: int = 10,
    where: str | Mapping[str, Any] | None = None,
) -> Hits:
    """The items nearest to one by several vectors, each counting as its weight says.

    Each vector brings its nearest items. A cosine counts as the standard deviations that it lies above the mean of
    all of these, for cosines of two encoders cannot be compared; an item without a vector counts as the mean there.

    Args:
        corpus: The collection.
        id: The item, which is left out.
        weights: By vector, ``{"meaning": 0.5, "behaviour": 0.5}``.
        k: How many.
        where: A filter.

    Raises:
        UnknownNameError: No such item or vector, or the item has none of the vectors.
        InputError: No weights, or one that is negative or not finite.
    """
    if not weights or not all(np.isfinite(weight) and weight >= 0 for weight in weights.values()):
        raise InputError(f"got weights {dict(weights)}; expected a number of 0 or more for each vector")
    condition, candidates, queries = items_only(corpus, where), dict[str, None](), dict[str, FloatArray]()
    for name in weights:
        corpus.space(name)
        own = vectors_of(corpus, name, [id])
        if own.any():
            queries[name] = own[0]
            near = corpus.store.nearest(name, own[0], DEPTH + k, where=condition)
            candidates |= dict.fromkeys(near["id"].to_pylist())
    candidates.pop(id, None)
    if not queries:
        raise UnknownNameError(f"item {id!r} is not there or has none of the vectors {', '.join(weights)}")
    ids = list(candidates)
    total = np.zeros(len(ids))
    for name, query in queries.items():
        total += weights[name] * _standing(vectors_of(corpus, name, ids), query)
    order = np.argsort(-total, kind="stable")[:k]
    hits, thumbs = hits_of(corpus, {ids[i]: float(total[i]) for i in order})
    lacking = [name for name in weights if name not in queries]
    note = f"{id} has no vector {', '.join(lacking)}; the others decided" if lacking else ""
    return Hits(hits, "", note, thumbs)


def vectors_of(corpus: Corpus, name: str, ids: Sequence[str]) -> FloatArray:
    """The vectors ``(n, d)`` of items in the order of their ids; zeros for one that has none."""
    column, found = vector_column(name), np.zeros((len(ids), corpus.space(name).dim), np.float32)
    place = {id: number for number, id in enumerate(ids)}
    for table in corpus.store.scan(["id", column], ids=list(ids)):
        table = table.filter(table[column].is_valid())
        found[[place[id] for id in table["id"].to_pylist()]] = matrix(table[column])
    return found


def nearest_taken(corpus: Corpus, id: str, k: int) -> list[str]:
    """The items nearest to one by meaning among those that users took; none where it has no meaning."""
    if not corpus.has(MEANING):
        return []
    own = vectors_of(corpus, MEANING, [id])[0]
    if not own.any():
        return []
    near = corpus.store.nearest(MEANING, own, 4 * k, where=WERE_TAKEN)
    return [other for other in dict.fromkeys(near["id"].to_pylist()) if other != id][:k]


def _standing(vectors: FloatArray, query: FloatArray) -> FloatArray:
    """Cosines in standard deviations above their mean; 0 where there is no vector."""
    there = vectors.any(1)
    cosines = normalize(vectors) @ normalize(query)
    spread = float(cosines[there].std()) if there.any() else 0.0
    if spread == 0:
        return np.zeros_like(cosines)
    return np.where(there, (cosines - cosines[there].mean()) / spread, 0).astype(np.float32)
