import os
import shutil

import pytest
from PIL import Image

from firth.data import Columns, Limits, total

from .made import both, items, skipped


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "cats").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in ("cats/b.jpg", "cats/a.png", "cats/A.png", ".hidden/x.png", ".y.png"):
        Image.new("RGB", (4, 4)).save(folder / name)
    (folder / "cats" / "a.txt").write_text("一隻黑貓", encoding="utf-8")
    (folder / "notes.md").write_text("筆記", encoding="utf-8")
    (folder / "table.csv").write_text("title\n蘋果\n橘子\n", encoding="utf-8")
    (folder / "ids.csv").write_text("id,title\nx,香蕉\n", encoding="utf-8")
    return folder


def test_a_folder_in_the_order_of_names(photos):
    found = items(photos)
    assert [item.id for item in found] == [
        "photos/cats/A.png",
        "photos/cats/a.png",
        "photos/cats/b.jpg",
        "x",
        "photos/notes.md",
        "photos/table.csv#1",
        "photos/table.csv#2",
    ]
    picture = found[1]
    assert (picture.text, picture.words, picture.kind) == ("一隻黑貓", "photos cats a", "image")
    assert picture.image == photos / "cats" / "a.png"
    assert picture.path == str(picture.image)
    assert picture.source == found[4].source == str(photos)
    assert found[3].source == str(photos / "ids.csv")
    assert total(photos) == 6


def test_a_folder_by_a_relative_name(photos, monkeypatch):
    monkeypatch.chdir(photos / "cats")
    assert [item.id for item in items(".")] == ["cats/A.png", "cats/a.png", "cats/b.jpg"]
    assert items("../cats/b.jpg")[0].path == str(photos / "cats" / "b.jpg")
    assert items("..")[0].id == "photos/cats/A.png"


def test_one_picture_with_its_caption(photos):
    (item,) = items(photos / "cats" / "a.png")
    assert (item.id, item.text, item.words) == ("a.png", "一隻黑貓", "a")
    assert item.source == item.path


def test_a_caption_that_cannot_be_read_is_named_and_the_picture_added(photos):
    (photos / "cats" / "a.txt").write_bytes(b"\xff\xff\xff")
    good, bad = both(photos)
    assert next(item for item in good if item.id == "photos/cats/a.png").text is None
    assert [x.source for x in bad] == ["photos/cats/a.txt"]
    assert "which is added without" in bad[0].reason


def test_other_kinds_are_counted_by_their_ending(photos):
    for n in range(17):
        (photos / f"{n:02}.xyz").write_text("?")
    (photos / "README").write_text("?")
    _, bad = both(photos)
    assert [str(x).split(". Next")[0] for x in bad] == [
        "photos: 1 file without an ending (the first: photos/README): not a kind firth reads",
        "photos: 17 files ending in .xyz (the first: photos/00.xyz): not a kind firth reads",
    ]


def test_damaged_files_are_named_and_the_rest_is_added(photos):
    (photos / "cats" / "b.jpg").write_bytes(b"no picture")
    (photos / "notes.md").write_text("")
    (photos / "lost.txt").symlink_to(photos / "nowhere.txt")
    good, bad = both(photos)
    assert len(good) == 5
    assert {x.source: x.reason.split(".")[0].split(";")[0] for x in bad} == {
        "photos/cats/b.jpg": "not a picture in a known format",
        "photos/lost.txt": "cannot be read: No such file or directory",
        "photos/notes.md": "empty: there is no text in it",
    }


def test_links_in_a_circle(photos):
    (photos / "cats" / "up").symlink_to(photos)
    (photos / "self.txt").symlink_to(photos / "self.txt")
    good, bad = both(photos)
    assert len(good) == 7
    assert str(bad[0]) == "photos/cats/up: a link to a folder that is read already"
    assert bad[1].source == "photos/self.txt"


def test_a_folder_that_may_not_be_read(photos, monkeypatch):
    real = os.scandir

    def refuse(path):
        if str(path).endswith("cats"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    good, bad = both(photos)
    assert len(good) == 4
    assert [str(x) for x in bad] == ["photos/cats: cannot be read: Permission denied"]


def test_a_file_that_vanishes_while_the_folder_is_read(photos):
    from firth.data import read

    found = read(photos)
    assert next(found).id == "photos/cats/A.png"
    (photos / "notes.md").unlink()
    shutil.rmtree(photos / "cats")
    assert sum("No such file" in str(x) for x in found) == 3


def test_something_that_is_no_regular_file(photos):
    os.mkfifo(photos / "pipe.txt")
    _, bad = both(photos)
    assert [str(x) for x in bad] == ["photos/pipe.txt: not a regular file"]


def test_a_name_that_is_not_utf8(photos):
    (photos / os.fsdecode(b"caf\xe9.txt")).write_text("text")
    _, bad = both(photos)
    assert [str(x) for x in bad] == ["'photos/caf\\udce9.txt': its name is not UTF-8. Next: rename it"]


def test_the_same_id_in_two_tables(photos):
    (photos / "more.csv").write_text("id,title\ny,a\nx,b\n")
    _, bad = both(photos)
    assert [str(x) for x in bad] == [
        "photos/more.csv row 2: id 'x' again in row 2 (first in photos/ids.csv row 1)"
    ]


def test_a_column_that_one_of_the_tables_lacks(photos):
    good, bad = both(photos, columns=Columns(id="id"))
    assert "x" in [item.id for item in good]
    assert [x.source for x in bad] == ["photos/table.csv"]
    assert "no column 'id'" in bad[0].reason


def test_limits(photos):
    _, bad = both(photos, limits=Limits(file_bytes=1))
    assert {x.source for x in bad} == {
        "photos/cats/A.png",
        "photos/cats/a.png",
        "photos/cats/b.jpg",
        "photos/notes.md",
    }


def test_an_empty_folder(tmp_path):
    assert both(tmp_path) == ([], [])
    assert total(tmp_path) == 0


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "a.xyz").write_text("?")
    assert skipped(tmp_path / "a.xyz").startswith(
        "a.xyz: not a kind firth reads. Next: convert it to one of .bmp .csv"
    )
