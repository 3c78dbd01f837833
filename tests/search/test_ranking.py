"""The formula of the ranking against a plain recomputation over every row of a collection."""

from __future__ import annotations

import numpy as np
import pytest

import firth
from firth.encoders import encoder
from firth.search.ranking import DEPTH, WHOLE
from firth.similarity import Metric
from firth.text import query_terms
from firth.text.characters import is_cjk

QUERIES = ["苹果", "紅色的水果", "用望遠鏡看星星", "Harry Potter and the moon", "delete a column"]


def all_rows(collection) -> dict[str, list[dict]]:
    columns = ["id", "part", "kind", "start", "terms", "v_meaning"]
    rows: dict[str, list[dict]] = {}
    for table in collection.store.scan(columns, parts=True):
        for row in table.to_pylist():
            rows.setdefault(row["id"], []).append(row)
    return rows


def similarity(rows, query) -> tuple[float, str]:
    """A long text: its whole and its best passage; a captioned picture: the nearer of both views."""
    scores = {row["part"]: float(firth.cosine(row["v_meaning"], query)) for row in rows}
    passages = [scores[row["part"]] for row in rows if row["start"] is not None]
    views = [scores[row["part"]] for row in rows if row["part"] > 0 and row["start"] is None]
    bare = rows[0]["kind"] == "image" and not views
    text = WHOLE * scores[0] + (1 - WHOLE) * max(passages) if passages else scores[0]
    if views and max(views) > text:
        return max(views), "image"
    return text, "image" if bare else "text"


@pytest.fixture(scope="module")
def rows(sample):
    return all_rows(sample)


@pytest.mark.parametrize("query", QUERIES)
def test_vectors(sample, rows, query):
    vector = encoder("use").encode_query([query])[0]
    spreads = sample._corpus().calibration.spreads("meaning", vector, Metric.COSINE)
    expected = {}
    for id, parts in rows.items():
        cosine, modality = similarity(parts, vector)
        if modality == "image":  # as far above chance among texts as it is among pictures
            standing = (cosine - spreads["image"].mean) / spreads["image"].deviation
            cosine = spreads["text"].mean + standing * spreads["text"].deviation
        expected[id] = cosine
    best = sorted(expected, key=lambda id: (-expected[id], id))
    hits = sample.search(query, mode="vector", k=20)
    assert hits.ids == best[:20]
    assert [hit.score for hit in hits] == pytest.approx([expected[id] for id in best[:20]], abs=1e-5)


@pytest.mark.parametrize("query", QUERIES)
def test_both_halves(sample, rows, query):
    use, terms = encoder("use"), query_terms(query)
    vector = use.encode_query([query])[0]
    matched = sample.store.match(terms, len(rows))
    bm25 = dict(zip(matched["id"].to_pylist(), matched["score"].to_pylist(), strict=True))
    best = max(bm25, key=lambda id: bm25[id])
    held = set(rows[best][0]["terms"].split())
    wanted = [term for term in terms if len(term) > 1 or not is_cjk(term)] or terms
    coverage = sum(term in held for term in wanted) / len(wanted)
    spreads = sample._corpus().calibration.spreads("meaning", vector, Metric.COSINE)
    expected = {}
    for id, parts in rows.items():
        cosine, modality = similarity(parts, vector)
        standing = (cosine - spreads[modality].mean) / spreads[modality].deviation
        expected[id] = coverage * bm25.get(id, 0) / bm25[best] + use.worth * standing
    hits = sample.search(query, k=10)
    assert [hit.score for hit in hits] == pytest.approx([expected[hit.id] for hit in hits], abs=1e-4)
    found = sample.search(query, k=DEPTH * 4).ids  # deep enough that every item is a candidate
    assert found[:20] == sorted(expected, key=lambda id: (-expected[id], id))[:20]


@pytest.mark.parametrize("query", QUERIES)
def test_full_text_is_the_stores_bm25(sample, query):
    matched = sample.store.match(query_terms(query), 10)
    hits = sample.search(query, mode="text")
    assert hits.ids == matched["id"].to_pylist()
    assert [hit.score for hit in hits] == matched["score"].to_pylist()


def test_the_best_passage_is_told(sample, rows):
    query = "水果有蘋果和無花果"
    vector = encoder("use").encode_query([query])[0]
    long = [hit for hit in sample.search(query, mode="vector", k=300) if hit.passage]
    assert len(long) > 20
    for hit in long[:20]:
        spans = {row["start"]: firth.cosine(row["v_meaning"], vector) for row in rows[hit.id] if row["part"]}
        assert hit.passage.start == max(spans, key=lambda start: spans[start])
        assert hit.text[hit.passage.start : hit.passage.end] == hit.passage.text


def test_without_a_candidate_of_either_half(empty):
    empty.add(np.eye(2), ids=["a", "b"])
    assert empty.search("nothing to read here").ids == []
