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
from firth.errors import InputError, SchemaError, UnreadableError

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
