"""Scores kept as fields: in every store, through adding again, and back out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.analysis.tags.made import library, seen, shelf
from tests.servers import postgres

import firth
from firth.analysis.tags import tags
from firth.errors import FilterError, InputError
from firth.types import Item

ITEMS = library()[0][::6]
TAG = "奇幻 fantasy"


@pytest.fixture(params=["memory", "folder", "postgres"])
def collection(request, tmp_path):
    if request.param == "postgres":
        pytest.importorskip("psycopg", reason="next: pip install 'firth[postgres]'")
    places = {"memory": lambda: ":memory:", "folder": lambda: str(tmp_path / "藏書")}
    places["postgres"] = lambda: postgres.server().address(f"tags{abs(hash(tmp_path)) % 10**8}")
    return shelf(ITEMS, places[request.param]())


def scores(collection, tag):
    return {record["id"]: record["fields"].get(f"tag:{tag}") for record in collection.items()}


def test_scores_are_found_by_in_every_store(collection):
    found = tags(seen(collection), ["魔法", "science-fiction", TAG], save=True)
    column = dict(zip(found.ids, found.scores[:, 0].astype(float), strict=True))
    assert scores(collection, "魔法") == pytest.approx(column, abs=1e-4)
    limit = sorted(column.values())[-5]
    wanted = {id for id, score in column.items() if score > limit + 1e-4}
    assert {record["id"] for record in collection.items(where=f"tag:魔法 > {limit + 1e-4}")} == wanted
    assert {h.id for h in collection.search("龍", where=f"tag：魔法 > {limit + 1e-4}", k=50)} <= wanted
    assert len(list(collection.items(where="tag:science-fiction >= 0 and topic = 'war'"))) > 0
    assert len(list(collection.items(where=f'"tag:{TAG}" is null'))) == 0


def test_adding_the_same_again_keeps_them_and_a_change_drops_them(collection):
    tags(seen(collection), ["魔法"], save=True)
    before = scores(collection, "魔法")
    assert len(collection.add(ITEMS).unchanged) == len(ITEMS)
    assert scores(collection, "魔法") == before
    changed = replace(ITEMS[0], text="魔法師與龍")
    assert collection.add([changed, *ITEMS[1:]]).updated == (changed.id,)
    assert scores(collection, "魔法") == {**before, changed.id: None}


def test_saving_again_replaces_and_leaves_other_tags(collection):
    tags(seen(collection), ["魔法"], save=True)
    first = scores(collection, "魔法")
    tags(seen(collection), ["戰爭"], save=True)
    assert scores(collection, "魔法") == first
    tags(seen(collection), ["魔法"], share=0.5, save=True)
    assert all(after >= first[id] for id, after in scores(collection, "魔法").items())
    assert sorted(collection.store.read_meta()["tags"]) == ["戰爭", "魔法"]


def test_a_long_text_keeps_its_passages(tmp_path):
    collection = shelf([Item("long", text="魔法師。" * 900), *ITEMS])
    rows = [sum(map(len, collection.store.scan(["id"], parts=True))) for _ in range(2) if tag_it(collection)]
    assert rows[0] == rows[1] > len(ITEMS) + 1
    assert collection.search("魔法師", where="tag:魔法 >= 0", k=50).ids


def tag_it(collection):
    return tags(seen(collection), ["魔法"], save=True)


def test_an_export_takes_them_along(tmp_path):
    collection = shelf(ITEMS)
    tag_it(collection)
    collection.export(tmp_path / "out.parquet")
    other = firth.open(":memory:")
    other.add(tmp_path / "out.parquet")
    assert scores(other, "魔法") == scores(collection, "魔法")
    assert "魔法" in other.store.read_meta()["tags"]


def test_a_field_of_the_users_is_not_overwritten():
    collection = shelf([replace(item, fields={"tag:魔法": "yes"}) for item in ITEMS])
    with pytest.raises(InputError, match="came with the items"):
        tags(seen(collection), ["魔法"], save=True)


def test_a_filter_on_a_tag_that_was_not_kept_says_how(empty):
    empty.add(["x"])
    with pytest.raises(FilterError, match="firth tags 魔法 --save"):
        list(empty.items(where="tag:魔法 > 0.8"))
