"""``firth status``, ``ls``, ``get`` and ``rm``."""

from __future__ import annotations

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

    @pytest.mark.parametrize(
        ("more", "ids"), [([], ["2", "3", "4", "1"]), (["--ascending"], ["1", "3", "4", "2"])]
    )
    def test_sorted_by_a_field(self, run, added, more, ids):
        done = run("ls", "-c", added, "--sort", "year", *more)
        head, *lines = done.out.splitlines()
        assert head.split() == ["year", "id", "kind", "text"] and done.widest <= 80
        assert [line.split()[1] for line in lines] == ids
        first = run("ls", "-c", added, "--sort", "year", *more, "-n", 2, "--json").records
        assert [row["id"] for row in first] == ids[:2]

    def test_sorting_errors(self, run, added):
        assert "expected --sort" in run("ls", "-c", added, "--ascending").err
        assert "expected numbers or dates" in run("ls", "-c", added, "--sort", "author").err
        assert "firth tags 奇幻 --save" in run("ls", "-c", added, "--sort", "tag:奇幻").err

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


class TestRmWhere:
    """A filter may pass more than one thinks, so a person is asked, and a program has to say --yes."""

    def test_with_yes(self, run, added):
        done = run("rm", "--where", "year = 1952", "--yes", "-c", added)
        assert (done.code, done.out, done.err) == (0, "2 removed\n", "")
        assert "2 items" in run("status", "-c", added).out

    def test_where_nobody_can_be_asked(self, run, added):
        done = run("rm", "--where", "year = 1952", "-c", added)
        assert (done.code, done.out) == (2, "")
        said = "2 of 4 items pass 'year = 1952'; nothing was removed. Next: the same with --yes"
        assert done.err == f"firth: {said}\n"
        assert "4 items" in run("status", "-c", added).out

    @pytest.mark.parametrize("answer, code, left", [("y", 0, 2), ("n", 1, 4)])
    def test_on_a_terminal(self, run, added, monkeypatch, answer, code, left):
        monkeypatch.setattr("firth.cli.managing._is_asked_at_a_terminal", lambda: True)
        done = run("rm", "--where", "year = 1952", "-c", added, stdin=f"{answer}\n".encode())
        assert (done.code, len(firth.open(added))) == (code, left)
        assert "2 of 4 items pass 'year = 1952'. Remove them? [y/N]" in done.err

    def test_that_nothing_passes(self, run, added):
        done = run("rm", "--where", "year = 1", "-c", added)
        assert (done.code, done.out) == (0, "0 removed\n")

    @pytest.mark.parametrize("arguments", [[], ["1", "--where", "year = 1952"]])
    def test_neither_or_both(self, run, added, arguments):
        done = run("rm", *arguments, "-c", added)
        assert (done.code, done.out) == (2, "")
        assert "ids, or --where FILTER" in done.err
