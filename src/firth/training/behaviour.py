"""What is learned from interactions: the model that found most of what was held out, and vectors of items and users."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.data.interaction_tables import read_interactions
from firth.data.interactions import Interactions
from firth.data.sparse import Sparse
from firth.errors import InputError
from firth.evaluation.ranking import Ranking, judge
from firth.evaluation.splits import Split, leave_one_out
from firth.search.ridge import Ridge
from firth.similarity import normalize
from firth.training.listening import Listener
from firth.training.recommenders import ItemCosine, Popular, Recommender, RidgeRecommender, Spectral
from firth.types import FloatArray, Skipped

__all__ = ["Behaviour", "InteractionsReport", "interactions", "learned"]

DIM = 128
USERS = 1000
STRENGTHS = ((1.0, 2.0), (1.0, 20.0), (5.0, 20.0), (100.0, 2.0))
"""Penalties and smoothings that are tried, from many tastes of few people to few tastes of many.

The last is the cosine of items but for a factor each, so that where that is best something like it is kept.
"""
POPULARITIES = (0.0, 0.25, 0.5)
"""The powers of popularity at which each is tried."""
REMEMBERED = 1 << 26
"""Scores that are kept while powers are tried; where there are more, they are solved for again."""
FALLBACK = RidgeRecommender()
"""Where nothing can be held out."""


@dataclass(frozen=True, eq=False)
class InteractionsReport:
    """What was learned from what users did.

    Attributes:
        users: How many users.
        items: How many items that anyone took.
        pairs: How many pairs of both.
        judged: How each model did on one held-out item of each of some users; empty where none had three items.
        by_time: Whether the last item of each was held out; else a random one.
        chosen: The model kept, by nDCG@10: ``ridge`` with its penalty, smoothing and power of popularity.
        dim: How wide the vectors are.
        agreement: The share of the model's ten nearest items that are among the ten nearest by cosine of
            ``behaviour``.
        waiting: Items of the collection that nobody took, and that are recommended by their meaning.
        removed: Users that were there before and are not in the table.
        unchanged: Whether the same had been learned before, so that nothing was written.
        seconds: How long it took.
        skipped: Rows that could not be used, and why.
        notes: What was decided.
    """

    users: int
    items: int
    pairs: int
    judged: tuple[Ranking, ...] = ()
    by_time: bool = False
    chosen: str = ""
    dim: int = DIM
    agreement: float = 0.0
    waiting: int = 0
    removed: int = 0
    unchanged: bool = False
    seconds: float = 0.0
    skipped: Sequence[Skipped] = ()
    notes: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        judged = [ranking.to_json() for ranking in self.judged]
        return plain | {
            "judged": judged,
            "skipped": [asdict(skip) for skip in self.skipped],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False)
class Behaviour:
    """Vectors of items and users, and how they were found.

    Attributes:
        interactions: What was learned from.
        ridge: The model, which scores items for anyone.
        item_vectors: ``(items, d)``, unit length, in the order of ``interactions.items``.
        user_vectors: ``(users, d)``, the directions of the sums over what each took.
        report: What was measured.
    """

    interactions: Interactions
    ridge: Ridge
    item_vectors: FloatArray
    user_vectors: FloatArray
    report: InteractionsReport


def interactions(
    source: Any,
    *,
    user: str | None = None,
    item: str | None = None,
    weight: str | None = None,
    time: str | None = None,
    at_least: float | None = None,
    dim: int = DIM,
    seed: int = 0,
    listener: Listener | None = None,
) -> Behaviour:
    """Learn vectors of items and users from a table of who took what.

    Args:
        source: A table, see `firth.data.interaction_tables.read_interactions`, which also explains the columns.
        user: The column of users.
        item: The column of items.
        weight: The column that says how much.
        time: The column that says when; then the last item of each user is held out to judge models by.
        at_least: Only rows with this weight or more.
        dim: How wide the vectors are.
        seed: Where chance comes from.
        listener: Told how far it is.
    """
    found = read_interactions(source, user=user, item=item, weight=weight, time=time, at_least=at_least)
    return learned(found, dim=dim, seed=seed, listener=listener)


def learned(
    found: Interactions, *, dim: int = DIM, seed: int = 0, listener: Listener | None = None
) -> Behaviour:
    """Choose a model by what it finds of what is held out, then learn from everything.

    Raises:
        InputError: There are no pairs, or ``dim`` is none.
    """
    if not len(found):
        raise InputError("got no pair of a user and an item. Next: check the columns and at_least")
    if dim < 2:
        raise InputError(f"got dim={dim}; expected 2 or more")
    start = time.monotonic()
    choice = _judged(found, seed, listener or Listener())
    items = Spectral(dim=dim, seed=seed).fit(found.matrix).item_vectors_
    ridge = choice.chosen.fit(found.matrix).ridge_
    report = InteractionsReport(
        users=len(found.users),
        items=len(found.items),
        pairs=len(found),
        judged=tuple(choice.judged),
        by_time=choice.by_time,
        chosen=choice.chosen.name,
        dim=dim,
        agreement=_agreement(ridge, items, seed),
        seconds=time.monotonic() - start,
        skipped=found.skipped,
        notes=(*found.notes, *choice.notes),
    )
    return Behaviour(found, ridge, items, normalize(found.matrix @ items), report)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Each model's ranking, the one that is kept, whether time decided what was held out, and what to say."""

    judged: list[Ranking]
    chosen: RidgeRecommender
    by_time: bool
    notes: list[str]


def _judged(found: Interactions, seed: int, listener: Listener) -> _Choice:
    try:
        split = leave_one_out(found, users=USERS, seed=seed)
    except InputError as error:
        return _Choice([], FALLBACK, False, [f"{error}; {FALLBACK.name} was taken unmeasured"])
    listener.begin("judging models", 2 + len(STRENGTHS) * len(POPULARITIES))
    baselines = [_ranking(model, split, listener) for model in (Popular(), ItemCosine())]
    tried = {}
    for penalty, smoothing in STRENGTHS:
        plain = _Remembering(split, RidgeRecommender(penalty=penalty, smoothing=smoothing, popularity=0))
        for popularity in POPULARITIES:
            model = RidgeRecommender(penalty=penalty, smoothing=smoothing, popularity=popularity)
            tried[model] = judge(model.name, partial(plain.scores, popularity=popularity), split)
            listener.advance(1)
    chosen = max(tried, key=lambda model: tried[model].ndcg.mean)
    notes = [
        f"{baseline.model} found more of what was held out than {chosen.name}"
        for baseline in baselines
        if baseline.ndcg.mean > tried[chosen].ndcg.mean
    ]
    return _Choice([*baselines, *_told(tried)], chosen, split.by_time, notes)


def _told(tried: dict[RidgeRecommender, Ranking]) -> list[Ranking]:
    """The best power of popularity of each strength."""
    by_strength: dict[tuple[float, float], Ranking] = {}
    for model, ranking in tried.items():
        strength = model.penalty, model.smoothing
        before = by_strength.get(strength)
        if before is None or ranking.ndcg.mean > before.ndcg.mean:
            by_strength[strength] = ranking
    return list(by_strength.values())


class _Remembering:
    """A ridge whose answers serve for all powers of popularity, which only multiply them."""

    def __init__(self, split: Split, ridge: RidgeRecommender) -> None:
        self._model = ridge.fit(split.train)
        self._known: dict[int, FloatArray] | None = {}
        if len(split.users) * split.train.shape[1] > REMEMBERED:
            self._known = None

    def scores(self, rows: Sparse, users: npt.NDArray[np.int64], *, popularity: float) -> FloatArray:
        """``(people, items)``."""
        plain = None if self._known is None else self._known.get(int(users[0]))
        if plain is None:
            plain = self._model.scores(rows)
            if self._known is not None:
                self._known[int(users[0])] = plain
        return np.asarray(plain * np.maximum(self._model.ridge_.taken, 1) ** np.float32(popularity))


def _ranking(model: Recommender, split: Split, listener: Listener) -> Ranking:
    model.fit(split.train)
    ranking = judge(model.name, lambda rows, _: model.scores(rows), split)
    listener.advance(1)
    return ranking


def _agreement(ridge: Ridge, vectors: FloatArray, seed: int, *, sample: int = 200, k: int = 10) -> float:
    """The share of the ten best items beside one by the model that are among the ten nearest by cosine."""
    count = len(vectors)
    k = min(k, count - 1)
    if k < 1:
        return 1.0
    chosen = np.random.default_rng(seed).choice(count, min(sample, count), replace=False)
    asked = np.zeros((len(chosen), count), np.float32)
    asked[np.arange(len(chosen)), chosen] = 1
    by_model = ridge.answers(asked * ridge.scale).T * np.maximum(ridge.taken, 1) ** ridge.popularity
    by_vector = vectors[chosen] @ vectors.T
    shares = []
    for row, own in enumerate(chosen):
        by_model[row, own] = by_vector[row, own] = -np.inf
        best = [set(np.argpartition(-scores[row], k - 1)[:k].tolist()) for scores in (by_model, by_vector)]
        shares.append(len(best[0] & best[1]) / k)
    return float(np.mean(shares))
