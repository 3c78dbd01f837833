"""Items that nobody took yet: where they are expected to lie in ``behaviour``, by their neighbours in ``meaning``.

The vector that is expected of an item is the mean of those of the items nearest to it by meaning that were taken,
each weighed by how near it is. It is never stored as if it had been learned: it is made when it is asked for, so
that an item can be recommended from the moment it is added. benchmarks/behaviour.py hides books from training and
finds more of them so than by a ridge regression from one space to the other, or by the nearest texts alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from firth.encoders.spaces import MEANING
from firth.search.corpus import Corpus
from firth.search.histories import BEHAVIOUR, TAKEN, WERE_TAKEN, items_only
from firth.search.lenses import vectors_of
from firth.search.taste import Taste
from firth.similarity import normalize
from firth.stores.base import field_column
from firth.stores.filters import And, IsNull
from firth.types import FloatArray

__all__ = ["borrowed", "expected", "expected_vectors", "standing"]

NEIGHBOURS = 20
LIKES = 100
"""By how many of the things liked, at most, candidates are looked for."""
CANDIDATES = 200


def expected(
    corpus: Corpus, likes: Sequence[str], profile: FloatArray, taste: Taste
) -> list[tuple[str, float]]:
    """Items that nobody took, best first, with their scores.

    Candidates are the nearest by meaning to each thing liked. They are ranked by that cosine and by how near their
    expected vector lies to the taste, each in standard deviations over the candidates, added up.

    Args:
        corpus: The collection.
        likes: Ids of what is liked.
        profile: ``(d,)``, the taste in ``behaviour``.
        taste: What was asked.
    """
    if not corpus.has(MEANING):
        return []
    untaken = And((items_only(corpus, taste.where), IsNull(field_column(TAKEN))))
    if not corpus.store.count(untaken):
        return []
    asked = {*map(str, taste.positive), *map(str, taste.negative)}
    nearest: dict[str, float] = {}
    liked = vectors_of(corpus, MEANING, likes[-LIKES:])
    for found in corpus.store.nearest_of_many(MEANING, liked[liked.any(1)], 4 * taste.k, where=untaken):
        for id, score in _scores(found).items():
            if id not in asked:
                nearest[id] = max(score, nearest.get(id, -1.0))
    best = sorted(nearest, key=lambda id: (-nearest[id], id))[:CANDIDATES]
    if not best:
        return []
    fits = expected_vectors(corpus, best) @ profile
    scores = standing(np.array([nearest[id] for id in best], np.float32)) + standing(fits)
    return [(best[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")]


def expected_vectors(corpus: Corpus, ids: Sequence[str]) -> FloatArray:
    """The vectors that are expected of items in ``behaviour``, ``(n, d)``, of unit length; zeros without a meaning."""
    own = vectors_of(corpus, MEANING, ids)
    found = corpus.store.nearest_of_many(MEANING, own, NEIGHBOURS, where=WERE_TAKEN)
    near = [_scores(table) for table in found]
    for id, scores in zip(ids, near, strict=True):
        scores.pop(id, None)
    others = list(dict.fromkeys(other for scores in near for other in scores))
    row, vectors = {other: i for i, other in enumerate(others)}, vectors_of(corpus, BEHAVIOUR, others)
    expected = np.zeros((len(ids), vectors.shape[1]), np.float32)
    for i, scores in enumerate(near):
        rows = [row[other] for other in scores]
        expected[i] = borrowed(np.array([*scores.values()], np.float32), vectors[rows])
    return expected


def _scores(found: pa.Table) -> dict[str, float]:
    """The best score of each item, by any of its parts."""
    scores: dict[str, float] = {}
    for id, score in zip(found["id"].to_pylist(), found["score"].to_pylist(), strict=True):
        scores.setdefault(id, score)
    return scores


def borrowed(cosines: FloatArray, vectors: FloatArray) -> FloatArray:
    """The mean of the vectors of the nearest, weighed by the square of how much nearer than the last each is.

    Args:
        cosines: ``(n,)``, of the meaning.
        vectors: ``(n, d)``, of the behaviour.
    """
    if not len(cosines):
        return np.zeros(vectors.shape[1], np.float32)
    best = np.argsort(-cosines)[:NEIGHBOURS]
    weights = (cosines[best] - cosines[best].min() + 1e-3) ** 2
    return normalize(weights @ vectors[best])


def standing(values: FloatArray) -> FloatArray:
    """Values in standard deviations above their mean; zeros where all are alike.

    >>> standing(np.array([1, 3], np.float32)).tolist()
    [-1.0, 1.0]
    """
    spread = float(values.std())
    return np.asarray((values - values.mean()) / spread if spread > 0 else np.zeros_like(values))
