import io

import numpy as np
import pytest
from PIL import Image

from firth.data import Columns, Limits, guess_text, open_table
from firth.data.memory import records_table
from firth.errors import SchemaError

from .made import both, items, skipped


def picture(color="red", form="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (8, 6), color).save(file, form)
    return file.getvalue()


def guess(*names, **options):
    return guess_text(records_table([dict.fromkeys(names, "x")]), Columns(**options))


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("id", "text", "title"), ("title", "text")),
        (("Title", "authors"), ("Title",)),
        (("編號", "標題", "內容"), ("標題", "內容")),
        (("标题", "内容", "作者"), ("标题", "内容")),
        (("id", "sentence"), ("sentence",)),
        (("en", "zh"), ()),
        (("question", "answer", "description"), ("question", "description")),
    ],
)
def test_guess(names, text):
    assert guess(*names) == text


def test_the_guess_leaves_columns_that_mean_something_else():
    assert guess("name", "sentence", id="name") == ("sentence",)
    assert guess("caption", "file", image="file") == ("caption",)


def test_guess_of_a_file(tmp_path):
    (tmp_path / "a.csv").write_text("id,title,n\n1,a,2\n")
    assert guess_text(open_table(tmp_path / "a.csv")) == ("title",)


def test_text_columns_are_joined_in_the_given_order():
    row = {"id": "1", "title": "靜夜思", "author": "李白", "none": None, "tags": ["月", "鄉愁"], "year": 726}
    (item,) = items([row], columns=Columns(text=("author", "none", "title", "tags", "year")))
    assert item.text == "李白\n靜夜思\n月, 鄉愁\n726"
    assert item.fields == {key: value for key, value in row.items() if key != "id"}  # to filter by


def test_a_text_column_alone_is_no_field():
    (item,) = items([{"id": "1", "title": "靜夜思", "year": 726}], columns=Columns(text=("title",)))
    assert (item.text, item.fields) == ("靜夜思", {"year": 726})


@pytest.mark.parametrize("text", ["title", ["title"], ("title",)])
def test_text_columns_may_be_one_name_or_several(text):
    assert items([{"id": 1, "title": "a", "note": "b"}], columns=Columns(text=text))[0].text == "a"


def test_ids(tmp_path):
    rows = [
        {"ID": 12, "text": "a"},
        {"ID": None, "text": "b"},
        {"ID": "", "text": "c"},
        {"ID": [1], "text": "d"},
    ]
    good, bad = both(rows)
    assert [item.id for item in good] == ["12"]
    assert [x.source for x in bad] == ["table row 2", "table row 3", "table row 4"]
    assert bad[0].reason.startswith("no id.")
    assert bad[2].reason == "an id of type list; expected text or a number"


def test_an_id_that_comes_again_is_named_with_its_first_row():
    good, bad = both([{"id": "12", "text": "a"}, {"id": "13", "text": "b"}, {"id": 12, "text": "c"}])
    assert [item.text for item in good] == ["a", "b"]
    assert str(bad[0]) == "table row 3: id '12' again in row 3 (first in row 1)"


def test_rows_without_content_are_named():
    good, bad = both([{"id": 1, "text": "  "}, {"id": 2, "text": "x"}])
    assert [item.id for item in good] == ["2"]
    assert str(bad[0]) == "table row 1: empty: nothing in 'text'"


@pytest.mark.parametrize("option", ["id", "image"])
def test_a_column_that_is_not_there(option):
    with pytest.raises(SchemaError, match="no column 'titel'"):
        both([{"title": "a"}], columns=Columns(**{option: "titel"}))


def test_a_table_without_anything_to_read():
    report = skipped([{"en": "a", "zh": "b"}])
    assert report.startswith("table: which column is the text? It has: en (text), zh (text).")
    assert "--text COLUMN" in report


def test_pictures_by_path_are_found_from_the_tables_folder(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "red_apple.png").write_bytes(picture())
    (tmp_path / "broken.png").write_bytes(b"no picture")
    names = [
        "images/red_apple.png",
        "images/red_apple.png",
        "none.png",
        "https://x.org/a.png",
        "broken.png",
        "",
    ]
    lines = [f"{n},{name},{'蘋果' if n != 1 else ''}" for n, name in enumerate(names)]
    (tmp_path / "a.csv").write_text("id,file,caption\n" + "\n".join(lines), encoding="utf-8")
    good, bad = both(tmp_path / "a.csv", columns=Columns(image="file"))
    assert [(x.id, x.kind, x.text, x.words) for x in good] == [
        ("0", "image", "蘋果", None),
        ("1", "image", None, "red apple"),
        ("5", "text", "蘋果", None),
    ]
    assert good[0].image == tmp_path / "images" / "red_apple.png"
    assert good[0].path == str(good[0].image)
    assert good[0].source == str(tmp_path / "a.csv")
    assert [x.source for x in bad] == ["a.csv row 3", "a.csv row 4", "a.csv row 5"]
    for report, reason in zip(
        bad, ("no picture", "is an address", "not a picture in a known format"), strict=True
    ):
        assert reason in report.reason


def test_pictures_by_bytes(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"bytes": picture(), "path": None}, {"bytes": picture("blue", "JPEG"), "path": "b.jpg"}, None]
    pq.write_table(pa.table({"id": [1, 2, 3], "image": rows, "raw": [picture()] * 3}), tmp_path / "a.parquet")
    good, bad = both(tmp_path / "a.parquet", columns=Columns(image="image"))
    assert [item.image for item in good] == [rows[0]["bytes"], rows[1]["bytes"]]
    assert [x.source for x in bad] == ["a.parquet column 'raw'", "a.parquet row 3"]
    good, bad = both(tmp_path / "a.parquet", columns=Columns(image="raw"), limits=Limits(file_bytes=10))
    assert not good
    assert "over the limit" in bad[-1].reason


def test_pil_images_and_arrays_in_dicts():
    red = Image.new("RGB", (4, 4), "red")
    rows = [{"image": red, "v": np.ones(3), "n": np.int64(3)}, {"image": "no", "v": np.ones(3)}, {"image": 5}]
    good, bad = both(rows, columns=Columns(image="image", vectors={"look": "v"}))
    assert good[0].image is red
    assert good[0].vectors["look"].tolist() == [1, 1, 1]
    assert good[0].fields == {"n": 3}
    assert [x.source for x in bad] == ["table row 2", "table row 3"]
    assert "a picture of type int" in bad[1].reason


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ([1.0, float("nan")], "every number finite"),
        ([[1.0, 2.0]], "has shape (1, 2)"),
        ("[1, 2", "no list of numbers"),
        (["a"], "no list of numbers"),
    ],
)
def test_cells_that_are_no_vector(cell, reason):
    assert reason in skipped([{"id": 1, "v": cell}], columns=Columns(vectors={"meaning": "v"}))


def test_vectors_written_as_json_in_a_csv(tmp_path):
    (tmp_path / "a.csv").write_text('id,v\n1,"[0.5, 1]"\n')
    (item,) = items(tmp_path / "a.csv", columns=Columns(vectors={"meaning": "v"}))
    assert item.vectors["meaning"].tolist() == [0.5, 1.0]
