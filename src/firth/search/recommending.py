"""What to take next: for a user of the collection, or for anyone who names a few things they like.

Scores are those of `firth.search.ridge`, from what all users took; a new person is answered as a known one is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from firth.data.sparse import Sparse
from firth.errors import UnknownNameError
from firth.search.corpus import Corpus
from firth.search.expecting import expected
from firth.search.histories import BEHAVIOUR, Histories, histories, items_only
from firth.search.hits import Hits
from firth.search.lenses import nearest_taken, vectors_of
from firth.search.showing import hits_of
from firth.search.taste import Taste
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["Recommendations", "recommend"]

UNWANTED = -0.5
"""What a thing that is not liked counts, beside 1 for one that is: as in `firth.search.question`."""
POOL = 10
"""Of how many times as many candidates a diverse list is chosen."""
REASONS = 2
STAND_INS = 5


@dataclass(frozen=True)
class Recommendations(Hits):
    """Hits, best first, each with why.

    Attributes:
        reasons: By the id of a hit: the ids of what was taken or liked that speaks most for it; empty for new items.
        new: The ids of hits that nobody took yet, chosen by their meaning.
    """

    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    new: frozenset[str] = frozenset()

    def to_list(self) -> list[dict[str, Any]]:
        """Plain dicts, ready for JSON."""
        more = (
            {"because": list(self.reasons.get(hit.id, ())), "new": hit.id in self.new} for hit in self.hits
        )
        return [{**plain, **extra} for plain, extra in zip(super().to_list(), more, strict=True)]


def recommend(corpus: Corpus, taste: Taste) -> Recommendations:
    """The ``k`` items that suit a taste best.

    Raises:
        UnknownNameError: No such user or item, or nothing was learned of users yet.
        FilterError: The filter does not parse.
    """
    known = histories(corpus)
    likes, notes = _likes(corpus, known, taste)
    allowed = _allowed(corpus, known, taste, likes)
    fresh = _fresh(corpus, known, likes, taste)
    share = min(len(fresh), taste.k // 5 if taste.new is None else taste.new)
    scores = _scores(known, likes, taste)
    best = _chosen(corpus, known, np.where(allowed, scores, -np.inf), taste.k - share, taste.diversity)
    found = {known.items[place]: float(scores[place]) for place in best} | dict(fresh[:share])
    hits, thumbs = hits_of(corpus, found)
    note = "; ".join(notes) or ("" if hits else "nothing to recommend: nothing passes the filter")
    new = frozenset(id for id, _ in fresh[:share])
    return Recommendations(hits, "", note, thumbs, _reasons(known, likes, best), new)


def _likes(corpus: Corpus, known: Histories, taste: Taste) -> tuple[dict[int, float], list[str]]:
    """What is liked, by place, and how much; of an item that nobody took, those nearest by meaning stand in."""
    likes = dict.fromkeys(known.took(taste.user), 1.0) if taste.user is not None else {}
    notes = []
    for ids, worth in ((taste.positive, 1.0), (taste.negative, UNWANTED)):
        for id in map(str, ids):
            if id in known.places:
                likes[known.places[id]] = worth
                continue
            nearest = nearest_taken(corpus, id, STAND_INS)
            if not nearest:
                raise UnknownNameError(f"item {id!r} was taken by nobody, and has no meaning to go by")
            likes |= {known.places[other]: worth / len(nearest) for other in nearest if other in known.places}
            notes.append(f"nobody took {id}: the items nearest to it by meaning stand in for it")
    return likes, notes


def _allowed(corpus: Corpus, known: Histories, taste: Taste, likes: Mapping[int, float]) -> Any:
    """Which items may come back, ``(items,)``."""
    allowed = np.ones(len(known.items), bool)
    if taste.where is not None:
        tables = corpus.store.scan(["id"], where=items_only(corpus, taste.where))
        passing = {id for table in tables for id in table["id"].to_pylist()}
        allowed = np.array([id in passing for id in known.items], bool)
    left_out = [place for place, worth in likes.items() if worth < 0 or not taste.seen]
    allowed[left_out] = False
    return allowed


def _scores(known: Histories, likes: Mapping[int, float], taste: Taste) -> FloatArray:
    ridge = known.ridge
    row = Sparse.of([0] * len(likes), [*likes], [*likes.values()], shape=(1, len(known.items)))
    scores = ridge.scores(row)[0]
    if taste.popularity is not None:
        scores = scores * np.maximum(ridge.taken, 1) ** np.float32(taste.popularity - ridge.popularity)
    return np.asarray(scores)


def _chosen(corpus: Corpus, known: Histories, scores: FloatArray, k: int, diversity: float) -> list[int]:
    """The best places; with diversity one after the other, each weighed against those before it."""
    order = [
        int(place) for place in np.argsort(-scores, kind="stable")[: k * POOL] if np.isfinite(scores[place])
    ]
    if diversity == 0 or len(order) <= 1:
        return order[:k]
    vectors = normalize(vectors_of(corpus, BEHAVIOUR, [known.items[place] for place in order]))
    worth = scores[order] / max(float(np.abs(scores[order]).max()), 1e-30)
    chosen: list[int] = []
    near = np.zeros(len(order), np.float32)
    for _ in range(min(k, len(order))):
        value = (1 - diversity) * worth - diversity * near
        value[chosen] = -np.inf
        chosen.append(int(np.argmax(value)))
        near = np.maximum(near, vectors @ vectors[chosen[-1]])
    return [order[number] for number in chosen]


def _reasons(known: Histories, likes: Mapping[int, float], best: Sequence[int]) -> dict[str, tuple[str, ...]]:
    wanted = [place for place, worth in likes.items() if worth > 0]
    if not best or not wanted:
        return {}
    parts = known.ridge.contributions(list(best), wanted)
    return {
        known.items[place]: tuple(
            known.items[wanted[number]] for number in np.argsort(-row)[:REASONS] if row[number] > 0
        )
        for place, row in zip(best, parts, strict=True)
    }


def _fresh(
    corpus: Corpus, known: Histories, likes: Mapping[int, float], taste: Taste
) -> list[tuple[str, float]]:
    """Items that nobody took, best first."""
    if taste.new == 0 or not corpus.has(BEHAVIOUR):
        return []
    ids = [known.items[place] for place in likes]
    profile = normalize(np.array([*likes.values()], np.float32) @ vectors_of(corpus, BEHAVIOUR, ids))
    liked = [known.items[place] for place, worth in likes.items() if worth > 0]
    return expected(corpus, liked, profile, taste)
