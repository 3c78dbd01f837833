"""From a request to hits: encode, rank, cut at the percentile, and read what is to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from firth.errors import UnknownNameError
from firth.search.corpus import Corpus
from firth.search.hits import Hits
from firth.search.ordering import column_with_order, order
from firth.search.question import ID, Question, ask
from firth.search.ranking import Candidate, rank
from firth.search.request import Request
from firth.similarity import Metric
from firth.stores.base import field_name
from firth.stores.where import parse_where
from firth.types import Hit, Passage

__all__ = ["search", "similar"]

UNKNOWN = "cannot tell weak hits: percentiles need 20 items, the cosine, and an encoder; nothing was left out"


def search(corpus: Corpus, request: Request) -> Hits:
    """Find items.

    Returns:
        At most ``request.k`` hits, best first or by ``request.sort``. With ``min_percentile`` there may be none, and
        the note says so.
    """
    where = None if request.where is None else parse_where(request.where, corpus.fields)
    if request.sort is not None:
        column_with_order(corpus, request.sort)
    if corpus.is_empty:
        return Hits((), request.text or "", "the collection is empty. Next: firth add PATH")
    question = ask(request, corpus)
    found = rank(corpus, question, request.k, metric=request.metric, where=where)
    rows = _rows(corpus, found)
    hits = _hits(rows, found, _percentiles(corpus, question, request.metric, found))
    kept, note = _kept(hits, request.min_percentile)
    thumbs = {hit.id: thumb for hit in kept if (thumb := rows[hit.id, 0]["thumb"])}
    return Hits(_sorted(kept, request.sort), request.text or "", note, thumbs)


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


def _kept(hits: Sequence[Hit], least: float | None) -> tuple[tuple[Hit, ...], str]:
    """The hits that reach a percentile, and what a person should know."""
    if not hits:
        return (), "no hits: nothing passes the filter or holds the words"
    if least is None:
        return tuple(hits), ""
    if all(hit.percentile is None for hit in hits):
        return tuple(hits), UNKNOWN
    kept = tuple(hit for hit in hits if hit.percentile is not None and hit.percentile >= least)
    return kept, "" if kept else "no good match"


def _sorted(hits: tuple[Hit, ...], field: str | None) -> tuple[Hit, ...]:
    """The hits by a field of theirs, the highest value first and those without one last; of equal ones the better."""
    if field is None:
        return hits
    place = order({rank: hit.fields.get(field) for rank, hit in enumerate(hits)})
    return tuple(hits[rank] for rank in place)


def _rows(corpus: Corpus, found: Sequence[Candidate]) -> dict[tuple[str, int], dict[str, Any]]:
    """The rows of the candidates with all that is shown, by id and part, in one read."""
    names = [column.name for column in corpus.schema if column.name.startswith("f_")]
    columns = ["id", "part", "kind", "text", "path", "start", "end", "thumb", *names]
    parts = any(candidate.part for candidate in found)
    tables = corpus.store.scan(columns, ids=[candidate.id for candidate in found], parts=parts)
    return {(row["id"], row["part"]): row for table in tables for row in table.to_pylist()}


def _hits(
    rows: Mapping[tuple[str, int], Mapping[str, Any]],
    found: Sequence[Candidate],
    percentiles: Mapping[str, float | None],
) -> list[Hit]:
    """Hits with everything a person wants to see, in the order of the candidates."""
    hits = []
    for candidate in found:
        row = rows.get((candidate.id, 0))
        if row is None:  # removed by someone else since it was ranked
            continue
        fields = {field_name(n): row[n] for n in row if n.startswith("f_") and row[n] is not None}
        hits.append(
            Hit(
                candidate.id,
                candidate.score,
                row["kind"],
                text=row["text"],
                path=row["path"],
                fields=fields,
                passage=_passage(row["text"], rows.get((candidate.id, candidate.part))),
                percentile=percentiles.get(candidate.id),
            )
        )
    return hits


def _passage(text: str | None, part: Mapping[str, Any] | None) -> Passage | None:
    if text is None or part is None or part["start"] is None:
        return None
    return Passage(part["start"], part["end"], text[part["start"] : part["end"]])
