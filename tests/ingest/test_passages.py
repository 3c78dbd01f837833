"""Long texts: passages with offsets into the original, and nothing cut off."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import firth
from firth.encoders import encoder
from firth.similarity import normalize

STORY = "".join(f"第{n}天，他們在山裡走了很遠的路，天氣很冷，沒有遇到任何人。\n" for n in range(1, 80))
ENDING = "最後，一隻會說話的鯨魚用鋼琴演奏了一首歌。"


@pytest.fixture(scope="module")
def long() -> firth.Collection:
    collection = firth.open(":memory:", model="use")
    collection.add([STORY + ENDING, "鋼琴課", "登山的裝備"], ids=["story", "piano", "gear"])
    return collection


@pytest.mark.parametrize("query", ["会说话的鲸鱼", "a talking whale"])
def test_the_last_sentence_is_found(long, query):
    hit = long.search(query, mode="vector")[0]
    assert hit.id == "story"
    assert ENDING in hit.passage.text
    assert hit.text[hit.passage.start : hit.passage.end] == hit.passage.text


def test_and_by_its_words(long):
    hits = long.search("鲸鱼", mode="text")
    assert hits.ids == ["story"]
    assert "鯨魚" in str(hits)


def test_short_texts_have_no_passages(long):
    assert long.search("裝備", mode="vector")[0].passage is None


def test_passages_cover_the_text(long):
    tables = long.store.scan(["id", "part", "start", "end", "text", "terms"], parts=True)
    rows = [row for table in tables for row in table.to_pylist() if row["id"] == "story" and row["part"]]
    rows.sort(key=lambda row: row["part"])
    whole = STORY + ENDING
    assert [row["part"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(not whole[a["end"] : b["start"]].strip() for a, b in pairwise(rows))  # white space at most
    assert rows[0]["start"] == 0
    assert rows[-1]["end"] == len(whole)
    assert all(row["text"] is None and row["terms"] is None for row in rows)


def test_fields_stand_on_every_part_so_that_filters_work(empty):
    empty.add([{"id": n, "text": STORY + ENDING, "year": 2000 + n} for n in range(4)])
    hits = empty.search("會說話的鯨魚", mode="vector", where="year >= 2002")
    assert set(hits.ids) == {"2", "3"}
    assert all(ENDING in hit.passage.text for hit in hits)


def test_a_text_longer_than_the_window_is_the_mean_of_its_passages(empty):
    use = encoder("use")
    text = STORY * (1 + 2 * use.window // use.count_tokens([STORY])[0])
    empty.add([text], ids=["x"])
    tables = empty.store.scan(["part", "start", "end", "v_meaning"], parts=True)
    rows = sorted((row for table in tables for row in table.to_pylist()), key=lambda row: row["part"])
    whole, parts = rows[0], rows[1:]
    lengths = np.array([[row["end"] - row["start"]] for row in parts])
    mean = normalize((np.array([row["v_meaning"] for row in parts]) * lengths).sum(0))
    assert np.allclose(mean, whole["v_meaning"], atol=1e-5)


@pytest.mark.parametrize("text", ["。" * 3000, "a" * 20_000, "😀" * 3000, " " * 5000 + "x", "(" * 3000])
def test_odd_long_texts_go_in(empty, text):
    assert len(empty.add([text]).added) == 1
    (table,) = empty.store.scan(["v_meaning"])
    assert np.isfinite(table["v_meaning"].to_pylist()[0]).all()


def test_by_a_transformer():
    collection = firth.open(":memory:", model="e5-small")
    collection.add([STORY[:600] + ENDING, "登山的裝備"], ids=["story", "gear"])
    hit = collection.search("a talking whale plays the piano", mode="vector")[0]
    assert hit.id == "story"
    assert "鯨魚" in hit.passage.text
