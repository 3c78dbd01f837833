"""``firth copy`` and ``export``, and what was exported added again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import firth


class TestCopy:
    def test_says_what_is_the_same_on_both_sides(self, run, added, tmp_path):
        to = str(tmp_path / "副本")
        done = run("copy", added, to)
        assert (done.code, done.err) == (0, "")
        first, second = done.out.splitlines()
        assert first == f"{added} -> {to}: 4 copied"
        assert second.startswith("  4 items, 4 rows, digest ")
        assert second.endswith(" the same on both sides")
        assert run("search", "红楼梦", "-c", to, "-n", 1, "--json").records[0]["id"] == "1"

    def test_json(self, run, added, tmp_path):
        *items, report = run("copy", added, tmp_path / "to", "--json").records
        assert sorted(item["id"] for item in items) == ["1", "2", "3", "4"]
        assert {item["status"] for item in items} == {"copied"}
        assert (report["status"], report["items"], report["copied"]) == ("report", 4, 4)
        *items, again = run("copy", added, tmp_path / "to", "--json").records
        assert {item["status"] for item in items} == {"unchanged"}
        assert (again["copied"], again["unchanged"], again["digest"]) == (0, 4, report["digest"])

    def test_refuses_and_replaces(self, run, added, tmp_path):
        to = str(tmp_path / "to")
        run("add", "-", "-c", to, stdin="另一個\n".encode())
        done = run("copy", added, to)
        assert (done.code, done.out) == (2, "")
        assert "--replace" in done.err
        assert "4 copied, 1 removed" in run("copy", added, to, "--replace").out

    def test_of_nothing(self, run, tmp_path):
        done = run("copy", tmp_path / "nothing", tmp_path / "to")
        assert done.code == 2
        assert "no collection" in done.err
        assert not list(tmp_path.iterdir())

    def test_an_unfinished_one_is_told_by_status(self, run, added):
        firth.open(added).store.write_meta({"copying": "s3://bucket/書"})
        assert (
            "an unfinished copy of s3://bucket/書: firth copy finishes it" in run("status", "-c", added).out
        )


class TestAddAgain:
    def test_parquet_is_taken_as_it_is(self, run, added, tmp_path):
        path, to = tmp_path / "書.parquet", str(tmp_path / "to")
        run("export", path, "-c", added)
        done = run("add", path, "-c", to)
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines() == [
            f"{path} -> {to}: 4 added",
            "  an export of firth: taken as it is, vectors and all",
        ]
        assert "0 copied, 4 unchanged" in run("copy", added, to).out

    def test_jsonl_with_its_vectors_named(self, run, added, tmp_path):
        path, to = tmp_path / "書.jsonl", str(tmp_path / "to")
        run("export", path, "-c", added, "--where", "year = 1952")
        done = run("add", path, "-c", to, "--vector-column", "meaning=vector:meaning")
        assert (done.code, done.err) == (0, "")
        ids, vectors = firth.open(to).vectors()
        known, whole = firth.open(added).vectors()
        assert sorted(ids) == ["3", "4"]
        assert np.array_equal(vectors, whole[[known.index(id) for id in ids]])

    @pytest.mark.parametrize("option", ["meaning", "=x", "meaning="])
    def test_a_vector_column_without_two_names(self, run, books, shelf, option):
        done = run("add", books, "-c", shelf, "--vector-column", option)
        assert done.code == 2
        assert "expected NAME=COL" in done.err


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
        assert names == ["id", "kind", "text", "path", "source", "title", "author", "year", "stars"]

    def test_what_was_exported_can_be_added_again(self, run, added, tmp_path):
        run("export", tmp_path / "a.jsonl", "-c", added, "--no-vectors")
        copy = str(tmp_path / "copy")
        assert run("add", tmp_path / "a.jsonl", "-c", copy, "--text", "text").code == 0
        assert run("search", "红楼梦", "-c", copy, "-n", 1, "--json").records[0]["id"] == "1"

    def test_of_what_passes(self, run, added, tmp_path):
        path = tmp_path / "a.parquet"
        assert run("export", path, "-c", added, "--where", "year = 1952").out == f"2 items -> {path}\n"
        assert sorted(pq.read_table(path)["id"].to_pylist()) == ["3", "4"]

    def test_another_ending_is_refused(self, run, added, tmp_path):
        done = run("export", tmp_path / "a.xlsx", "-c", added)
        assert done.code == 2
        assert done.err == "firth: got 'a.xlsx'; export writes .parquet, .jsonl, .npy\n"


def assert_same(row, record):
    assert row["text"] == record["text"]
    assert (row["year"], row["stars"]) == (record["fields"]["year"], record["fields"]["stars"])
    assert row["vector:meaning"] == pytest.approx(record["vectors"]["meaning"], abs=1e-7)
