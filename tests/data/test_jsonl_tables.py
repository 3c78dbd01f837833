import json

import pytest

from firth.data import Columns, jsonl_tables

from .made import both, items, skipped


def write(path, *records):
    lines = (
        record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_rows(tmp_path):
    path = write(
        tmp_path / "poems.jsonl",
        {
            "id": 7,
            "title": "靜夜思",
            "text": "床前明月光\u2028疑是地上霜",
            "tags": ["月", "鄉愁"],
            "year": 726,
        },
        {"id": 8, "title": "Dust of Snow", "text": "The way a crow", "year": 1923.5, "by": {"name": "Frost"}},
    )
    first, second = items(path)
    assert (first.id, first.text) == ("7", "靜夜思\n床前明月光\u2028疑是地上霜")
    assert first.fields == {"tags": ["月", "鄉愁"], "year": 726.0, "by": None}
    assert second.fields == {"tags": None, "year": 1923.5, "by": '{"name": "Frost"}'}


def test_bad_lines_are_named_and_the_rest_is_added(tmp_path):
    path = write(
        tmp_path / "a.ndjson", {"text": "一"}, "{not json", "", '["a list"]', "[" * 100_000, {"text": "二"}
    )
    good, bad = both(path)
    assert [item.id for item in good] == ["a.ndjson#1", "a.ndjson#6"]
    assert [x.source for x in bad] == ["a.ndjson line 2", "a.ndjson line 4", "a.ndjson line 5"]
    assert "not JSON" in bad[0].reason
    assert "got a list, expected an object" in bad[1].reason


def test_values_of_several_kinds_in_one_column_are_kept_as_text(tmp_path):
    path = write(
        tmp_path / "a.jsonl", {"text": "a", "x": 1}, {"text": "b", "x": "one"}, {"text": "c", "x": True}
    )
    assert [item.fields["x"] for item in items(path)] == ["1", "one", "true"]


def test_numbers_beyond_int64_and_nan(tmp_path):
    path = write(
        tmp_path / "a.jsonl", {"text": "a", "n": 2**63, "x": float("nan")}, {"text": "b", "n": 1, "x": 2.5}
    )
    assert [item.fields for item in items(path)] == [{"n": str(2**63), "x": None}, {"n": "1", "x": 2.5}]


@pytest.mark.parametrize(
    ("cell", "reason"), [('"\\ud800"', "half a surrogate pair"), ('"a\\u0000"', "a zero byte")]
)
def test_text_that_no_store_takes(tmp_path, cell, reason):
    good, bad = both(write(tmp_path / "a.jsonl", f'{{"text": {cell}}}', {"text": "好"}))
    assert [item.text for item in good] == ["好"]
    assert reason in bad[0].reason


def test_one_bad_byte_costs_one_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "蘋果"}\n{"text": "caf'.encode() + b'\xe9"}\n{"text": "ok"}\n')
    good, bad = both(path)
    assert [item.text for item in good] == ["蘋果", "ok"]
    assert bad[0].source == "a.jsonl line 2"


def test_a_line_that_is_too_long_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl_tables, "LONGEST_LINE", 100)
    good, bad = both(write(tmp_path / "a.jsonl", {"text": "長" * 1000}, {"text": "短"}))
    assert [item.id for item in good] == ["a.jsonl#2"]
    assert "longer than 100 characters" in bad[0].reason


def test_a_long_line(tmp_path):
    text = "長" * 3_000_000
    assert items(write(tmp_path / "a.jsonl", {"text": text}))[0].text == text


def test_vectors_from_a_column(tmp_path):
    path = write(tmp_path / "a.jsonl", {"id": "a", "v": [0.5, 1]}, {"id": "b", "v": [1.5, 2, 3]}, {"id": "c"})
    good, bad = both(path, columns=Columns(vectors={"meaning": "v"}))
    assert good[0].vectors["meaning"].tolist() == [0.5, 1.0]
    assert good[0].kind == "vector"
    assert "3 numbers in 'v'; rows before have 2" in bad[0].reason
    assert "empty" in bad[1].reason


def test_an_empty_file(tmp_path):
    assert "no columns" in skipped(write(tmp_path / "a.jsonl"))
