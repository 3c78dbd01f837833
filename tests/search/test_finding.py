"""Searches of the bundled sample: both scripts, both languages, words and pictures, filters, honesty."""

from __future__ import annotations

import json

import numpy as np
import pytest

import firth
from firth import sample as bundled
from firth.errors import (
    FilterError,
    InputError,
    UnknownNameError,
    UnreadableError,
)

MODES = ["hybrid", "vector", "text"]
NONSENSE = ["zxqv wplk jjrt", "qqqq zzzz xxxx"]
ROWS = [json.loads(line) for line in (bundled.path() / "items.jsonl").read_text("utf-8").splitlines()]
EMOJI = [row for row in ROWS if row["collection"] == "emoji"]
PICTURES = bundled.path() / "pictures"


def ranks(collection, queries, **asked) -> np.ndarray:
    """The rank, from 0, at which each query finds the id it stands for."""
    found = []
    for id, query in queries.items():
        ids = collection.search(query, k=1000, **asked).ids
        found.append(ids.index(id) if id in ids else len(collection))
    return np.array(found)


class TestScripts:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("query", ["苹果", "蘋果"])
    def test_either_finds_both_first(self, empty, mode, query):
        both = ["我每天吃一顆蘋果。", "我每天吃一颗苹果。"]
        empty.add([*both, "火車在中午出發。", "他不喜歡下雨天", "She plays the piano.", "The cat sat down."])
        assert {hit.text for hit in empty.search(query, mode=mode, k=2)} == set(both)

    @pytest.mark.parametrize("mode", ["hybrid", "text"])
    @pytest.mark.parametrize("query", ["苹果", "蘋果"])
    def test_either_finds_both_among_others(self, sample, mode, query):
        hits = sample.search(query, mode=mode, k=30)
        texts = [hit.text or "" for hit in hits]
        assert any("蘋果" in text for text in texts)
        assert any("苹果" in text for text in texts)

    @pytest.mark.parametrize(("traditional", "simplified"), [("蘋果", "苹果"), ("電腦軟體", "电脑软体")])
    def test_full_text_takes_them_for_the_same(self, sample, traditional, simplified):
        one, other = (sample.search(query, mode="text", k=50) for query in (traditional, simplified))
        assert len(one) > 0
        assert one.hits == other.hits


class TestLanguages:
    @pytest.mark.parametrize("mode", ["hybrid", "vector"])
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("用望遠鏡看星星", "sentence-telescope-en"),
            ("You can see the stars with a telescope", "sentence-telescope-zh"),
            ("房間裡有玫瑰的香味", "sentence-roses-en"),
            ("她喜歡音樂嗎", "sentence-music-en"),
        ],
    )
    def test_across(self, sample, mode, query, found):
        assert found in sample.search(query, mode=mode, k=5).ids

    def test_help_sentences_find_their_translation(self, sample):
        help = {row["id"]: row["text"] for row in ROWS if row["collection"] == "help"}
        pairs = {
            id.replace("-en", "-zh-tw"): text
            for id, text in help.items()
            if id.endswith("-en") and id.replace("-en", "-zh-tw") in help
        }
        found = ranks(sample, pairs, mode="vector", where={"language": "zh-Hant"})
        assert len(pairs) >= 15
        assert np.mean(found < 10) > 0.7


class TestPictures:
    @pytest.mark.parametrize(("language", "recall"), [("name_en", 0.3), ("name_zh_hant", 0.3)])
    def test_words_find_pictures_far_better_than_chance(self, sample, language, recall):
        queries = {row["id"]: row[language] for row in EMOJI[::2]}
        found = ranks(sample, queries, mode="vector", where={"collection": "emoji"})
        chance = 10 / len(EMOJI)
        assert np.mean(found < 10) > max(recall, 3 * chance)

    def test_they_are_found_among_texts(self, sample):
        assert "image" in {hit.kind for hit in sample.search("a strawberry", k=5)}

    def test_a_picture_finds_itself_and_its_like(self, sample):
        hits = sample.search(image=PICTURES / "clipart-red-apple.png", k=6)
        assert hits[0].id == "clipart-red-apple"
        assert hits[0].score == pytest.approx(1, abs=1e-3)
        assert sum("apple" in hit.id for hit in hits) >= 3
        assert {hit.kind for hit in hits} == {"image"}

    @pytest.mark.parametrize("form", ["path", "str", "bytes", "pillow"])
    def test_in_any_form(self, sample, form):
        from PIL import Image

        file = PICTURES / "clipart-frog.png"
        forms = {"path": file, "str": str(file), "bytes": file.read_bytes(), "pillow": Image.open(file)}
        assert sample.search(image=forms[form])[0].id == "clipart-frog"

    @pytest.mark.parametrize("name", ["missing.png", "missing", "a red apple"])
    def test_one_that_is_not_there_is_no_text(self, sample, name):
        with pytest.raises(UnreadableError):
            sample.search(image=name)


class TestFilters:
    @pytest.mark.parametrize(
        "where",
        [
            "collection = 'poem' and author = '李白'",
            {"collection": "poem", "author": "李白"},
            {"collection": ["poem"], "author": {"like": "李白"}},
        ],
    )
    @pytest.mark.parametrize("mode", ["hybrid", "vector"])
    def test_before_the_search(self, sample, where, mode):
        expected = {r["id"] for r in ROWS if r["collection"] == "poem" and r["author"] == "李白"}
        assert 2 <= len(expected) <= 20
        assert (
            set(sample.search("delete a table in a spreadsheet", where=where, mode=mode, k=50).ids)
            == expected
        )

    def test_as_many_as_asked_for_come_back_though_few_pass(self, sample):
        hits = sample.search("月", where="year < 1900", k=5)
        assert len(hits) == 5
        assert all(hit.fields["year"] < 1900 for hit in hits)

    def test_full_text_too(self, sample):
        hits = sample.search("apple", mode="text", where="collection = 'clipart'")
        assert len(hits) >= 3
        assert all(hit.id.startswith("clipart") for hit in hits)

    def test_nothing_passes(self, sample):
        hits = sample.search("月", where="year < -5000")
        assert len(hits) == 0
        assert "no hits" in str(hits)

    def test_an_unknown_field_is_an_error(self, sample):
        with pytest.raises(FilterError, match=r"yeer.*year"):
            sample.search("月", where="yeer > 2000")

    def test_a_filter_that_does_not_parse_is_an_error(self, sample):
        with pytest.raises(FilterError, match="expected"):
            sample.search("月", where="year >")


class TestHowMany:
    @pytest.mark.parametrize("mode", ["hybrid", "vector"])
    @pytest.mark.parametrize("k", [1, 7, 250, 5000])
    def test_k_hits_or_all_there_are(self, sample, mode, k):
        hits = sample.search("the moon", mode=mode, k=k)
        assert len(hits) == min(k, len(sample))
        assert len(set(hits.ids)) == len(hits)

    @pytest.mark.parametrize("mode", MODES)
    def test_best_first(self, sample, mode):
        scores = [hit.score for hit in sample.search("Harry Potter and the moon", mode=mode, k=50)]
        assert scores == sorted(scores, reverse=True)

    @pytest.mark.parametrize("mode", ["hybrid", "vector"])
    def test_fewer_are_the_first_of_more(self, sample, mode):
        more = sample.search("紅色的水果", mode=mode, k=40).ids
        assert sample.search("紅色的水果", mode=mode, k=10).ids == more[:10]

    def test_an_empty_collection(self, empty):
        hits = empty.search("apple")
        assert len(hits) == 0
        assert "empty" in hits.note

    def test_one_item(self, empty):
        empty.add(["蘋果"])
        assert [hit.text for hit in empty.search("苹果")] == ["蘋果"]

    @pytest.mark.parametrize("mode", MODES)
    def test_many_passages_of_few_items_do_not_crowd_out_the_rest(self, empty, mode):
        long = "".join(f"A story about the sea and its waves, chapter {n}. " for n in range(60))
        sea = [f"{long} {n}" for n in range(15)]
        empty.add([*sea, *(f"tax law {n}" for n in range(5))])
        hits = empty.search("a story about the sea", mode=mode, k=20)
        assert {hit.text for hit in hits[:15]} == set(sea)
        assert len(hits) == (15 if mode == "text" else 20)


class TestPercentiles:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("query", ["苹果", "用望遠鏡看星星", *NONSENSE])
    def test_are_between_0_and_100(self, sample, mode, query):
        assert all(0 <= hit.percentile <= 100 for hit in sample.search(query, mode=mode, k=40))

    @pytest.mark.parametrize("query", ["苹果", "用望遠鏡看星星", "Harry Potter"])
    def test_rise_with_the_score(self, sample, query):
        hits = sample.search(query, mode="text", k=100)
        shares = [hit.percentile for hit in hits]
        assert shares == sorted(shares, reverse=True)

    @pytest.mark.parametrize("query", ["紅色的水果", "用望遠鏡看星星"])
    @pytest.mark.parametrize("kind", ["text", "image"])
    def test_rise_with_the_similarity_within_a_modality(self, sample, query, kind):
        shares = [hit.percentile for hit in sample.search(query, mode="vector", k=100, where={"kind": kind})]
        assert shares == sorted(shares, reverse=True)

    @pytest.mark.parametrize("query", NONSENSE)
    def test_nonsense_has_no_good_match(self, sample, query):
        hits = sample.search(query, min_percentile=95)
        assert (len(hits), hits.note, str(hits)) == (0, "no good match", "no good match")

    @pytest.mark.parametrize("query", ["用望遠鏡看星星", "Harry Potter", "苹果"])
    def test_what_is_there_has_one(self, sample, query):
        hits = sample.search(query, min_percentile=95)
        assert 1 <= len(hits) < 10
        assert all(hit.percentile >= 95 for hit in hits)

    def test_a_small_collection_cannot_tell(self, empty):
        empty.add(["apple", "orange"])
        assert empty.search("apple")[0].percentile is None


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"text": "x", "k": 0}, "k=0"),
            ({"text": "x", "k": 2.5}, "k=2.5"),
            ({"text": "  "}, "empty"),
            ({}, "nothing to search by"),
            ({"negative": ["x"]}, "nothing to search by"),
            ({"text": "x", "mode": "fast"}, "hybrid, vector, text"),
            ({"text": "x", "metric": "manhattan"}, "cosine, dot, euclidean"),
            ({"text": "x", "min_percentile": 101}, "0 to 100"),
            ({"text": "x", "mode": "text", "positive": ["y"]}, "words only"),
            ({"positive": "id:1"}, "list"),
        ],
    )
    def test_with_a_reason(self, sample, asked, said):
        with pytest.raises(InputError, match=said):
            sample.search(**asked)

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"text": "x", "vector": "behaviour"}, "'meaning'"),
            ({"text": "x", "vector": "look"}, "takes no text"),
            ({"positive": ["id:nobody"]}, "nobody"),
        ],
    )
    def test_names_that_are_not_there(self, sample, asked, said):
        with pytest.raises(UnknownNameError, match=said):
            sample.search(**asked)

    def test_words_for_vectors_that_no_encoder_makes(self, empty):
        empty.add([firth.Item("1", vectors={"meaning": np.ones(3)}), firth.Item("2", text="蘋果")])
        assert empty.search("苹果").ids == ["2"]
        with pytest.raises(UnknownNameError, match="bring yourself"):
            empty.search("苹果", mode="vector")
