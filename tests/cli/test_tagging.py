"""``firth tags``, ``firth axis``, ``firth probe`` as a person types them."""

from __future__ import annotations

import json

import pytest
from tests.analysis.tags.made import library, shelf

ITEMS, TRUTH = library()
TEXTS = {item.id: item.text for item in ITEMS}


@pytest.fixture(scope="module")
def library_at(tmp_path_factory):
    place = str(tmp_path_factory.mktemp("tagging") / "藏書")
    shelf(ITEMS, place)
    return place


class TestTags:
    def test_a_table_that_fits(self, run, library_at):
        done = run("tags", "魔法", "戰爭", "-c", library_at, "--sort", "魔法", "-n", 12)
        assert (done.code, done.err) == (0, "")
        trust, rows, notes = done.out.split("\n\n")
        assert [line.split()[0] for line in trust.splitlines()] == ["tag", "魔法", "戰爭"]
        assert "AUC" in trust
        head, *lines = rows.splitlines()
        assert head.split() == ["魔法", "戰爭", "id", "text"] and len(lines) == 12
        assert sum(line.split()[2].startswith("magic-") for line in lines) >= 10
        assert all(TEXTS[line.split()[2]] in line for line in lines)
        assert notes.startswith("scored by meaning and behaviour; 10% of the items")
        assert done.widest <= 80

    def test_notes_are_broken_where_the_terminal_ends(self, run, library_at, tmp_path):
        table = tmp_path / "讀者.csv"
        lines = [f"{id},科幻" for id in TRUTH["magic"][:9]] + [f"沒有這本書的編號-{i},科幻" for i in range(9)]
        table.write_text("\n".join(["item,tag", *lines]), "utf-8")
        done = run("tags", "魔法師與龍", "科幻", "-c", library_at, "--tagged", table, "-n", 1)
        assert (done.code, done.err) == (0, "")
        flat = " ".join(done.out.split())
        assert "9 of 18 tagged ids are no items of this collection: '沒有這本書的編號-0'," in flat
        assert "nobody has tagged an item with 魔法師與龍" in flat
        assert done.widest <= 80

    def test_json_has_every_item_and_the_reliability_on_stderr(self, run, library_at):
        done = run("tags", "magic", "-c", library_at, "--json")
        assert {record["id"] for record in done.records} == {item.id for item in ITEMS}
        assert all(0 <= record["scores"]["magic"] <= 1 for record in done.records)
        assert "AUC" in done.err and "scored by meaning and behaviour" in done.err

    def test_examples_counterexamples_and_further_words(self, run, library_at):
        asked = ["tags", "a", "b", "-c", library_at, "--sort", "a", "--json", "--words", "b=war,戰爭"]
        ids = ",".join(TRUTH["cooking"][:9])
        done = run(*asked, "--example", f"a={ids}", "--counterexample", f"a={TRUTH['war'][0]}")
        assert "from 9 examples" in done.err
        assert sum(record["id"].startswith("cooking") for record in done.records[:10]) >= 8

    def test_readers_tags(self, run, library_at):
        assert "from 40 examples" in run("tags", "magic", "-c", library_at, "--tagged", "topic").out

    def test_saved_scores_can_be_searched_and_listed_by(self, run, tmp_path):
        place = str(tmp_path / "saved")
        shelf(ITEMS[::4], place)
        kept = run("tags", "魔法", "-c", place, "--tagged", "topic", "--save").out.splitlines()[-1]
        assert kept == 'kept as tag:魔法. Next: firth search --where "tag:魔法 > 0.8"'
        records = run("search", "book", "-c", place, "--where", "tag:魔法 > 0.1", "--json", "-n", 50).records
        assert records and all(record["fields"]["tag:魔法"] > 0.1 for record in records)
        missing = run("search", "book", "-c", place, "--where", "tag:戰爭 > 0.1")
        assert missing.code == 2 and "firth tags 戰爭 --save" in missing.err

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ([], "Missing argument"),
            (["a", "a"], "'a' twice"),
            (["奇幻,魔法"], "Next: firth tags 奇幻 魔法"),
            (["a", "--share", "2"], "between 0 and 1"),
            (["a", "--example", "a"], "TAG=VALUE"),
            (["a", "--example", "a=none"], "'none' of 'a'"),
            (["a", "--words", "b=c"], "words for 'b'"),
            (["a", "--tagged", "none"], "no field 'none'"),
            (["a", "--sort", "b"], "no tag 'b'"),
        ],
    )
    def test_errors(self, run, library_at, arguments, said):
        done = run("tags", *arguments, "-c", library_at)
        assert done.code == 2
        assert said in done.err


class TestAxis:
    def test_both_ends(self, run, library_at):
        done = run("axis", "魔法", "戰爭", "-c", library_at, "-n", 4)
        assert (done.code, done.err) == (0, "")
        _, *lines, last = done.out.splitlines()
        places = [float(line.split()[0]) for line in lines]
        assert len(lines) == 8 and places == sorted(places)
        assert "magic" in lines[0] and "war" in lines[-1]
        assert all(TEXTS[line.split()[1]] in line for line in lines)
        assert "agree by" in last and done.widest <= 80

    def test_json(self, run, library_at):
        records = run("axis", "peace,和平", "war,戰爭", "-c", library_at, "--json").records
        assert len(records) == len(ITEMS) and list(records[0]) == ["id", "place"]

    @pytest.mark.parametrize(
        ("low", "high", "said"),
        [("a", "a", "got a as both poles"), ("id:none", "id:war-1", "'id:none' is no item")],
    )
    def test_errors(self, run, library_at, low, high, said):
        assert said in run("axis", low, high, "-c", library_at).err


class TestProbe:
    def test_a_table_and_a_figure(self, run, library_at, tmp_path):
        pytest.importorskip("matplotlib")
        path = tmp_path / "probe.svg"
        done = run("probe", "topic", "-c", library_at, "--vector", "behaviour", "-o", path)
        assert (done.code, done.err) == (0, "")
        assert len(done.out.splitlines()) == 4 and done.widest <= 80
        assert path.read_text("utf-8").lstrip().startswith("<?xml")

    def test_json(self, run, library_at):
        (record,) = run("probe", "topic=war", "-c", library_at, "--vector", "behaviour", "--json").records
        assert record["best_dimension"] == 1 and len(record["dimensions"]) == 16
        assert json.loads(json.dumps(record)) == record

    def test_readers_tags_and_ids_that_are_no_items(self, run, library_at, tmp_path):
        table = tmp_path / "readers.csv"
        lines = [f"{id},{topic}" for topic, ids in TRUTH.items() for id in ids]
        table.write_text("\n".join(["item,tag", *lines, "nowhere,war"]), "utf-8")
        done = run("probe", "war", "-c", library_at, "--vector", "behaviour", "--tagged", table)
        assert done.out.splitlines()[1].startswith("war")
        assert done.out.splitlines()[-1] == "1 of 121 tagged ids is no item of this collection: 'nowhere'"

    def test_errors(self, run, library_at):
        assert "no field" in run("probe", "colour", "-c", library_at).err
