"""``firth status``, ``ls``, ``get``, ``rm`` and ``export``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import firth


class TestStatus:
    def test_says_what_there_is(self, run, added):
        done = run("status", "-c", added)
        assert "4 items: 4 text" in done.out
        assert "vector meaning: 512-d, text by use" in done.out
        assert [line.split() for line in done.out.splitlines()[-2:]] == [
            ["year", "int64"],
            ["stars", "double"],
        ]

    def test_fits_the_terminal_with_chinese_fields(self, run, tmp_path, shelf):
        table = tmp_path / "表.csv"
        table.write_text(
            "id,text,一個名字非常非常非常長的欄位有時候也會出現在表格裡面哦真的\n1,好,2\n", "utf-8"
        )
        run("add", table, "-c", shelf)
        lines = run("status", "-c", shelf).out.splitlines()
        assert all(len(line) <= 80 for line in lines[1:])

    def test_json(self, run, added):
        (found,) = run("status", "-c", added, "--json").records
        assert found["items"] == 4
        assert found["vectors"]["meaning"]["dim"] == 512


class TestLs:
    def test_lists_items_in_lines_that_fit(self, run, sample):
        done = run("ls", "-c", "sample", "-n", 50)
        assert done.out.splitlines()[0].split() == ["id", "kind", "text"]
        assert done.out.splitlines()[-1] == f"and {len(sample) - 50:,} more; -n shows more"
        assert done.widest <= 80

    def test_poems_fit_too(self, run, sample):
        done = run("ls", "-c", "sample", "--where", "collection = 'poem'")
        assert 70 <= done.widest <= 80

    def test_filtered_json(self, run, added):
        rows = run("ls", "-c", added, "--where", "year = 1952", "--json").records
        assert sorted(row["id"] for row in rows) == ["3", "4"]

    def test_nothing_passes(self, run, added):
        assert run("ls", "-c", added, "--where", "year = 1").out == "no items\n"

    def test_collections(self, run, monkeypatch, tmp_path):
        monkeypatch.setenv("FIRTH_HOME", str(tmp_path / "home"))
        assert "no collections yet" in run("ls", "--collections").out
        run("add", "-", "-c", "詩", stdin="床前明月光\n".encode())
        run("add", "-", stdin=b"a line\n")
        assert run("ls", "--collections").out.split() == ["default", "詩"]
        assert run("ls", "--collections", "--json").records == [
            {"collection": "default"},
            {"collection": "詩"},
        ]


class TestGet:
    def test_shows_every_field_zeros_too(self, run, added):
        done = run("get", "4", "-c", added)
        assert done.code == 0
        assert done.out.splitlines()[:2] == ["id: 4", "kind: text"]
        assert "stars: 0" in done.out
        assert "The Old Man and the Sea\nErnest Hemingway" in done.out

    def test_vectors_are_hinted_at_for_people(self, run, added):
        lines = run("get", "1", "-c", added, "--vectors").out.splitlines()
        (line,) = [line for line in lines if line.startswith("vector ")]
        assert line.startswith("vector meaning: 512-d, ")
        assert len(line) <= 80

    def test_and_given_whole_to_programs(self, run, added):
        (row,) = run("get", "1", "-c", added, "--vectors", "--json").records
        ids, vectors = firth.open(added).vectors()
        assert row["text"] == "紅樓夢\n曹雪芹"
        assert row["vectors"]["meaning"] == pytest.approx(vectors[ids.index("1")].tolist())

    def test_a_missing_id_is_named(self, run, added):
        done = run("get", "1", "沒有", "-c", added, "--json")
        assert done.code == 1
        assert [row["id"] for row in done.records] == ["1"]
        assert done.err == "firth: 1 not there: 沒有\n"


class TestRm:
    def test_removes(self, run, added):
        done = run("rm", "1", "3", "-c", added)
        assert (done.code, done.out) == (0, "2 removed\n")
        assert "2 items" in run("status", "-c", added).out

    def test_a_missing_id_is_code_1(self, run, added):
        done = run("rm", "1", "沒有", "-c", added)
        assert (done.code, done.out) == (1, "1 removed\n")
        assert "沒有" in done.err


class TestExport:
    @pytest.fixture
    def whole(self, added):
        return {row["id"]: row for row in firth.open(added).items(vectors=True)}

    def test_parquet_holds_the_same(self, run, added, whole, tmp_path):
        path = tmp_path / "書.parquet"
        assert run("export", path, "-c", added).out == f"4 items -> {path}\n"
        for row in pq.read_table(path).to_pylist():
            assert_same(row, whole[row["id"]])

    def test_jsonl_holds_the_same(self, run, added, whole, tmp_path):
        path = tmp_path / "書.jsonl"
        run("export", path, "-c", added)
        assert "紅樓夢" in path.read_text("utf-8")
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert len(rows) == 4
        for row in rows:
            assert_same(row, whole[row["id"]])

    def test_npy_holds_the_vectors_and_ids_beside(self, run, added, whole, tmp_path):
        path = tmp_path / "書.npy"
        run("export", path, "-c", added)
        ids = Path(tmp_path / "書.ids.txt").read_text("utf-8").splitlines()
        array = np.load(path)
        assert array.shape == (4, 512)
        for id, vector in zip(ids, array, strict=True):
            assert np.array_equal(vector, np.float32(whole[id]["vectors"]["meaning"]))

    def test_without_vectors(self, run, added, tmp_path):
        run("export", tmp_path / "a.parquet", "-c", added, "--no-vectors")
        names = pq.read_table(tmp_path / "a.parquet").column_names
        assert names == ["id", "kind", "text", "path", "source", "year", "stars"]

    def test_what_was_exported_can_be_added_again(self, run, added, tmp_path):
        run("export", tmp_path / "a.jsonl", "-c", added, "--no-vectors")
        copy = str(tmp_path / "copy")
        assert run("add", tmp_path / "a.jsonl", "-c", copy, "--text", "text").code == 0
        assert run("search", "红楼梦", "-c", copy, "-n", 1, "--json").records[0]["id"] == "1"

    def test_another_ending_is_refused(self, run, added, tmp_path):
        done = run("export", tmp_path / "a.xlsx", "-c", added)
        assert done.code == 2
        assert done.err == "firth: got 'a.xlsx'; export writes .parquet, .jsonl, .npy\n"


def assert_same(row, record):
    assert row["text"] == record["text"]
    assert (row["year"], row["stars"]) == (record["fields"]["year"], record["fields"]["stars"])
    assert row["vector:meaning"] == pytest.approx(record["vectors"]["meaning"], abs=1e-7)
