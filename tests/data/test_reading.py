import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image

import firth.data
from firth.data import content_id, read, total
from firth.errors import InputError, UnreadableError
from firth.types import Item

from .made import both, items


def test_the_door_is_light():
    heavy = ["pyarrow", "PIL", "lxml", "docx", "simplejpeg", "pypdfium2", "pandas", "polars"]
    script = f"import sys, firth.data; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_public_names_are_there():
    assert all(hasattr(firth.data, name) for name in firth.data.__all__)


def test_texts_keep_their_id_when_they_are_added_again():
    first, second = items(["會魔法的少年", "apple"]), items(["apple"])
    assert first[1].id == second[0].id == content_id(b"apple")
    assert len(first[1].id) == 16


def test_lists_of_texts_name_what_is_empty_or_comes_again():
    good, bad = both(["蘋果", "", "橘子", "蘋果", "a\x00", "\ud800"])
    assert [item.text for item in good] == ["蘋果", "橘子"]
    assert [str(x) for x in bad] == [
        "text 2: empty",
        "text 4: same text as text 1",
        "text 5: holds a zero byte. Next: send UTF-8",
        "text 6: holds half a surrogate pair. Next: send UTF-8",
    ]


def test_lines_of_a_stream():
    good, bad = both(io.StringIO("蘋果\r\n\n  \n橘子\n蘋果"))
    assert [item.text for item in good] == ["蘋果", "橘子"]
    assert [str(x) for x in bad] == ["line 5: same text as line 1"]


def test_a_stream_that_is_not_utf8():
    stream = io.TextIOWrapper(io.BytesIO("蘋果\n".encode() + b"\xff\n"), encoding="utf-8")
    good, bad = both(stream)
    assert len(good) + len(bad) >= 1
    assert "Next: send UTF-8" in bad[-1].reason
    data = io.BytesIO("蘋果\n".encode() + b"\xff\n")
    forgiving = io.TextIOWrapper(data, encoding="utf-8", errors="surrogateescape")
    _, bad = both(forgiving)
    assert str(bad[0]) == "line 2: holds a byte that is not UTF-8 (0xff). Next: send UTF-8"


def test_streams_are_read_lazily():
    class Endless(io.TextIOBase):
        number = 0

        def __next__(self):
            self.number += 1
            return f"line {self.number}\n"

    stream = Endless()
    assert next(read(stream)).text == "line 1"
    assert stream.number == 1


def test_generators_are_read_lazily():
    taken = []
    found = read(taken.append(n) or f"text {n}" for n in range(10))
    assert next(found).text == "text 0"
    assert taken == [0]
    assert len(list(found)) == 9


def test_pil_images():
    red, blue = Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")
    good, bad = both([red, blue, red.copy()])
    assert [item.image for item in good] == [red, blue]
    assert [str(x) for x in bad] == ["picture 3: same picture as picture 1"]
    assert [item.id for item in items([blue])] == [good[1].id]


def test_items_pass_as_they_are():
    given = [
        Item("1", text="蘋果"),
        Item("1", text="again"),
        Item("", text="x"),
        Item("2"),
        Item("3", text="\x00"),
    ]
    given.append(Item("4", vectors={"meaning": np.array([np.nan], np.float32)}))
    good, bad = both(given)
    assert good == given[:1]
    assert [x.source for x in bad] == ["1", "item 3", "2", "3", "4"]
    assert items(given[0]) == given[:1]


def test_arrays():
    array = np.arange(6, dtype=np.float64).reshape(3, 2)
    found = items(array)
    assert [item.id for item in found] == ["0", "1", "2"]
    assert found[1].vectors["vector"].tolist() == [2, 3]
    assert found[1].vectors["vector"].dtype == np.float32
    assert found[1].kind == "vector"
    good, bad = both(array, ids=["a", "書", "a"])
    assert [item.id for item in good] == ["a", "書"]
    assert str(bad[0]) == "row 3: id 'a' again (first in row 1)"


def test_an_item_does_not_hold_the_whole_array():
    assert items(np.ones((3, 2), np.float32))[0].vectors["vector"].base is None


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(3), r"got an array \(3,\)"),
        (np.ones((2, 2, 2)), "expected numbers"),
        (np.array([["a"]], object), "of object"),
        (np.ones((3, 0)), r"\(3, 0\)"),
        (np.array([[1.0, 2.0], [np.nan, 1.0]]), "row 1 holds NaN"),
        (np.array([[1e300]]), "row 0 holds NaN or infinity"),
    ],
)
def test_arrays_that_are_no_vectors(array, message):
    with pytest.raises(ValueError, match=message):
        read(array)


def test_ids_for_texts():
    assert [item.id for item in items(["a", "b"], ids=["1", "2"])] == ["1", "2"]
    with pytest.raises(InputError, match="got 1 ids for 2 items"):
        read(["a", "b"], ids=["1"])
    with pytest.raises(InputError, match="got ids for tables"):
        read(pa.table({"text": ["a"]}), ids=["1"])


def test_a_list_of_paths(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    assert [item.id for item in items([tmp_path / "a.txt", tmp_path / "b.txt"])] == ["a.txt", "b.txt"]
    _, bad = both([tmp_path / "a.txt", tmp_path / "a.txt"])
    assert str(bad[0]) == "a.txt: its name is an id already (first in a.txt). Next: rename it"


@pytest.mark.parametrize(
    "path", ["no such file.txt", "會魔法的少年在倫敦的書店裡" * 100, "a\x00b", Path("/none/x")]
)
def test_a_path_that_is_not_there(path):
    with pytest.raises(UnreadableError, match="a text of your own goes into a list"):
        read(path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (5, "got a int; expected a path"),
        (None, "got a NoneType"),
        (b"bytes", "got a bytes"),
        ({"text": "a"}, "got a dict"),
        (io.BytesIO(b"a"), "got a _io.BytesIO"),
        ([1, 2], "element 1 is a int; expected"),
        (["a", 5], "element 2 is a int after 1 of another kind"),
        (["a", {"text": "b"}], "element 2 is a dict"),
        ([None], "element 1 is a NoneType"),
        (pd.Series(["a"]), "got a Series, a single column"),
        (pl.Series(["a"]), "got a Series, a single column"),
    ],
)
def test_what_cannot_be_added(source, message):
    with pytest.raises(InputError, match=message):
        list(read(source))


def test_a_generator_of_several_kinds_fails_where_they_part():
    found = read(x for x in ["a", 5])
    assert next(found).text == "a"
    with pytest.raises(InputError, match="element 2"):
        next(found)


@pytest.mark.parametrize("source", [[], (), iter([]), np.array([], dtype="U1")])
def test_nothing(source):
    assert list(read(source)) == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        (["a", "b"], 2),
        (np.ones((3, 2)), 3),
        (pl.DataFrame({"text": []}), 0),
        (pd.DataFrame({"text": ["a"]}), 1),
        (pa.table({"text": ["a"]}), 1),
        (pa.table({"text": ["a"]}).to_reader(), None),
        ((x for x in "ab"), None),
        (io.StringIO("a"), None),
    ],
)
def test_totals(source, count):
    assert total(source) == count


def test_totals_of_files(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "a.csv").write_text("text\na\n")
    (tmp_path / "a.parquet").write_bytes(b"broken")
    assert [total(tmp_path / name) for name in ("a.txt", "a.csv", "a.parquet")] == [1, None, None]
