import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.data import Columns, csv_tables

from .made import both, items, skipped

BOOKS = """id,title,year,rating,isbn,read
1,會魔法的少年,1997,4.47,0439023480,true
2,"The Hobbit, or There and Back Again",1937,4.25,0618260307,false
3,"紅樓夢
（八十回）",1791,,9787020002207,
"""

# Whatever UTF-8 can hold, less the zero byte, which is refused by name.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_keep_their_types_and_lose_nothing(tmp_path):
    first, second, third = items(write(tmp_path / "books.csv", BOOKS))
    assert (first.id, first.text) == ("1", "會魔法的少年")
    assert first.fields == {"year": 1997, "rating": 4.47, "isbn": "0439023480", "read": True}
    assert second.text == "The Hobbit, or There and Back Again"
    assert third.text == "紅樓夢\n（八十回）"
    assert third.fields == {"year": 1791, "rating": None, "isbn": "9787020002207", "read": None}
    assert first.source == str(tmp_path / "books.csv")
    assert first.path is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp950"])
def test_encodings_of_spreadsheets(tmp_path, encoding):
    path = write(tmp_path / "a.csv", "id,title\n1,會魔法的少年，在倫敦的書店裡\n2,蘋果是紅色的\n", encoding)
    assert [item.text for item in items(path)] == ["會魔法的少年，在倫敦的書店裡", "蘋果是紅色的"]


@pytest.mark.parametrize(
    ("name", "delimiter"), [("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t"), ("a.csv", "|")]
)
def test_other_delimiters(tmp_path, name, delimiter):
    path = write(tmp_path / name, f"id{delimiter}title\n1{delimiter}a, b\n")
    assert [(item.id, item.text) for item in items(path)] == [("1", "a, b")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path, newline):
    path = write(tmp_path / "a.csv", f"id,title{newline}1,蘋果{newline}{newline}2,橘子")
    assert [(item.id, item.text) for item in items(path)] == [("1", "蘋果"), ("2", "橘子")]


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_whatever_is_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "note", "code"])
        writer.writerows([n, "text", *row] for n, row in enumerate(rows))
    found = items(path)
    for (note, code), item in zip(rows, found, strict=True):
        for cell, value in ((note, item.fields["note"]), (code, item.fields["code"])):
            same = (
                value in (cell, None)
                if not cell or cell.lower() == "nan"
                else str(value).lower() == cell.lower()
            )
            assert same or float(cell) == value


def test_without_an_id_column_rows_are_numbered(tmp_path):
    path = write(tmp_path / "a.csv", "title,year\n蘋果,1\n\n橘子,2\n")
    assert [item.id for item in items(path)] == ["a.csv#1", "a.csv#2"]


def test_uneven_rows_are_named_and_the_rest_is_added(tmp_path):
    path = write(tmp_path / "a.csv", "id,title\n1,a\n2\n3,b,c,d\n4,e\n")
    good, bad = both(path)
    assert [item.id for item in good] == ["1", "4"]
    assert [x.source for x in bad] == ["a.csv row 2", "a.csv row 3"]
    assert "1 cells; the header names 2" in bad[0].reason
    assert "stray comma" in bad[1].reason


def test_one_bad_byte_costs_one_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("id,title\n1,蘋果\n2,café".encode() + b"\xff\n" + "3,橘子\n4,香蕉\n".encode())
    good, bad = both(path)
    assert [item.id for item in good] == ["1", "3", "4"]
    assert (
        str(bad[0])
        == "a.csv row 2: 'title' holds a byte that is not UTF-8 (0xff). Next: save the file as UTF-8"
    )


def test_a_zero_byte_costs_one_row(tmp_path):
    good, bad = both(write(tmp_path / "a.csv", "id,title\n1,a\x00b\n2,c\n"))
    assert [item.id for item in good] == ["2"]
    assert "zero byte" in bad[0].reason


def test_a_badly_quoted_row_is_named_and_the_rest_is_added(tmp_path):
    good, bad = both(write(tmp_path / "a.csv", 'id,title\n1,"a "b" c"\n2,d\n'))
    assert [item.id for item in good] == ["2"]
    assert bad[0].source == "a.csv row 1"
    assert "from line 2 on" in bad[0].reason


def test_a_quote_that_is_never_closed(tmp_path):
    good, bad = both(write(tmp_path / "a.csv", 'id,title\n1,a\n2,"b\n3,c\n4,d\n'))
    assert [item.id for item in good] == ["1"]
    assert [x.source for x in bad] == ["a.csv row 2"]
    assert "unexpected end of data, from line 3 on" in bad[0].reason


def test_an_open_quote_does_not_take_the_file_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_tables, "LONGEST_CELL", 1000)
    limit = csv.field_size_limit(1000)
    try:
        good, bad = both(write(tmp_path / "a.csv", 'id,title\n1,a\n2,"b\n' + "3,c\n" * 1000))
    finally:
        csv.field_size_limit(limit)
    assert [item.id for item in good] == ["1"]
    assert [x.source for x in bad] == ["a.csv row 2"]
    assert "field larger than field limit" in bad[0].reason


def test_a_cell_of_a_million_characters(tmp_path):
    text = "長" * 1_000_000
    assert items(write(tmp_path / "a.csv", f"id,text\n1,{text}\n"))[0].text == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty, without even a header"),
        ("\n\n", "empty, without even a header"),
        ("1,2.5\n3,4\n", "holds numbers (1, 2.5), no names"),
        ("id,title,title\n1,a,b\n", "names 'title' twice"),
        ("id,title\n", "no rows that can be read"),
        ('id,"title\n1,a\n', "header cannot be read"),
        ("id,en,zh\n1,a,b\n", "which column is the text? It has: id (int), en (text), zh (text)"),
    ],
)
def test_files_that_are_no_table(tmp_path, text, reason):
    report = skipped(write(tmp_path / "a.csv", text))
    assert report.startswith("a.csv: ")
    assert reason in report
    assert "Next: " in report


def test_unnamed_columns_are_called_after_their_place(tmp_path):
    (item,) = items(write(tmp_path / "a.csv", ",title\n0,蘋果\n"))
    assert item.fields == {"column 1": 0}


def test_ids_and_text_stay_as_they_are_written(tmp_path):
    path = write(tmp_path / "a.csv", "no,name,price\n1.0,a,2.50\n2.0,b,3.00\n")
    found = items(path, columns=Columns(id="no", text=("name", "price")))
    assert [(item.id, item.text) for item in found] == [("1.0", "a\n2.50"), ("2.0", "b\n3.00")]
