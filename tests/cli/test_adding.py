"""``firth add``."""

from __future__ import annotations

import pytest

LINES = "蘋果是一種水果\nTrains leave at noon\n\n苹果公司发布了新手机\n".encode()


class TestLines:
    def test_standard_input_is_one_item_a_line(self, run, shelf):
        done = run("add", "-", "-c", shelf, stdin=LINES)
        assert (done.code, done.err) == (0, "")
        assert done.out == f"stdin -> {shelf}: 3 added\n"

    def test_again_they_are_unchanged(self, run, shelf):
        run("add", "-", "-c", shelf, stdin=LINES)
        assert "0 added, 3 unchanged" in run("add", "-", "-c", shelf, stdin=LINES).out

    def test_a_byte_that_is_not_utf8_costs_its_line(self, run, shelf):
        done = run("add", "-", "-c", shelf, stdin=b"one\n\xff two\n" + "三\n".encode())
        assert done.code == 1
        assert "2 added, 1 skipped" in done.out
        assert "line 2: holds a byte that is not UTF-8 (0xff)" in done.out


class TestJson:
    def test_one_object_an_item_then_the_report(self, run, books, shelf):
        done = run("add", books, "-c", shelf, "--id", "title", "--text", "title", "--json")
        *items, report = done.records
        assert [item["status"] for item in items] == ["added"] * 4
        assert [item["id"] for item in items][::2] == ["紅樓夢", "老人與海"]
        assert "老人與海" in done.out
        assert report == {
            "status": "report",
            "source": str(books),
            "added": 4,
            "updated": 0,
            "unchanged": 0,
            "skipped": 0,
            "vanished": 0,
            "pruned": False,
            "notes": [],
        }

    def test_what_is_skipped_says_why(self, run, books, shelf):
        books.write_text(books.read_text("utf-8") + "5,太多,欄,了,嗎,呢\n", "utf-8")
        done = run("add", books, "-c", shelf, "--json")
        (skipped,) = [record for record in done.records if record["status"] == "skipped"]
        assert done.code == 1
        assert skipped["source"] == "books.csv row 5"
        assert "6 cells; the header names 5" in skipped["reason"]


class TestReport:
    def test_skipped_things_are_named_and_counted(self, run, tmp_path, shelf):
        table = tmp_path / "many.csv"
        table.write_text("id,text\n" + "".join(f"{n},ok\n{n},twice\n" for n in range(30)), "utf-8")
        done = run("add", table, "-c", shelf)
        assert done.code == 1
        assert "30 added, 30 skipped" in done.out
        assert done.out.count("\n  skipped many.csv row") == 20
        assert "and 10 more; --json names all" in done.out

    def test_what_vanished_is_told_and_pruned_when_asked(self, run, books, added):
        books.write_text("\n".join(books.read_text("utf-8").splitlines()[:-1]) + "\n", "utf-8")
        arguments = ("add", books, "-c", added, "--id", "number", "--text", "title", "--text", "author")
        kept = run(*arguments)
        assert kept.code == 0
        assert "1 vanished" in kept.out
        run(*arguments, "--prune")
        assert run("get", "4", "-c", added).code == 1

    def test_several_sources_are_reported_one_by_one(self, run, books, tmp_path, shelf):
        note = tmp_path / "筆記.md"
        note.write_text("# 望遠鏡\n看星星\n", "utf-8")
        done = run("add", books, note, "-c", shelf)
        assert done.code == 0
        heads = [line for line in done.out.splitlines() if not line.startswith("  ")]
        assert heads == [f"{books} -> {shelf}: 4 added", f"{note} -> {shelf}: 1 added"]


class TestErrors:
    def test_a_path_that_is_not_there_does_not_stop_the_others(self, run, books, shelf):
        done = run("add", "沒有這個.txt", books, "-c", shelf)
        assert done.code == 2
        assert done.err.startswith("firth: no file or folder '沒有這個.txt'")
        assert "4 added" in done.out

    def test_a_column_that_is_not_there_is_named(self, run, books, shelf):
        done = run("add", books, "-c", shelf, "--text", "標題")
        assert done.code == 2
        assert done.err.startswith("firth: ")
        assert "標題" in done.err
        assert "title" in done.err

    def test_no_path_is_a_usage_error(self, run):
        done = run("add")
        assert done.code == 2
        assert "Missing argument" in done.err

    @pytest.mark.parametrize("model", ["us", "lite0"])
    def test_a_model_that_cannot_be_is_refused(self, run, books, shelf, model):
        done = run("add", books, "-c", shelf, "--model", model)
        assert done.code == 2
        assert done.err.startswith("firth: got ")


class TestModel:
    def test_the_environment_chooses_for_a_new_collection(self, run, added):
        assert "text by use" in run("status", "-c", added).out

    def test_and_leaves_one_that_is_there_alone(self, run, added, monkeypatch):
        monkeypatch.setenv("FIRTH_MODEL", "e5-small")
        assert run("add", "-", "-c", added, stdin=LINES).code == 0

    def test_an_option_that_contradicts_is_an_error(self, run, added):
        done = run("add", "-", "-c", added, "--model", "minilm", stdin=LINES)
        assert done.code == 2
        assert "was encoded with 'use'" in done.err
