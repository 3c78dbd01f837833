"""The digest: the same for the same rows in any order, batches and store; another for any other cell."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.test_store import STORES
from firth.moving.digest import Digest, item_digests
from firth.moving.reading import digest_of

from .made import fill, library


def digested(*tables):
    digest = Digest()
    for table in tables:
        digest.add(table)
    return digest


WHOLE = digested(library())


@given(st.permutations(range(6)), st.integers(0, 6))
def test_order_and_batches_make_no_difference(order, cut):
    rows = library().take(order)
    assert digested(rows[:cut], rows[cut:]) == WHOLE


def test_it_counts_items_and_rows():
    assert (WHOLE.items, WHOLE.rows) == (3, 6)
    assert str(WHOLE) == f"3 items, 6 rows, digest {WHOLE.hex}"
    assert len(WHOLE.hex) == 32


@pytest.mark.parametrize("name", library().column_names)
def test_every_column_counts(name):
    rows = library()
    if rows[name].null_count == len(rows):
        assert digested(rows.drop_columns([name])) == WHOLE
    else:
        without = rows.set_column(rows.column_names.index(name), name, pa.nulls(6, rows[name].type))
        assert name == "part" or digested(without) != WHOLE


@pytest.mark.parametrize(
    "one, other",
    [
        ({"f_x": [0.0]}, {"f_x": [-0.0]}),
        ({"f_x": [1]}, {"f_x": [1.0]}),
        ({"f_x": [True]}, {"f_x": [1]}),
        ({"f_x": [""]}, {"f_x": [None]}),
        ({"f_x": [["a", "b"]]}, {"f_x": [["ab"]]}),
        ({"f_x": [["a", None]]}, {"f_x": [["a", "null"]]}),
        ({"f_x": [[]]}, {"f_x": [None]}),
        ({"f_x": ["bc"], "f_xa": [None]}, {"f_x": [None], "f_xa": ["bc"]}),
        ({"path": ["ab"], "source": ["c"]}, {"path": ["a"], "source": ["bc"]}),
    ],
)
def test_what_is_near_is_not_the_same(one, other):
    rows = {"id": ["甲"], "part": [0]}
    assert digested(pa.table({**rows, **one})) != digested(pa.table({**rows, **other}))


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string()])
def test_widths_of_text_and_bytes_make_no_difference(kind):
    rows = library()
    rows = rows.set_column(rows.column_names.index("text"), "text", rows["text"].cast(kind))
    rows = rows.set_column(rows.column_names.index("part"), "part", rows["part"].cast(pa.int64()))
    rows = rows.set_column(rows.column_names.index("thumb"), "thumb", rows["thumb"].cast(pa.binary()))
    assert digested(rows) == WHOLE


def test_the_digests_of_items_add_up_to_the_whole():
    digests = item_digests(library())
    assert list(digests) == ["紅樓夢", "a'b\n%_", "0"]
    assert sum(digests.values()) % 2**128 == WHOLE.total


@pytest.mark.parametrize("kind", STORES)
def test_every_store_gives_the_same(kind, tmp_path):
    seen = []
    assert digest_of(fill(STORES[kind](tmp_path), library()), seen.extend) == WHOLE
    assert sorted(seen) == ["0", "a'b\n%_", "紅樓夢"]
