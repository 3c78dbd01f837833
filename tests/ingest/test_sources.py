"""Anything a user has at hand goes in, and is found."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from firth import sample as bundled

ROWS = {"key": [1, 2, 3], "title": ["Apples", "橘子", "Trains"], "year": [1990, 2000, 2010]}
PICTURES = bundled.path() / "pictures"


def pandas_frame():
    return pytest.importorskip("pandas").DataFrame(ROWS)


def polars_frame():
    return pytest.importorskip("polars").DataFrame(ROWS)


def arrow_table():
    import pyarrow as pa

    return pa.table(ROWS)


def dicts():
    return [dict(zip(ROWS, values, strict=True)) for values in zip(*ROWS.values(), strict=True)]


@pytest.mark.parametrize("make", [pandas_frame, polars_frame, arrow_table, dicts])
def test_a_table_in_memory(empty, make):
    report = empty.add(make(), id="key", text="title")
    assert report.added == ("1", "2", "3")
    assert empty.search("苹果", mode="vector")[0].id == "1"
    assert empty.search("oranges", mode="vector")[0].id == "2"
    assert empty.search("火車", where="year > 2000").ids == ["3"]
    assert empty.add(make(), id="key", text="title").unchanged == ("1", "2", "3")


def test_lines_of_a_stream(empty):
    report = empty.add(io.StringIO("蘋果是水果\n\nTrains leave at noon.\n蘋果是水果\n"))
    assert len(report.added) == 2
    assert "same text" in report.skipped[0].reason
    assert empty.search("苹果")[0].text == "蘋果是水果"


def test_pictures_of_pillow(empty):
    files = sorted(PICTURES.glob("clipart-*apple*.png"))[:3]
    pictures = [Image.open(file) for file in files]
    report = empty.add(pictures, ids=[file.stem for file in files])
    assert len(report.added) == 3
    assert empty.add(pictures, ids=[file.stem for file in files]).unchanged == report.added
    hits = empty.search(image=files[1])
    assert hits[0].id == files[1].stem
    assert hits[0].score == pytest.approx(1, abs=1e-4)
    assert set(hits.thumbs) == set(hits.ids)


class TestAFolder:
    @pytest.fixture
    def source(self, tmp_path):
        source = tmp_path / "things"
        (source / "books").mkdir(parents=True)
        for name in ("clipart-frog", "clipart-banana"):
            (source / f"{name}.png").write_bytes((PICTURES / f"{name}.png").read_bytes())
        (source / "clipart-frog.txt").write_text("春天池塘裡的居民", "utf-8")
        (source / "books" / "note.md").write_text("# 火車\n\nTrains leave at noon.", "utf-8")
        (source / "books" / "t.csv").write_text("id,text,price\nx,一張舊桌子,12\ny,A new lamp,7.5\n", "utf-8")
        return source

    def test_of_pictures_captions_documents_and_tables(self, folder, source):
        report = folder.add(source)
        assert not report.skipped
        names = {"clipart-frog.png", "clipart-banana.png", "books/note.md"}
        assert set(report.added) == {f"things/{name}" for name in names} | {"x", "y"}
        assert folder.status()["kinds"] == {"text": 3, "image": 2}
        assert folder.search("lamp", where="price < 10").ids[0] == "y"

    def test_words_of_names_are_found(self, folder, source):
        folder.add(source)
        assert folder.search("banana", mode="text").ids == ["things/clipart-banana.png"]

    def test_a_caption_and_its_picture_are_two_views(self, folder, source):
        folder.add(source)
        frog = "things/clipart-frog.png"
        parts = {
            row["part"]: row
            for table in folder.store.scan(
                ["part", "text", "v_meaning", "v_look", "thumb"], ids=[frog], parts=True
            )
            for row in table.to_pylist()
        }
        assert set(parts) == {0, 1}
        assert parts[0]["text"] == "春天池塘裡的居民"
        assert parts[0]["thumb"][:4] == b"RIFF"
        assert parts[0]["v_look"] is not None
        assert parts[1]["text"] is parts[1]["thumb"] is parts[1]["v_look"] is None
        assert parts[1]["v_meaning"] is not None

    @pytest.mark.parametrize("query", ["池塘里的居民", "who lives in a pond in spring"])
    def test_it_is_found_by_its_caption(self, folder, source, query):
        folder.add(source)
        assert folder.search(query, mode="vector")[0].id == "things/clipart-frog.png"

    @pytest.mark.parametrize("query", ["a green frog", "青蛙"])
    def test_it_is_found_by_what_is_seen(self, folder, source, query):
        folder.add(source)
        pictures = folder.search(query, mode="vector", where="kind = 'image'")
        assert pictures[0].id == "things/clipart-frog.png"

    def test_a_changed_caption_is_a_change(self, folder, source):
        folder.add(source)
        (source / "clipart-frog.txt").write_text("青蛙", "utf-8")
        assert folder.add(source).updated == ("things/clipart-frog.png",)


def test_a_picture_that_does_not_decode_is_named_and_the_rest_goes_on(folder, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    good, bad = source / "good.png", source / "bad.png"
    good.write_bytes((PICTURES / "clipart-frog.png").read_bytes())
    bad.write_bytes(good.read_bytes()[:500])
    report = folder.add(source)
    assert report.added == ("source/good.png",)
    assert [skip.source for skip in report.skipped] == ["source/bad.png"]
