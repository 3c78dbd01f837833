"""The same calls on every kind of store give the same answers."""

from __future__ import annotations

import numpy as np
import pytest

import firth
from firth import Item
from firth import sample as bundled

CALLS = {
    "chinese": lambda c: c.search("苹果"),
    "english": lambda c: c.search("a telescope to see the stars", k=30),
    "vector": lambda c: c.search("月亮", mode="vector", k=30),
    "text": lambda c: c.search("蘋果 apple", mode="text", k=30),
    "filter": lambda c: c.search("月", where="collection = 'poem' and author like '李%'"),
    "filter by a number": lambda c: c.search("月", where={"year": {"gt": 2010}}, mode="vector"),
    "picture": lambda c: c.search(image=bundled.path() / "pictures" / "clipart-frog.png"),
    "examples": lambda c: c.search(positive=["id:book-1", "dragons"], negative=["id:book-3"]),
    "similar": lambda c: c.similar("poem-001", k=20),
    "euclidean": lambda c: c.search("水果", mode="vector", metric="euclidean"),
    "dot": lambda c: c.search("水果", mode="vector", metric="dot"),
    "percentile": lambda c: c.search("苹果", min_percentile=90),
    "all": lambda c: c.search("apple", k=1000),
    "nothing": lambda c: c.search("apple", where="year < -5000"),
}


@pytest.fixture(scope="module")
def twin(sample) -> firth.Collection:
    """The rows and notes of the sample in memory."""
    collection = firth.open(":memory:", model="use")
    for table in sample.store.scan(sample.store.schema().names, parts=True):
        collection.store.put(table)
    collection.store.write_meta(sample.store.read_meta())
    return collection


@pytest.mark.parametrize("call", CALLS)
def test_searches(sample, twin, call):
    one, other = CALLS[call](sample), CALLS[call](twin)
    assert one.ids == other.ids
    assert one.note == other.note
    assert set(one.thumbs) == set(other.thumbs)
    for a, b in zip(one, other, strict=True):
        assert a.score == pytest.approx(b.score, abs=2e-3 if call == "all" else 1e-4)
        assert (a.kind, a.text, a.path, a.fields, a.passage) == (b.kind, b.text, b.path, b.fields, b.passage)


def test_duplicates(sample, twin):
    one, other = ({(p.id, p.other) for p in c.duplicates(threshold=0.7)} for c in (sample, twin))
    assert one == other


def test_status_and_items(sample, twin):
    assert {**sample.status(), "location": ""} == {**twin.status(), "location": ""}
    key = lambda record: record["id"]  # noqa: E731
    assert sorted(sample.items(), key=key) == sorted(twin.items(), key=key)


def test_adding_reports_the_same(folder, empty):
    items = [
        Item("1", text="蘋果", fields={"year": 1}),
        Item("2", vectors={"v": np.ones(2)}),
        Item("", text="x"),
    ]
    more = [Item("1", text="蘋果", fields={"year": 2.5}), Item("2", vectors={"v": np.ones(3)})]
    for batch in (items, items, more):
        assert folder.add(batch) == empty.add(batch)
    assert folder.status()["fields"] == empty.status()["fields"] == {"year": "double"}
