"""From a request to hits: encode, rank, cut at the percentile, and read what is to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from firth.errors import UnknownNameError
from firth.search.corpus import Corpus
from firth.search.hits import Hits
from firth.search.question import ID, Question, ask
from firth.search.ranking import Candidate, rank
from firth.search.request import Request
from firth.similarity import Metric
from firth.stores.base import field_name
from firth.stores.where import parse_where
from firth.types import Hit, Passage

__all__ = ["search", "similar"]


def search(corpus: Corpus, request: Request) -> Hits:
    """Find items.

    Returns:
        At most ``request.k`` hits, best first. With ``min_percentile`` there may be none, and the note says so.
    """
    where = None if request.where is None else parse_where(request.where, corpus.fields)
    if corpus.store.count() == 0:
        return Hits((), request.text or "", "the collection is empty. Next: firth add PATH")
    question = ask(request, corpus)
    found = rank(corpus, question, request.k, metric=request.metric, where=where)
    hits = _read(corpus, found, _percentiles(corpus, question, request.metric, found))
    kept = tuple(hit for hit in hits if _is_good(hit, request.min_percentile))
    note = (
        "" if kept else ("no good match" if hits else "no hits: nothing passes the filter or holds the words")
    )
    return Hits(kept, request.text or "", note, _thumbs(corpus, kept))


def similar(
    corpus: Corpus,
    id: str,
    *,
    k: int = 10,
    vector: str | None = None,
    where: str | Mapping[str, Any] | None = None,
) -> Hits:
    """The items nearest to one of the collection's own, which is left out.

    Raises:
        UnknownNameError: No item has that id, or it has no such vector.
    """
    name = vector or _own_vector(corpus, id)
    request = Request(positive=[ID + id], k=k, where=where, mode="vector", vector=name)
    return search(corpus, request)


def _percentiles(
    corpus: Corpus, question: Question, metric: Metric, found: Sequence[Candidate]
) -> dict[str, float | None]:
    """The percentile of each candidate; it is measured for the cosine alone."""
    if metric is not Metric.COSINE and question.space is not None:
        return {}
    return {
        candidate.id: corpus.calibration.percentile(
            question.space,
            candidate.modality,
            candidate.standing,
            candidate.words if question.terms else None,
        )
        for candidate in found
    }


def _own_vector(corpus: Corpus, id: str) -> str:
    """The vector to compare an item by: its look if it is a bare picture, else its meaning."""
    for table in corpus.store.scan(["kind", "text"], ids=[id]):
        for row in table.to_pylist():
            return corpus.suited("image" if row["kind"] == "image" and row["text"] is None else "text")
    raise UnknownNameError(f"no item has the id {id!r}. Next: firth ls shows ids")


def _is_good(hit: Hit, least: float | None) -> bool:
    return least is None or (hit.percentile is not None and hit.percentile >= least)


def _read(corpus: Corpus, found: Sequence[Candidate], percentiles: Mapping[str, float | None]) -> list[Hit]:
    """Hits with everything a person wants to see, in the order of the candidates."""
    names = [column.name for column in corpus.schema if column.name.startswith("f_")]
    columns = ["id", "kind", "text", "path", *names]
    rows = {
        row["id"]: row
        for table in corpus.store.scan(columns, ids=[candidate.id for candidate in found])
        for row in table.to_pylist()
    }
    spans = _spans(corpus, found)
    hits = []
    for candidate in found:
        row = rows.get(candidate.id)
        if row is None:  # removed by someone else since it was ranked
            continue
        span = spans.get((candidate.id, candidate.part))
        passage = Passage(*span, (row["text"] or "")[span[0] : span[1]]) if span else None
        fields = {field_name(name): row[name] for name in names if row[name] is not None}
        hits.append(
            Hit(
                candidate.id,
                candidate.score,
                row["kind"],
                text=row["text"],
                path=row["path"],
                fields=fields,
                passage=passage,
                percentile=percentiles.get(candidate.id),
            )
        )
    return hits


def _spans(corpus: Corpus, found: Sequence[Candidate]) -> dict[tuple[str, int], tuple[int, int]]:
    ids = [candidate.id for candidate in found if candidate.part > 0]
    if not ids:
        return {}
    return {
        (row["id"], row["part"]): (row["start"], row["end"])
        for table in corpus.store.scan(["id", "part", "start", "end"], ids=ids, parts=True)
        for row in table.to_pylist()
        if row["start"] is not None
    }


def _thumbs(corpus: Corpus, hits: Sequence[Hit]) -> dict[str, bytes]:
    ids = [hit.id for hit in hits if hit.kind == "image"]
    if not ids:
        return {}
    rows = [row for table in corpus.store.scan(["id", "thumb"], ids=ids) for row in table.to_pylist()]
    return {row["id"]: row["thumb"] for row in rows if row["thumb"]}
