"""One collection, every store, the same answers: the calls of a person, put to each store and to exact numpy.

A collection in memory lives through a short history; every write of it is kept and told again to a new store of
each kind, so that texts and pictures are encoded once. A new kind of store adds its entry to STORES.

"The same" is: the same hits with the same scores, in the same order wherever scores differ by more than TOLERANCE.
What shares a score may stand in either order, and at the last place either may be the one that is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.servers import postgres, s3

import firth
from firth import Collection, FirthError, Item
from firth import sample as bundled
from firth.notes import corpus
from firth.search import Hits, calibrate
from firth.similarity import Metric
from firth.stores.filters import Compare
from firth.stores.memory import MemoryStore
from firth.types import Pair

TOLERANCE = 1e-6
"""How far scores may lie apart, of 1 or of the score itself, whichever is more. Every store hands out the same float32
vectors, in an order of its own; a product of matrices in float32 rounds by what stands beside a row, by some 1e-7 of a
cosine. The hybrid score counts that in standard deviations, of which there are ten to thirty in 1."""
RECALL = 0.95
"""The share of the ten nearest that an index must find."""


@dataclass(frozen=True)
class Kind:
    """A kind of store.

    Attributes:
        location: Where a new store of a name lies.
        thresholds: The constants that say from how many vectors on there is an index of them, and it is asked.
        has_index: Whether a store has one for a named vector.
        slow: Whether its tests are.
    """

    location: Callable[[Path, str], str]
    thresholds: tuple[str, ...]
    has_index: Callable[[Any, str], bool]
    slow: bool = False


def lance_has_index(store: Any, vector: str) -> bool:
    coding = store._codings.of(store._tables.items().schema, f"v_{vector}")
    return coding is not None and coding.since is not None


def postgres_has_index(store: Any, vector: str) -> bool:
    from firth.stores.postgres.vectors import is_indexed

    with store._session.reading("look for an index") as view:
        return is_indexed(view, f"v_{vector}")


LANCE = ("firth.stores.lance.maintenance.EXACT_BELOW",)
POSTGRES = ("firth.stores.postgres.maintenance.EXACT_BELOW", "firth.stores.postgres.vectors.EXACT_AMONG")
STORES = {
    "lance": Kind(lambda folder, name: str(folder / name), LANCE, lance_has_index),
    "s3": Kind(lambda folder, name: s3.address(), LANCE, lance_has_index, slow=True),
    "postgres": Kind(lambda folder, name: postgres.address(f"{folder}/{name}"), POSTGRES, postgres_has_index),
}


# --- the history of a collection

PICTURES = bundled.path() / "pictures"
NAMES = ["蘋果", "苹果汁", "an apple", "It's 100% _juice_", "字典\n第二版", "自行車", "bicycle pump", "Äpfel"]
LONG = "從前有一位老木匠住在山腳下。" * 30 + "他在花園裡種了番茄和胡蘿蔔。" + "冬天的時候大雪封山。" * 30


def shop() -> list[Item]:
    """Things with every type of field, gaps in each, and vectors of the user's own, of any length, some the same."""
    rng = np.random.default_rng(7)
    things = []
    for i in range(40):
        fields = {
            "name": NAMES[i % 8] if i % 9 else None,
            "price": i * 5 if i % 7 else None,
            "weight": [0.5, -0.5, 1e-3, 1e9, 7.25][i % 5] if i % 6 else None,
            "sold": bool(i % 3) if i % 5 else None,
            "since": datetime(2000 + i, 1 + i % 12, 1 + i % 28, i % 24, 5, 6, 7) if i % 4 else None,
            "tags": [["奇幻", "kids"], [], ["it's", "100%"]][i % 3] if i % 8 else None,
            "a b.c": str(i % 3),
            "年份": 1990 + i,
        }
        taste = np.round(rng.normal(size=8) * 3, 2) if i < 34 else np.full(8, i % 2)
        vectors = {"taste": taste.astype(np.float32)} if i % 11 else {}
        text = None if i % 10 == 1 else f"{NAMES[i % 8]} number {i}"
        things.append(Item(f"shop-{i:02}", text=text, fields=fields, vectors=vectors))
    return things


def change(collection: Collection) -> None:
    """Texts that change, grow and shrink, a picture that becomes another, items gone, wider fields, late columns."""
    articles = sorted(record["id"] for record in collection.items(where="collection = 'wikipedia'"))
    collection.add(
        [
            Item("book-1", text=LONG, fields={"collection": "book", "year": 1850}),
            Item("book-2", text="蘋果電腦的歷史，蘋果與蘋果", fields={"collection": "book"}),
            *(Item(id, text="月亮很圓", fields={"collection": "wikipedia"}) for id in articles[:5]),
            Item("emoji-1f34e", image=PICTURES / "clipart-frog.png", fields={"collection": "emoji"}),
            Item("captioned", text="一隻綠色的青蛙", image=PICTURES / "clipart-frog.png"),
        ]
    )
    collection.remove([f"poem-{i:03}" for i in range(2, 30)] + ["shop-03", "nobody"])
    late = [
        Item("late-1", text="蘋果派", fields={"price": 12.5, "shelf": "上層"}, vectors={"taste": [1.5] * 8}),
        Item("late-2", fields={"price": 3, "depth": 0.25}, vectors={"late": [1, 2, 3], "taste": [0.5] * 8}),
        Item("late-3", fields={"price": None, "depth": -2.0}, vectors={"late": [3, 2, 1]}),
    ]
    collection.add(late)


class Recorder(MemoryStore):
    """A store in memory that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[tuple[str, Any]] = []

    def put(self, rows):
        super().put(rows)
        self.writes.append(("put", rows))

    def delete(self, ids):
        self.writes.append(("delete", ids))
        return super().delete(ids)

    def write_meta(self, changes):
        super().write_meta(changes)
        self.writes.append(("write_meta", changes))

    def optimize(self):
        self.writes.append(("optimize", None))


@dataclass
class History:
    """A collection in memory, and what it has answered so far."""

    collection: Collection
    answers: dict[str, Any] = field(default_factory=dict)

    def answer(self, call: str) -> Any:
        if call not in self.answers:
            self.answers[call] = outcome(self.collection, call)
        return self.answers[call]

    def tell(self, other: Collection, *, optimize: bool) -> None:
        """Write all again to another collection."""
        for write, what in self.collection.store.writes:
            if write != "optimize":
                getattr(other.store, write)(what)
            elif optimize:
                other.store.optimize()


@pytest.fixture(scope="module")
def histories(sample) -> dict[str, History]:
    """The sample and the shop, as new and after all that happened to them."""
    found = {}
    for name in ("new", "changed"):
        collection = firth.open(":memory:", model="use")
        collection._opened = Recorder()
        collection.store.put(pa.concat_tables(sample.store.scan(sample.store.schema().names, parts=True)))
        collection.store.write_meta(sample.store.read_meta())
        collection.add(shop())
        if name == "changed":
            change(collection)
            collection.store.optimize()
        found[name] = History(collection)
    return found


@pytest.fixture(
    scope="module", params=[pytest.param(s, marks=[pytest.mark.slow] * k.slow) for s, k in STORES.items()]
)
def kind(request) -> Kind:
    return STORES[request.param]


STATES = [
    "new optimized",
    "changed",
    *(pytest.param(s, marks=pytest.mark.slow) for s in ("new", "changed optimized")),
]
"""Which history, and whether the store was optimized whenever `add` does it."""


@pytest.fixture(scope="module", params=STATES)
def twins(request, kind, histories, tmp_path_factory) -> tuple[History, Collection]:
    """A collection in memory and in another store."""
    name, optimize, _ = request.param.partition(" optimized")
    place = request.param.replace(" ", "-")
    other = firth.open(kind.location(tmp_path_factory.mktemp("store"), place), model="use")
    histories[name].tell(other, optimize=bool(optimize))
    return histories[name], other


# --- what is asked

WORDS = {
    "english": "a telescope to see the stars",
    "traditional": "蘋果",
    "simplified": "苹果",
    "mixed": "apple 水果 and 月亮",
    "nonsense": "asdf qwer zxcv",
}
FROG, APPLE = PICTURES / "clipart-frog.png", PICTURES / "emoji-1f34e.png"
TASTE = np.linspace(-2, 3, 8, dtype=np.float32)

FILTERS = [
    "price > 100",
    "price >= 12.5 and price < 60",
    "price = 15",
    "price != 15",
    "price in (5, 10, 12.5, 195.0)",
    "price not in (5, 10)",
    "price between 20 and 90",
    "price not between 20 and 90",
    "price > 99999999999999999999999",
    "price is null",
    "price is not null and weight is null",
    "weight = 0.5 or weight < 0",
    "weight >= 1e9",
    "weight in (0.001, 7.25)",
    "name = '蘋果'",
    "name in ('蘋果', 'an apple')",
    "name like '%果%'",
    "name like '蘋_'",
    "name like '%100\\% \\_%'",
    "name like '%第二版'",
    "name not like '%apple%'",
    "name contains '100%'",
    "not name contains '_'",
    "name > 'b'",
    "name is null",
    "sold",
    "not sold",
    "sold = false or sold is null",
    "since > '2010-01-01'",
    "since = '2001-02-02T01:05:06.000007'",
    "since between '2003-01-01' and '2020-12-31'",
    "since is null and tags is null",
    "tags contains '奇幻'",
    "not tags contains 'it''s'",
    "tags contains '100%' and not (sold or price < 50)",
    "tags is null",
    "\"a b.c\" = '2' or `a b.c` in ('0')",
    "年份 > 2000 and not (年份 between 2005 and 2010 or price is null)",
    "（年份 ＞ 2000）and name contains '果'",
    "not (not (not (price > 50 and (sold or weight > 0))))",
    "kind = 'image'",
    "kind != 'text' and language is null",
    "kind in ('text', 'vector')",
    "language = 'zh-Hant'",
    "language in ('en', 'zh-Hans') and kind = 'text'",
    "collection = 'poem' and author like '李%'",
    "id = 'shop-07' or id like 'late%'",
    "path like '%frog%'",
    "path is null",
    "year between 1990 and 2000 and average_rating > 4",
    "author like '%''%'",
    "shelf = '上層' or depth < 0",
    {"price": {"gte": 10, "lt": 100}, "sold": True},
    {"name": ["蘋果", "an apple"], "年份": {"ne": 1992}},
    {"since": {"gt": datetime(2015, 1, 1), "lte": datetime(2025, 1, 1)}},
    {"tags": {"contains": "kids"}, "weight": {"null": False}},
    {"name": {"like": "%juice%"}, "price": {"in": [15, 55, 95]}},
    {"name": None},
    {"price": []},
    {},
]
NARROW = ["price > 100", "language = 'en'", "kind = 'image'", "tags contains '奇幻'", "price < -1"]


def same_order(records: Any) -> list[dict]:
    return sorted(records, key=lambda record: record["id"])


CALLS: dict[str, Callable[[Collection], Any]] = {
    **{f"{mode}: {name}": lambda c, m=mode, t=text: c.search(t, mode=m)
       for mode in ("hybrid", "vector", "text") for name, text in WORDS.items()},
    **{f"{mode}, all": lambda c, m=mode: c.search("蘋果 apple", mode=m, k=2000)
       for mode in ("hybrid", "vector", "text")},
    **{f"{mode} where {where}": lambda c, m=mode, w=where: c.search("apple 月", mode=m, where=w, k=30)
       for mode in ("hybrid", "vector", "text") for where in NARROW},
    **{f"{mode}, {metric}": lambda c, m=mode, x=metric: c.search("水果", mode=m, metric=x, k=30)
       for mode in ("hybrid", "vector") for metric in Metric},
    **{f"own vector, {metric}": lambda c, x=metric: c.search(positive=[TASTE], vector="taste", metric=x, k=50)
       for metric in Metric},
    **{f"own id, {metric}": lambda c, x=metric: c.search(positive=["id:shop-02"], vector="taste", metric=x)
       for metric in Metric},
    **{f"picture, {metric}": lambda c, x=metric: c.search(image=FROG, metric=x) for metric in Metric},
    "picture, by meaning": lambda c: c.search(image=APPLE, vector="meaning"),
    "picture and words": lambda c: c.search("red", image=APPLE),
    "picture, filtered": lambda c: c.search(image=APPLE, where="collection = 'clipart'"),
    "id": lambda c: c.search(positive=["id:poem-001"]),
    "examples": lambda c: c.search(positive=["id:book-3", "dragons"], negative=["id:book-1"]),
    "examples, chinese": lambda c: c.search(positive=["離別的悲傷", "月亮"], negative=["春天的花"]),
    "examples, pictures": lambda c: c.search(positive=[FROG, APPLE], negative=["id:emoji-1f34f"]),
    "examples, own vectors": lambda c: c.search(positive=[TASTE], negative=["id:shop-04"], vector="taste"),
    "late vector": lambda c: c.search(positive=[[1, 2, 2.5]], vector="late"),
    "best only": lambda c: c.search("苹果", min_percentile=90),
    "best only, nothing": lambda c: c.search("asdf qwer zxcv", min_percentile=99),
    "nothing passes": lambda c: c.search("apple", where="year < -5000"),
    "no such field": lambda c: c.search("apple", where="yaer > 2000"),
    "no such vector": lambda c: c.search("apple", vector="smell"),
    "no such id": lambda c: c.similar("nobody"),
    "no vector there": lambda c: c.similar("shop-00", vector="taste"),
    "another width": lambda c: c.search(positive=[[1, 2, 3]], vector="taste"),
    "similar text": lambda c: c.similar("poem-001", k=20),
    "similar long text": lambda c: c.similar("book-1"),
    "similar picture": lambda c: c.similar("clipart-kitten", k=20),
    "similar picture, by meaning": lambda c: c.similar("clipart-kitten", vector="meaning"),
    "similar, own vectors": lambda c: c.similar("shop-05", vector="taste", k=50),
    "similar, filtered": lambda c: c.similar("shop-05", vector="taste", where="sold or price > 100"),
    "duplicates": lambda c: c.duplicates(threshold=0.8),
    "duplicates, own vectors": lambda c: c.duplicates(vector="taste", threshold=0.9),
    "duplicates, filtered": lambda c: c.duplicates(threshold=0.7, where="kind = 'image'"),
    **{f"items where {where}": lambda c, w=where: same_order(c.items(where=w)) for where in FILTERS},
    "items": lambda c: same_order(c.items(vectors=True)),
    "get": lambda c: c.get(["book-2", "nobody", "shop-07", "late-1", "emoji-1f34e"], vectors=True),
    "vectors": lambda c: {name: {id: vector.tobytes() for id, vector in zip(*c.vectors(name), strict=True)}
                          for name in c.status()["vectors"]},
    "status": lambda c: {**c.status(), "location": None},
    "len": len,
    "in": lambda c: [id in c for id in ("book-1", "shop-03", "late-1", "nobody")],
    "unrelated queries": lambda c: calibrate(corpus(c.store)).to_json(),
}  # fmt: skip


# --- the same answers


def outcome(collection: Collection, call: str) -> Any:
    """What a call gives, or the error that it ends in."""
    try:
        return CALLS[call](collection)
    except FirthError as error:
        return type(error), str(error)


@pytest.mark.parametrize("call", CALLS)
def test_the_same_answer(twins, call):
    history, other = twins
    expected, got = history.answer(call), outcome(other, call)
    if isinstance(expected, Hits):
        assert isinstance(got, Hits), got
        same_hits(expected, got)
    elif call.startswith("duplicates"):
        same_pairs(expected, got)
    elif call == "unrelated queries":
        same_calibration(expected, got)
    else:
        assert got == expected


def same_hits(expected: Hits, got: Hits) -> None:
    """The same items with all that is shown of them, and the same scores."""
    same_ranking({hit.id: hit.score for hit in expected}, {hit.id: hit.score for hit in got})
    assert got.note == expected.note
    shown = {hit.id: hit for hit in expected}
    for hit in got:
        if twin := shown.get(hit.id):
            assert replace(hit, score=0, percentile=None) == replace(twin, score=0, percentile=None)
            assert hit.percentile == pytest.approx(twin.percentile, abs=0.11)  # it is rounded to a tenth
            assert got.thumbs.get(hit.id) == expected.thumbs.get(hit.id)


def same_pairs(expected: list[Pair], got: list[Pair]) -> None:
    assert expected, "nothing to compare"
    one, other = ({(pair.id, pair.other): pair.score for pair in pairs} for pairs in (expected, got))
    same_ranking(one, other)


def same_ranking(expected: dict[Any, float], got: dict[Any, float]) -> None:
    """The same scores place by place and key by key; keys that only one has are ties of the last place."""
    near = partial(pytest.approx, abs=TOLERANCE, rel=TOLERANCE)
    assert list(got.values()) == near(list(expected.values()))
    both = expected.keys() & got.keys()
    assert {key: got[key] for key in both} == near({key: expected[key] for key in both})
    for scores in (expected, got):
        *_, last = scores.values() or [None]
        assert all(scores[key] == near(last) for key in scores.keys() - both), scores.keys() ^ both


def same_calibration(expected: dict[str, Any], got: dict[str, Any]) -> None:
    """The same moments; percentiles, read off between quantiles that lie close, to a thousandth of one."""
    assert got["items"] == expected["items"]
    assert got["best"].keys() == expected["best"].keys()
    assert got["moments"].keys() == expected["moments"].keys()
    for key, quantiles in expected["best"].items():
        tolerance = 1e-3 if "either" in key else 1e-5  # of 100, or of a standard deviation
        np.testing.assert_allclose(got["best"][key], quantiles, atol=tolerance)
    for name, modalities in expected["moments"].items():
        assert got["moments"][name].keys() == modalities.keys()
        for modality, moments in modalities.items():
            twin = got["moments"][name][modality]
            assert twin["count"] == moments["count"]
            assert twin["deviation"] == pytest.approx(moments["deviation"], rel=TOLERANCE)
            np.testing.assert_allclose(twin["center"], moments["center"], atol=2e-6)  # kept to six digits


# --- the same reports


def test_the_same_reports(kind, tmp_path, empty):
    other = firth.open(kind.location(tmp_path, "reports"), model="use")
    items = [
        Item("1", text="蘋果", fields={"year": 1}),
        Item("2", vectors={"v": np.ones(2)}),
        Item("", text="x"),
    ]
    more = [Item("1", text="蘋果", fields={"year": 2.5}), Item("2", vectors={"v": np.ones(3)})]
    for batch in (items, items, more):
        assert other.add(batch) == empty.add(batch)
    assert other.remove(["2", "2", "nobody"]) == empty.remove(["2", "2", "nobody"]) == 1
    assert other.status()["fields"] == empty.status()["fields"] == {"year": "double"}


# --- where an index is in play


@pytest.fixture
def indexed(kind, tmp_path, monkeypatch) -> tuple[Any, MemoryStore, np.ndarray]:
    """A store that has an index of its vectors, the same rows in memory, and queries: clusters, as of real things."""
    for threshold in kind.thresholds:
        monkeypatch.setattr(threshold, 2000)
    rng = np.random.default_rng(5)
    middles = rng.normal(size=(60, 48))
    vectors = middles[rng.integers(0, 60, 6030)] + 0.6 * rng.normal(size=(6030, 48))
    rows, queries = vectors[30:].astype(np.float32), vectors[:30].astype(np.float32)
    table = pa.table(
        {
            "id": [f"{i:04}" for i in range(len(rows))],
            "part": pa.array([0] * len(rows), pa.int32()),
            "kind": ["vector"] * len(rows),
            "v_m": pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 48),
            "f_n": [i % 100 for i in range(len(rows))],
        }
    )
    store, exact = firth.open(kind.location(tmp_path, "indexed")).store, MemoryStore()
    for one in (store, exact):
        one.put(table)
        one.optimize()
    assert kind.has_index(store, "m")
    return store, exact, queries


FEW, HALF = Compare("f_n", "=", 7), Compare("f_n", "<", 50)


def test_an_index_finds_nearly_all_that_is_near(indexed):
    store, exact, queries = indexed
    for where in (None, HALF, FEW):
        assert recall(store, exact, queries, where=where) >= RECALL, where


def test_what_came_after_the_index_is_found_and_what_is_gone_is_not(indexed):
    store, exact, queries = indexed
    fresh = pa.table(
        {
            "id": [f"new-{i:02}" for i in range(30)],
            "part": pa.array([0] * 30, pa.int32()),
            "v_m": pa.FixedSizeListArray.from_arrays(pa.array((queries * 1.01).ravel()), 48),
        }
    )
    gone = exact.nearest("m", queries[0], 10)["id"].to_pylist()
    for one in (store, exact):
        one.put(fresh)
        assert one.delete(gone) == 10
    assert [store.nearest("m", query, 1)["id"][0].as_py() for query in queries] == fresh["id"].to_pylist()
    assert recall(store, exact, queries) >= RECALL


def test_exact_means_exact(indexed):
    store, exact, queries = indexed
    for query in queries[:5]:
        for metric in Metric:
            one, other = (s.nearest("m", query, 10, metric=metric, exact=True) for s in (exact, store))
            same_ranking(*(dict(zip(t["id"].to_pylist(), t["score"].to_pylist(), strict=True))
                           for t in (one, other)))  # fmt: skip


def recall(store: Any, exact: MemoryStore, queries: np.ndarray, **asked: Any) -> float:
    """The share of the true ten nearest that are found, with the scores they have."""
    shares = []
    for query in queries:
        true, found = (
            dict(zip(*(s.nearest("m", query, 10, **asked)[name].to_pylist() for name in ("id", "score")),
                     strict=True))
            for s in (exact, store)
        )  # fmt: skip
        assert len(found) == len(true)
        both = true.keys() & found.keys()
        assert {id: found[id] for id in both} == pytest.approx({id: true[id] for id in both}, abs=1e-5)
        shares.append(len(both) / len(true))
    return float(np.mean(shares))
