from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firth.data import Columns, total
from firth.errors import InputError, SchemaError

from .made import both, items, skipped

TABLE = pa.table(
    {
        "id": pa.array([1, 2]),
        "title": ["會魔法的少年", "苹果"],
        "year": pa.array([1997, None], pa.int16()),
        "rating": [4.5, float("nan")],
        "read": [True, None],
        "day": pa.array([date(1997, 6, 26), None]),
        "when": pa.array([datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)] * 2, pa.timestamp("ns", "UTC")),
        "tags": [["魔法", "冒險"], []],
        "by": [{"name": "羅琳"}, None],
        "kind": pa.array(["書", "書"]).dictionary_encode(),
        "price": pa.array(["1.10", "2.50"]).cast(pa.decimal128(5, 2)),
        "hash": pa.array([2**64 - 1, 5], pa.uint64()),
    }
)
FIRST = {
    "year": 1997,
    "rating": 4.5,
    "read": True,
    "day": datetime(1997, 6, 26),
    "when": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
    "tags": ["魔法", "冒險"],
    "by": '{"name": "羅琳"}',
    "kind": "書",
    "price": 1.1,
    "hash": str(2**64 - 1),
}


def _parquet(folder, table=TABLE):
    pq.write_table(table, folder / "a.parquet")
    return folder / "a.parquet"


@pytest.mark.parametrize("form", ["parquet", "table", "reader", "batch", "polars"])
def test_types_come_over(tmp_path, form):
    source = {
        "parquet": lambda: _parquet(tmp_path),
        "table": lambda: TABLE,
        "reader": TABLE.to_reader,
        "batch": lambda: TABLE.combine_chunks().to_batches()[0],
        "polars": lambda: pl.from_arrow(TABLE),
    }[form]()
    first, second = items(source)
    assert (first.id, first.text) == ("1", "會魔法的少年")
    assert first.fields == FIRST
    assert second.fields["rating"] is None
    assert second.fields["tags"] == []
    assert first.source == (str(tmp_path / "a.parquet") if form == "parquet" else None)


def test_pandas():
    frame = pd.DataFrame(
        {"id": [1.0, 2.0, np.nan], "text": ["蘋果", "apple", "x"], "n": [1, 2, 3]}, index=[5, 6, 7]
    )
    frame["when"] = pd.Timestamp("2024-01-02 03:04:05.123456789")
    good, bad = both(frame)
    assert [item.id for item in good] == ["1", "2"]
    assert good[0].fields == {"n": 1, "when": datetime(2024, 1, 2, 3, 4, 5, 123456)}
    assert str(bad[0]).startswith("table row 3: no id")


def test_a_named_pandas_index_is_a_column():
    frame = pd.DataFrame({"text": ["蘋果"]}, index=pd.Index(["a1"], name="id"))
    assert items(frame)[0].id == "a1"


def test_pandas_columns_of_several_types_are_an_error():
    with pytest.raises(InputError, match="give each column one type"):
        both(pd.DataFrame({"text": ["a", 1]}))


def test_rows_in_memory_without_ids_are_called_after_their_content():
    frame = pl.DataFrame({"text": ["a", "b", "a", "a"], "n": [1, 1, 1, 2]})
    good, bad = both(frame)
    assert len({item.id for item in good}) == 3
    assert str(bad[0]) == "table row 3: the same row again in row 3 (first in row 1)"
    assert [item.id for item in both(frame.to_arrow())[0]] == [item.id for item in good]


def test_many_row_groups(tmp_path):
    table = pa.table({"id": range(5000), "text": [f"第{n}列" for n in range(5000)]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=700)
    found = items(tmp_path / "a.parquet")
    assert [item.id for item in found] == [str(n) for n in range(5000)]
    assert total(tmp_path / "a.parquet") == 5000


def test_rows_without_an_id_column_are_numbered_across_batches(tmp_path):
    path = _parquet(tmp_path, pa.table({"text": [f"a{n}" for n in range(3000)]}))
    assert items(path)[-1].id == "a.parquet#3000"


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.float32()), pa.list_(pa.float64(), 2), pa.large_list(pa.float16())]
)
def test_vectors(tmp_path, kind):
    table = pa.table({"id": ["a", "b"], "text": ["x", "y"], "v": pa.array([[1.5, 2], [3, 4]], kind)})
    first, _ = items(_parquet(tmp_path, table), columns=Columns(vectors={"meaning": "v"}))
    assert first.vectors["meaning"].dtype == np.float32
    assert first.vectors["meaning"].tolist() == [1.5, 2.0]
    assert first.text == "x"


def test_columns_that_cannot_be_fields_are_named_once():
    table = pa.table({"text": ["a", "b"], "embedding": [[0.5], [1.5]], "picture": [b"1", b"2"]})
    good, bad = both(table)
    assert [item.fields for item in good] == [{}, {}]
    assert [str(x) for x in bad] == [
        "table column 'embedding': holds list of numbers, which cannot be a field. "
        "Next: name it as vectors if it is that",
        "table column 'picture': holds bytes, which cannot be a field. Next: name it as image if it is that",
    ]


def test_a_damaged_parquet_file(tmp_path):
    path = _parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    assert "not a Parquet file that can be read" in skipped(path)


def test_a_parquet_file_damaged_within_is_read_so_far(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [f"{n} {'x' * 50}" for n in range(4000)]})
    pq.write_table(table, path, row_group_size=2000, compression="zstd", use_dictionary=False)
    second = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[second + 40 : second + 400] = bytes(360)
    path.write_bytes(data)
    good, bad = both(path)
    assert len(good) == 2000 - 2000 % 1024 or len(good) == 2000
    assert f"the rows after {len(good)} cannot be read" in bad[0].reason


def test_two_columns_of_one_name():
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    with pytest.raises(OSError, match="'text' stand twice"):
        both(table)


def test_a_column_that_is_not_there_is_an_error_with_a_hint():
    with pytest.raises(SchemaError, match=r"no column 'titel'. Did you mean 'title'\? It has: id, title"):
        both(TABLE, columns=Columns(text=("titel",)))
