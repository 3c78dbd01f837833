"""Hits: a sequence that prints, and goes on as dicts, Arrow, pandas and HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import pytest

from firth import Hit, Item
from firth.search import Hits
from firth.text import display_width


@pytest.fixture(scope="module")
def hits(sample) -> Hits:
    return sample.search("紅色的蘋果 red apple", k=12)


class TestASequence:
    def test_it_is_one(self, hits):
        assert isinstance(hits, Sequence)
        assert len(hits) == 12 == len(list(hits))
        assert hits[0] in hits
        assert hits[-1] == list(hits)[-1]
        assert hits.index(hits[3]) == 3
        assert all(isinstance(hit, Hit) for hit in hits)

    def test_a_slice_is_hits(self, hits):
        assert isinstance(hits[:3], Hits)
        assert hits[:3].ids == hits.ids[:3]
        assert hits[:3].query == hits.query

    def test_none_is_false(self):
        assert not Hits(())


class TestForms:
    def test_list(self, hits):
        records = hits.to_list()
        assert [record["id"] for record in records] == hits.ids
        assert json.loads(json.dumps(records, ensure_ascii=False)) == records

    def test_arrow(self, hits):
        table = hits.to_arrow()
        assert table["id"].to_pylist() == hits.ids
        assert table["score"].to_pylist() == [hit.score for hit in hits]
        assert {"percentile", "kind", "text", "path", "passage", "collection", "licence"} <= set(
            table.column_names
        )
        passages = [hit.passage.text if hit.passage else None for hit in hits]
        assert table["passage"].to_pylist() == passages

    def test_pandas(self, hits):
        pytest.importorskip("pandas")
        assert hits.to_pandas()["id"].tolist() == hits.ids

    def test_fields_named_like_ours_are_kept_apart(self, empty):
        empty.add(
            [Item("1", text="apple", fields={"score": 5, "kind": "fruit", "when": datetime(2020, 1, 1)})]
        )
        table = empty.search("apple").to_arrow()
        assert table["field:score"].to_pylist() == [5]
        assert table["field:kind"].to_pylist() == ["fruit"]
        assert table["kind"].to_pylist() == ["text"]

    def test_of_none(self):
        assert Hits(()).to_list() == []
        assert len(Hits(()).to_arrow()) == 0


class TestPrinted:
    @pytest.mark.parametrize("query", ["紅色的蘋果", "用望遠鏡看星星", "Harry Potter", "日月山川"])
    @pytest.mark.parametrize("mode", ["hybrid", "vector", "text"])
    def test_it_fits_a_hundred_columns(self, sample, query, mode):
        for line in str(sample.search(query, mode=mode, k=40)).splitlines():
            assert display_width(line) <= 100

    def test_a_line_a_hit(self, hits):
        assert len(str(hits).splitlines()) == len(hits)
        assert hits[0].id[:20] in str(hits)

    def test_nothing_steers_the_terminal(self, empty):
        empty.add([Item("a\n\x1b[31mred", text="一\n二\x1b[0m\t三 apple")])
        text = str(empty.search("apple"))
        assert len(text.splitlines()) == 1
        assert "\x1b" not in text

    def test_pictures_by_their_names(self, sample):
        found = sample.search(positive=["id:emoji-1f34e"], vector="look", where={"collection": "emoji"}, k=3)
        assert found[0].fields["name_en"] in str(found)

    def test_the_note(self):
        assert str(Hits(())) == "no hits"
        assert str(Hits((), note="no good match")) == "no good match"


class TestHtml:
    def test_text_is_escaped(self, empty):
        empty.add([Item("<b>1</b>", text="<script>alert(1)</script> apple & pear")])
        page = empty.search("apple")._repr_html_()
        assert "<script>" not in page
        assert "<b>" not in page
        assert "&lt;script&gt;" in page

    def test_names_are_escaped(self):
        page = Hits((Hit("1", 1.0, "image", fields={"name": "<i>x</i>"}),), note="<u>")._repr_html_()
        assert "<i>" not in page
        assert "<u>" not in page

    def test_pictures_are_shown(self, sample):
        found = sample.similar("clipart-frog", vector="look", k=3)
        assert found._repr_html_().count("data:image/webp;base64,") == 3
