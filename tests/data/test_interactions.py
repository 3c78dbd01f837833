"""Interactions: tables with the user's own ids, and checks that say what is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.data.interaction_tables import read_interactions
from firth.data.interactions import Interactions
from firth.data.sparse import Sparse
from firth.errors import InputError, SchemaError, UnknownNameError, UnreadableError

ROWS = [
    {"讀者": "小明", "書號": "12", "星": 5, "日期": "2024-01-02"},
    {"讀者": "小明", "書號": "98", "星": 4, "日期": "2024-01-01"},
    {"讀者": "amy", "書號": "12", "星": 2, "日期": "2024-02-01"},
]
NAMES = {"user": "讀者", "item": "書號", "weight": "星", "time": "日期"}


def pairs(found: Interactions) -> set[tuple[str, str, float]]:
    rows = zip(found.user, found.item, found.weight, strict=True)
    return {(found.users[u], found.items[i], float(w)) for u, i, w in rows}


def source(kind, folder):
    frame = pd.DataFrame(ROWS)
    if kind == "csv":
        frame.to_csv(folder / "t.csv", index=False)
        return folder / "t.csv"
    if kind == "jsonl":
        frame.to_json(folder / "t.jsonl", orient="records", lines=True, force_ascii=False)
        return str(folder / "t.jsonl")
    if kind == "parquet":
        pq.write_table(pa.Table.from_pandas(frame), folder / "t.parquet")
        return folder / "t.parquet"
    return {"pandas": frame, "arrow": pa.Table.from_pandas(frame), "records": ROWS}[kind]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "pandas", "arrow", "records"])
def test_every_kind_of_table_is_the_same(kind, tmp_path):
    found = read_interactions(source(kind, tmp_path), **NAMES)
    assert pairs(found) == {("小明", "12", 5.0), ("小明", "98", 4.0), ("amy", "12", 2.0)}
    assert found.time is not None and np.ptp(found.time) == 31 * 86400


def test_whole_numbers_that_pandas_made_floats_are_the_ids_they_were():
    found = read_interactions(pd.DataFrame({"user": [1, 2, None], "item": [12.0, 98.0, 7.0]}))
    assert (found.users, found.items) == (("1", "2"), ("12", "98"))
    assert [str(skip) for skip in found.skipped] == ["table row 3: no user"]


def test_rows_below_a_weight_do_not_count():
    found = read_interactions(ROWS, user="讀者", item="書號", weight="星", at_least=4)
    assert pairs(found) == {("小明", "12", 5.0), ("小明", "98", 4.0)}
    assert found.notes == ("1 rows are below 星 4 and do not count",)


def test_rows_that_repeat_are_summed_and_said():
    found = Interactions.of(["a", "a", "b"], ["1", "1", "1"], weights=[1, 2, 5], times=[10, 30, 20])
    assert pairs(found) == {("a", "1", 3.0), ("b", "1", 5.0)}
    assert found.time.tolist() == [30, 20]
    assert "1 rows repeat" in found.notes[0]


@pytest.mark.parametrize("weight", ["-1", "nan", "inf", "many", ""])
def test_a_row_with_no_weight_that_counts_is_skipped_by_name(weight):
    rows = [{"user": "a", "item": "1", "n": "2"}, {"user": "b", "item": "2", "n": weight}]
    found = read_interactions(rows, weight="n")
    assert pairs(found) == {("a", "1", 2.0)}
    assert found.skipped[0].source == "table row 2" and "n is" in found.skipped[0].reason


def test_unknown_items_are_left_out_and_said():
    found = Interactions.of(["a", "a", "b"], ["1", "2", "2"]).among({"1", "9"})
    assert pairs(found) == {("a", "1", 1.0)} and found.users == ("a",)
    assert "1 items are not in the collection ('2'); their 2 pairs were left out" in found.notes


def test_transposed_columns_are_told():
    known = [str(i) for i in range(20)]
    with pytest.raises(InputError, match="look transposed"):
        Interactions.of(known, [f"reader {i}" for i in range(20)]).among(set(known))


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: read_interactions(ROWS, user="reader", item="書號"), SchemaError, "Columns: 讀者, 書號"),
        (lambda: read_interactions([{"a": 1, "b": 2}]), SchemaError, "cannot tell which column is the user"),
        (lambda: read_interactions(ROWS, user="書號", item="書號"), InputError, "two columns"),
        (lambda: read_interactions(ROWS, at_least=4), InputError, "without a weight"),
        (lambda: read_interactions("no such.csv"), UnreadableError, "no file"),
        (lambda: read_interactions(3), InputError, "expected the path of a table"),
        (lambda: Interactions.of(["a"], ["1", "2"]), InputError, "different lengths"),
        (lambda: Interactions.of(["a"], ["1"], weights=[-1]), InputError, "none negative"),
        (lambda: Interactions.of(["a"], [None]), InputError, "row 1 has no item"),
        (lambda: Interactions.of(["a"], ["1"]).among({"x"}), InputError, "none of 1 items"),
        (lambda: Interactions.of(["a"], ["1"]).row(["1", "9"]), UnknownNameError, "nobody took '9'"),
    ],
)
def test_what_is_wrong_is_said(call, error, said):
    with pytest.raises(error, match=said):
        call()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=1, unique=True), st.integers(1, 3))
def test_a_sparse_matrix_is_the_dense_one(places, width):
    rows, columns = zip(*places, strict=True)
    values = np.arange(1, len(places) + 1, dtype=np.float32)
    matrix = Sparse.of(rows, columns, values, shape=(6, 8))
    dense = np.zeros((6, 8), np.float32)
    dense[rows, columns] = values
    assert np.array_equal(matrix.dense(), dense)
    assert np.array_equal(matrix.transposed.dense(), dense.T)
    assert np.array_equal(matrix.taken(np.array([3, 0, 3])).dense(), dense[[3, 0, 3]])
    factor = np.random.default_rng(0).standard_normal((8, width), np.float32)
    assert np.allclose(matrix @ factor, dense @ factor, atol=1e-4)


class TestByColumns:
    """A plain table is read by columns; what comes out is what reading row by row gives, to the order of ids."""

    @pytest.fixture
    def rows_only(self, monkeypatch):
        def read(*args, **kwargs):
            with monkeypatch.context() as patched:
                patched.setattr("firth.data.interaction_tables.column_table", lambda source: None)
                return read_interactions(*args, **kwargs)

        return read

    @pytest.mark.parametrize("kind", ["csv", "tsv", "semicolons", "parquet", "pandas", "arrow"])
    @pytest.mark.parametrize(
        "columns", [{}, {"weight": "星"}, {"weight": "星", "at_least": 4, "time": "日期"}]
    )
    def test_it_is_the_same(self, kind, columns, tmp_path, rows_only):
        rng = np.random.default_rng(0)
        days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, 300), unit="D")
        frame = pd.DataFrame({"讀者": [f"讀者{n}" for n in rng.integers(0, 40, 300)]})
        frame["書號"], frame["星"], frame["日期"] = rng.integers(0, 30, 300), rng.integers(1, 6, 300), days
        source = self.written(frame, kind, tmp_path)
        called = {"user": "讀者", "item": "書號", **columns}
        assert_same(read_interactions(source, **called), rows_only(source, **called))

    @staticmethod
    def written(frame, kind, folder):
        separators = {"csv": ",", "tsv": "\t", "semicolons": ";"}
        if kind in separators:
            path = folder / ("t.tsv" if kind == "tsv" else "t.csv")
            frame.to_csv(path, sep=separators[kind], index=False)
            return path
        if kind == "parquet":
            frame.to_parquet(folder / "t.parquet")
            return folder / "t.parquet"
        return pa.Table.from_pandas(frame) if kind == "arrow" else frame

    @pytest.mark.parametrize(
        "text",
        [
            'user,item\na,"1,5"\nb,2\n',
            "user,item\na,1\nb\nc,2,3\n",
            "user,item\na,1\n,2\nb,\n",
            "user,item\n a ,1\na, 1\n\nb,2\n",
            "\ufeffuser,item\r\na,1\r\nb,2\r\n",
            "\nuser,item\na,1\n",
            "user,item,\na,1,x\n",
            "user,item\na,1\rb,2\n",
        ],
    )
    def test_what_needs_care_gets_it(self, text, tmp_path, rows_only):
        path = tmp_path / "t.csv"
        path.write_bytes(text.encode())
        assert_same(read_interactions(path), rows_only(path))

    @pytest.mark.parametrize(
        ("encoding", "header", "who"),
        [
            ("big5", "讀者,書號", "這是讀者的名字"),
            ("gb18030", "读者,书号", "这是读者的名字"),
            ("utf-16", "讀者,書號", "這是讀者的名字"),
        ],
    )
    def test_other_encodings_too(self, encoding, header, who, tmp_path, rows_only):
        path = tmp_path / "t.csv"
        path.write_bytes("\n".join([header, *(f"{who}{n},{n}" for n in range(5))]).encode(encoding))
        assert_same(read_interactions(path), rows_only(path))

    @pytest.mark.parametrize("weight", ["-1", "nan", "many", "", "1_0", " 2 "])
    def test_a_weight_that_is_none_is_named_as_row_by_row(self, weight, tmp_path, rows_only):
        path = tmp_path / "t.csv"
        path.write_text(f"user,item,n\na,1,3\nb,2,{weight}\n")
        assert_same(read_interactions(path, weight="n"), rows_only(path, weight="n"))


def assert_same(one: Interactions, other: Interactions) -> None:
    for name in ("users", "items", "notes", "skipped"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("user", "item", "weight", "time"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
