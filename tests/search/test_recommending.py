"""What users did, learned into a collection and asked again: on every store."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests import readers
from tests.servers import postgres, s3

import firth
from firth.errors import InputError, UnknownNameError
from firth.notes import corpus
from firth.search.expecting import borrowed, expected_vectors
from firth.search.lenses import similar_by
from firth.search.recommending import recommend
from firth.search.taste import Taste
from firth.stores.filters import Compare
from firth.training.interactions import learn_interactions

ASKED = {"user": "reader", "item": "book", "time": "day", "dim": 16}


def made(place, **more):
    collection = firth.open(str(place))
    collection.add(readers.books(**more))
    learn_interactions(corpus(collection.store), readers.rows(), **ASKED)
    return collection


KINDS_OF_STORE = {
    "folder": lambda folder: folder / "c",
    "postgres": lambda folder: postgres.address(str(folder)),
    "s3": lambda folder: s3.address(),
    "memory": lambda folder: ":memory:",
}
STORES = [pytest.param(name, marks=[pytest.mark.slow] if name == "s3" else []) for name in KINDS_OF_STORE]


@pytest.fixture(scope="module", params=STORES)
def shop(request, tmp_path_factory):
    return made(KINDS_OF_STORE[request.param](tmp_path_factory.mktemp("shop")), more=2)


@pytest.fixture(params=STORES[:-1])
def place(request, tmp_path):
    return KINDS_OF_STORE[request.param](tmp_path)


def asked(collection, **taste):
    return recommend(corpus(collection.store), Taste(**taste))


def kinds(hits):
    return [hit.fields["kind_of_book"] for hit in hits]


def test_a_reader_gets_their_kind_and_nothing_again(shop):
    hits = asked(shop, user="r0", k=6, new=0)
    took = set(shop.get("user:r0")[0]["fields"]["took"])
    assert len(hits) == 6 and kinds(hits).count("奇幻") >= 5
    assert not took & set(hits.ids)
    assert all(set(hits.reasons[hit.id]) <= took for hit in hits)
    assert took & set(asked(shop, user="r0", k=30, new=0, seen=True).ids)


def test_a_new_person_is_known_by_what_they_like(shop):
    hits = asked(shop, positive=["45", "46"], negative=["44"], k=5, new=0)
    assert kinds(hits).count("詩") >= 4 and not {"44", "45", "46"} & set(hits.ids)


def test_filters_hold(shop):
    hits = asked(shop, positive=["3"], k=10, where="year >= 1910 and year < 1915")
    assert hits and all(1910 <= hit.fields["year"] < 1915 for hit in hits)


def test_what_nobody_took_comes_in_by_its_meaning_and_is_flagged(shop):
    hits = asked(shop, user="r1", k=10)
    assert len(hits.new) == 2 and {readers.KINDS[(int(id) - 80) // 2] for id in hits.new} == {"crime"}
    assert [record["new"] for record in hits.to_list()].count(True) == 2
    assert not asked(shop, user="r1", k=10, new=0).new


def test_to_like_what_nobody_took_is_to_like_its_neighbours(shop):
    hits = asked(shop, positive=["84"], k=5, new=0)
    assert kinds(hits).count("詩") >= 4 and "stand in" in hits.note


def test_diversity_and_popularity_are_knobs(shop):
    def spread(hits):
        vectors = np.array([shop.get(id, vectors=True)[0]["vectors"]["behaviour"] for id in hits.ids])
        return float((vectors @ vectors.T).mean())

    plain, diverse = (asked(shop, user="r2", k=8, new=0, diversity=d) for d in (0, 0.7))
    assert spread(diverse) < spread(plain)
    few, many = (asked(shop, user="r2", k=8, new=0, popularity=p) for p in (-3, 3))
    assert np.mean([h.fields["taken"] for h in few]) < np.mean([h.fields["taken"] for h in many])


@pytest.mark.parametrize(
    ("taste", "error"),
    [
        ({}, InputError),
        ({"positive": "12"}, InputError),
        ({"user": "nobody"}, UnknownNameError),
        ({"positive": ["nothing"]}, UnknownNameError),
        ({"user": "r0", "diversity": 2}, InputError),
        ({"user": "r0", "new": 11}, InputError),
        ({"user": "r0", "k": 0}, InputError),
    ],
)
def test_what_cannot_be_asked_is_said(shop, taste, error):
    with pytest.raises(error):
        asked(shop, **taste)


def test_users_turn_up_in_no_search_among_items(shop):
    for hits in (
        shop.search("book", k=200),
        shop.similar("3", vector="behaviour", k=200),
        shop.similar("3", k=200),
    ):
        assert "user" not in {hit.kind for hit in hits}
    assert len(shop.vectors("behaviour")[0]) == 80


def test_users_near_users_have_their_taste(shop):
    near = shop.similar("user:r0", vector="taste", k=10)
    same = [int(id.removeprefix("user:r")) % 4 == 0 for id in near.ids]
    assert sum(same) >= 9


def test_similar_by_behaviour_and_by_both(shop):
    assert kinds(shop.similar("3", vector="behaviour", k=5)).count("奇幻") >= 4
    both = similar_by(corpus(shop.store), "3", {"meaning": 0.5, "behaviour": 0.5}, k=5)
    assert kinds(both) == ["奇幻"] * 5 and "3" not in both.ids
    alone = similar_by(corpus(shop.store), "3", {"meaning": 0, "behaviour": 1}, k=5)
    assert alone.ids == shop.similar("3", vector="behaviour", k=5).ids
    lacking = similar_by(corpus(shop.store), "80", {"meaning": 0.5, "behaviour": 0.5}, k=3)
    assert "no vector behaviour" in lacking.note and kinds(lacking) == ["奇幻"] * 3
    with pytest.raises(InputError):
        similar_by(corpus(shop.store), "3", {"meaning": -1})


def test_an_expected_vector_lies_near_its_kind(shop):
    vector, other = expected_vectors(corpus(shop.store), ["86", "80"])
    assert float(vector @ other) < 0.5
    ids, vectors = shop.vectors("behaviour")
    best = [readers.kind_of(ids[i]) for i in np.argsort(-(vectors @ vector))[:8]]
    assert best.count("history") >= 7
    assert not borrowed(np.empty(0, np.float32), np.empty((0, 4), np.float32)).any()


class TestLearning:
    def test_the_same_again_writes_nothing(self, place):
        shop = made(place)
        version, report = shop.store.version(), None
        report = learn_interactions(corpus(shop.store), readers.rows(), **ASKED)
        assert report.unchanged and shop.store.version() == version

    def test_stopped_before_its_note_it_is_done_again_to_the_same(self, place):
        shop = made(place)
        before = {r["id"]: r for r in shop.items(vectors=True)}
        shop.store.write_meta({"behaviour": None})
        shop.store.delete(["user:r3", "user:r4"])
        report = learn_interactions(corpus(shop.store), readers.rows(), **ASKED)
        assert not report.unchanged and {r["id"]: r for r in shop.items(vectors=True)} == before

    def test_another_table_replaces_what_was_learned(self, place):
        shop = made(place)
        fewer = [
            row for row in readers.rows() if int(str(row["reader"])[1:]) < 100 and int(str(row["book"])) < 60
        ]
        report = learn_interactions(corpus(shop.store), fewer, **{**ASKED, "dim": 8})
        assert report.removed == 160 - report.users and report.waiting == 80 - report.items
        assert shop.store.count(Compare("kind", "=", "user")) == report.users
        assert (
            len(shop.vectors("behaviour")[0]) == report.items and shop.vectors("behaviour")[1].shape[1] == 8
        )

    def test_a_changed_item_keeps_what_users_did_and_takes_a_new_meaning(self, place):
        shop = made(place)
        before = shop.get("0", vectors=True)[0]
        (item, *_) = readers.books(seed=5)
        assert shop.add([replace(item, text=f"{item.text}\n\n" + "另一段很長的故事。" * 300)]).updated == (
            "0",
        )
        after = shop.get("0", vectors=True)[0]
        assert after["fields"]["taken"] == before["fields"]["taken"]
        assert np.array_equal(after["vectors"]["behaviour"], before["vectors"]["behaviour"])
        assert not np.array_equal(after["vectors"]["meaning"], before["vectors"]["meaning"])
        assert len(shop.vectors("behaviour")[0]) == 80  # not on passages
        assert learn_interactions(corpus(shop.store), readers.rows(), **ASKED).unchanged

    def test_an_item_that_was_removed_and_came_back_is_learned_anew(self, place):
        shop = made(place)
        (item, *_) = readers.books()
        shop.remove("0")
        shop.add([item])
        assert "behaviour" not in shop.get("0", vectors=True)[0]["vectors"]
        assert not learn_interactions(corpus(shop.store), readers.rows(), **ASKED).unchanged
        assert "behaviour" in shop.get("0", vectors=True)[0]["vectors"]

    def test_texts_and_passages_stay_as_they_were(self, place):
        shop = firth.open(str(place))
        shop.add(readers.books())
        before = {r["id"]: r for r in shop.items()}
        learn_interactions(corpus(shop.store), readers.rows(), **ASKED)
        for record in shop.items(where="kind != 'user'"):
            record["fields"].pop("taken", None)
            assert record == before[record["id"]]

    def test_a_field_of_the_users_own_is_not_written_over(self):
        shop = firth.open(":memory:")
        books = [{"id": str(n), "title": f"book {n}", "taken": "yes"} for n in range(80)]
        shop.add(books, text="title")
        with pytest.raises(InputError, match="a field 'taken' of its own"):
            learn_interactions(corpus(shop.store), readers.rows(), **ASKED)

    def test_nothing_learned_is_said(self):
        shop = firth.open(":memory:")
        shop.add(readers.books())
        with pytest.raises(UnknownNameError, match="firth train interactions"):
            asked(shop, user="r0")
