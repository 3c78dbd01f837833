"""Candidates and their scores: the vector half, the full text half, and both weighed against each other.

An item that is one row has one score. A long text is scored by its whole and by its best passage together:
`WHOLE` times the one plus the rest times the other. A picture with a caption counts by whichever is nearer.
Where texts and pictures share a space, the two lie apart in it; so the cosine of a picture is moved to the scale of
texts: as many standard deviations above what unrelated queries have with texts as it is above theirs with pictures.

The hybrid score adds two terms that stay comparable from query to query, which ranks do not (reciprocal rank
fusion, Cormack et al. 2009, gives the best of a bad half as much as the best of a good one)::

    score = c * bm25 / best bm25 + w * (s - m) / sd

c is the share of the query's terms that the best full text hit holds: a document that matches a single common
character of a long question gets little. s is the vector score, m and sd are the mean and the standard deviation
that items of that modality have for unrelated queries, so that texts and pictures in one collection are measured
each against their own kind. w is what the encoder's scores are worth, `Encoder.worth`. benchmarks/retrieval.py
compares it with both halves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from firth.search.calibration import Spread
from firth.search.corpus import Corpus
from firth.search.matching import aside, best_terms, coverage, match
from firth.search.question import Question
from firth.similarity import Metric, pairwise
from firth.stores import Store
from firth.stores.base import matrix, vector_column
from firth.stores.filters import And, Compare, Filter
from firth.types import FloatArray

__all__ = ["Candidate", "rank"]

WHOLE = 0.3
"""What the whole counts beside the best passage; measured on Chinese and English retrieval sets."""
DEPTH = 100
"""How many candidates each half brings, at least."""


@dataclass(slots=True)
class Candidate:
    """An item with what each half says of it.

    Attributes:
        id: The item's id.
        similarity: The vector score, higher is better; None where it has no such vector.
        standing: How many standard deviations that is above what items of its modality have for unrelated queries.
        picture: Whether a picture's vector gave it, rather than a text's.
        part: The passage that fits best; 0 for none.
        bm25: The full text score; 0 where no term matches.
        words: The share of the query's terms that the best full text hit holds, times this one's BM25 by its.
        score: What it is ranked by.
    """

    id: str
    similarity: float | None = None
    standing: float | None = None
    picture: bool = False
    part: int = 0
    bm25: float = 0.0
    words: float = 0.0
    score: float = 0.0

    @property
    def modality(self) -> str:
        """What its vector was made from."""
        return "image" if self.picture else "text"


def rank(
    corpus: Corpus, question: Question, k: int, *, metric: Metric, where: Filter | None
) -> list[Candidate]:
    """The best ``k`` items, best first, ties by id."""
    wanted = k + len(question.exclude)
    depth = max(DEPTH, 4 * wanted)
    matching = aside(match, corpus, question.terms, depth, where) if question.terms else dict
    near = _nearest_ids(corpus, question, wanted, metric, where)
    matched = matching()
    held = aside(best_terms, corpus, matched) if matched else dict
    candidates = {id: Candidate(id) for id in [*near, *matched] if id not in question.exclude}
    if question.space is not None:
        _measure(corpus, question, candidates, metric)
    for id, bm25 in matched.items():
        if id in candidates:
            candidates[id].bm25 = bm25
    if question.terms:
        _weigh_words(question, candidates.values(), held())
    _score(corpus, question, candidates.values(), metric)
    return sorted(candidates.values(), key=lambda candidate: (-candidate.score, candidate.id))[:k]


def _nearest_ids(
    corpus: Corpus, question: Question, wanted: int, metric: Metric, where: Filter | None
) -> list[str]:
    """Ids of the nearest rows: as many different ones as wanted, and `DEPTH` where they will be weighed with words.

    Where texts and pictures are to be weighed each against their own kind, each kind brings its own nearest: the
    raw scores of one may all lie below those of the other.
    """
    if question.space is None or question.vector is None:
        return []
    mixed = metric is Metric.COSINE and _is_mixed(corpus, question)
    kinds: list[Filter | None] = (
        [Compare("kind", "=", "image"), Compare("kind", "!=", "image")] if mixed else [None]
    )
    least = max(wanted, DEPTH if question.terms else 2 * wanted)
    found: dict[str, None] = {}
    for kind in kinds:
        conditions = tuple(condition for condition in (where, kind) if condition is not None)
        condition = And(conditions) if len(conditions) > 1 else next(iter(conditions), None)
        found |= dict.fromkeys(
            _nearest_of_kind(corpus.store, question.space, question.vector, least, metric, condition)
        )
    return list(found)


def _nearest_of_kind(
    store: Store, space: str, vector: FloatArray, wanted: int, metric: Metric, where: Filter | None
) -> list[str]:
    rows = 2 * wanted  # more rows cost little, asking twice costs twice
    while True:
        found = store.nearest(space, vector, rows, metric=metric, where=where)
        ids = list(dict.fromkeys(found["id"].to_pylist()))
        if len(ids) >= wanted or len(found) < rows:
            return ids
        rows *= 4


def _measure(corpus: Corpus, question: Question, candidates: Mapping[str, Candidate], metric: Metric) -> None:
    """Give candidates their exact vector score, from all of their rows."""
    column = vector_column(question.space or "")
    wanted = ["id", "part", "kind", "start", column]
    for table in corpus.store.scan(wanted, ids=list(candidates), parts=True):
        table = table.filter(table[column].is_valid())
        scores = _similarities(question, table[column], metric)
        lines = zip(*(table[name].to_pylist() for name in wanted[:4]), scores.tolist(), strict=True)
        by_id: dict[str, list[tuple[int, str, int | None, float]]] = {}
        for id, part, kind, start, score in lines:
            by_id.setdefault(id, []).append((part, kind, start, score))
        for id, rows in by_id.items():
            _roll_up(candidates[id], rows)


def _similarities(question: Question, column: pa.ChunkedArray, metric: Metric) -> FloatArray:
    if question.vector is None or len(column) == 0:
        return np.empty(0, np.float32)
    values = pairwise(question.vector[None], matrix(column), metric)[0]
    return np.asarray(values if metric.higher_is_better else -values)


def _roll_up(candidate: Candidate, rows: Sequence[tuple[int, str, int | None, float]]) -> None:
    """One score from an item's rows: (part, kind, start, score) each."""
    whole = next(((kind, score) for part, kind, _, score in rows if part == 0), None)
    passages = [(score, part) for part, _, start, score in rows if start is not None]
    views = [score for part, _, start, score in rows if part > 0 and start is None]
    if whole is not None:
        candidate.similarity = whole[1]
        candidate.picture = whole[0] == "image" and not views
    if passages:
        best, candidate.part = max(passages, key=lambda entry: (entry[0], -entry[1]))
        candidate.similarity = WHOLE * whole[1] + (1 - WHOLE) * best if whole else best
    if views and (candidate.similarity is None or max(views) > candidate.similarity):
        candidate.similarity, candidate.picture, candidate.part = max(views), True, 0


def _score(corpus: Corpus, question: Question, candidates: Iterable[Candidate], metric: Metric) -> None:
    if question.space is None:
        for candidate in candidates:
            candidate.score = candidate.bm25
        return
    spreads = corpus.calibration.spreads(question.space, question.vector, metric)
    candidates = list(candidates)
    worth = _worth(corpus, question, {"text", *(candidate.modality for candidate in candidates)})
    mixed = metric is Metric.COSINE and _is_mixed(corpus, question)
    for candidate in candidates:
        candidate.standing = _standing(candidate, spreads)
        if question.terms:
            candidate.score = candidate.words + worth[candidate.modality] * (candidate.standing or 0.0)
        elif candidate.similarity is None:
            candidate.score = -np.inf
        elif mixed and candidate.picture and candidate.standing is not None:
            candidate.score = spreads["text"].mean + candidate.standing * spreads["text"].deviation
        else:
            candidate.score = candidate.similarity


def _worth(corpus: Corpus, question: Question, modalities: Iterable[str]) -> dict[str, float]:
    """What the scores of each modality's encoder are worth; a modality that the space does not take has none."""
    space = corpus.space(question.space or "")
    return {m: space.encoder(m).worth if space.takes(m) else 0.0 for m in modalities}


def _is_mixed(corpus: Corpus, question: Question) -> bool:
    """Whether texts and pictures share the space that is searched, by words; other vectors lie with their kind."""
    return question.by_words and len(corpus.calibration.moments.get(question.space or "", {})) > 1


def _weigh_words(question: Question, candidates: Iterable[Candidate], terms: Mapping[str, str]) -> None:
    """Give candidates their share of the query's words, beside the best full text hit, whose terms are given."""
    best = max(candidates, key=lambda candidate: candidate.bm25, default=None)
    if best is None or best.bm25 <= 0:
        return
    share = coverage(question.terms, terms.get(best.id, ""))
    for candidate in candidates:
        candidate.words = share * candidate.bm25 / best.bm25


def _standing(candidate: Candidate, spreads: Mapping[str, Spread]) -> float | None:
    if candidate.similarity is None:
        return None
    spread = spreads[candidate.modality]
    return (candidate.similarity - spread.mean) / spread.deviation
