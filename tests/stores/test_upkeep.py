"""Upkeep of the store in a folder: small writes do not pile up, indexes are exact, what is gone goes."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from firth.stores import open_store
from firth.stores.filters import Compare
from firth.stores.lance import LanceStore
from firth.stores.memory import MemoryStore

from .made import rows


@pytest.fixture
def folder(tmp_path) -> str:
    return str(tmp_path / "藏書")


def test_small_writes_do_not_pile_up(folder):
    store = LanceStore(folder)
    for i in range(150):
        store.put(rows([str(i)], seed=i))
    table = store._tables.items()
    assert table.stats()["fragment_stats"]["num_fragments"] <= 66
    assert store.count() == 150
    store.optimize()
    assert table.stats()["fragment_stats"]["num_fragments"] <= 2
    assert len(store.match(["魔法"], 200)) == 150


def test_notes_do_not_pile_up(folder):
    store = LanceStore(folder)
    for i in range(80):
        store.write_meta({"n": i})
    assert store._tables.meta().stats()["fragment_stats"]["num_fragments"] <= 66
    assert store.read_meta() == {"n": 79}


def test_optimize_with_nothing_to_do_changes_nothing(folder):
    store = open_store(folder)
    store.put(rows(["a", "b"]))
    store.optimize()
    version = store.version()
    store.optimize()
    assert store.version() == version


def test_a_few_new_rows_leave_the_indexes_alone_and_are_found(folder):
    store = open_store(folder)
    store.put(rows([f"書{i}" for i in range(3000)]))
    store.optimize()
    version = store.version()
    store.put(rows(["new", "newer"]))
    store.optimize()
    assert store.version() == version + 1
    assert store.match(["new"], 3)["id"].to_pylist() == ["new"]
    store.put(rows(["newest", "last"]))
    store.optimize()
    assert store._tables.items().index_stats("terms_idx").num_unindexed_rows == 0


@pytest.mark.filterwarnings("ignore:optimize")  # that nobody may be reading then
def test_what_is_gone_is_gone_from_the_disk_in_the_end(folder, monkeypatch):
    monkeypatch.setattr("firth.stores.lance.maintenance._KEEP", timedelta(0))
    store = open_store(folder)
    store.put(rows([f"{i}" for i in range(300)], text=["secret"] * 300))
    store.put(rows(["other"]))
    store.delete([f"{i}" for i in range(300)])
    store.optimize()
    files = [
        path for path in (Path(folder) / "items.lance" / "data").iterdir() if b"secret" in path.read_bytes()
    ]
    assert not files


def test_old_indexes_do_not_pile_up(folder):
    store = open_store(folder)
    store.put(rows([f"{i}" for i in range(100)]))
    for i in range(8):
        store.put(rows([f"new {i}"]))
        store.optimize()
    assert store._tables.items().stats()["fragment_stats"]["num_fragments"] <= 2


@pytest.mark.parametrize("k", [5, 300])
def test_words_are_found_while_another_compacts(folder, k):
    """Then, and after it was killed, there is no index of words."""
    store, true = open_store(folder), MemoryStore()
    for one in (store, true):
        one.put(rows([f"書{i}" for i in range(200)] + ["it's 魔法", "tab\tbed"]))
        one.optimize()
    store._tables.items().drop_index("terms_idx")
    reader = open_store(folder)
    for terms in (["魔法", "書7"], ["it's"], ["書1"], ["nothing"]):
        for where in (None, Compare("id", "!=", "書7")):
            found, expected = (one.match(terms, k, where=where) for one in (reader, true))
            np.testing.assert_allclose(found["score"], expected["score"], atol=1e-9)
            assert found["id"].to_pylist() == expected["id"].to_pylist()
    store.optimize()
    assert store._tables.items().index_stats("terms_idx").num_unindexed_rows == 0


def test_scores_are_the_textbooks_where_the_index_was_built_in_pieces(folder):
    """As that of a million texts is."""
    code = f"""
import os
os.environ["LANCE_FTS_PARTITION_SIZE"] = "1"
from tests.stores.test_upkeep import many_words
from firth.stores import open_store
store = open_store({folder!r})
store.put(many_words())
store.optimize()
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
    store, true = open_store(folder), MemoryStore()
    true.put(many_words())
    pieces = {path.name for path in Path(folder).rglob("part_*tokens.lance")}
    assert len(pieces) > 1
    for terms in (["word1"], ["word7", "word99"], ["word3", "word300", "word3000"]):
        found, expected = store.match(terms, 10), true.match(terms, 10)
        np.testing.assert_allclose(found["score"], expected["score"], atol=1e-5)


def many_words() -> pa.Table:
    rng = np.random.default_rng(0)
    terms = [
        " ".join(f"word{n}" for n in rng.zipf(1.3, rng.integers(1, 60)) if n < 10**6) for _ in range(20_000)
    ]
    return rows([f"{i:05}" for i in range(len(terms))]).set_column(2, "terms", pa.array(terms))


def test_scores_are_the_same_before_and_after_optimize(folder):
    store = open_store(folder)
    store.put(rows([f"書{i}" for i in range(200)]))
    store.optimize()
    store.put(rows(["new"]))
    store.delete(["書0", "書1"])
    before = store.match(["魔法", "new"], 10)
    store.optimize()
    after = store.match(["魔法", "new"], 10)
    assert before["id"][0].as_py() == after["id"][0].as_py() == "new"
    np.testing.assert_allclose(before["score"], after["score"], atol=1e-5)


def test_a_crash_while_a_column_grows_wider_is_cleaned_up(folder):
    store = LanceStore(folder)
    store.put(rows(["a"]))
    store._tables.items().add_columns({"w_f_seed": "CAST(f_seed AS DOUBLE)"})  # as far as it got
    assert "w_f_seed" not in store.schema().names
    store.put(rows(["b"]).set_column(3, "f_seed", pa.array([0.5])))
    assert "w_f_seed" not in store._tables.items().schema.names
    got = {row["id"]: row["f_seed"] for batch in store.scan(["id", "f_seed"]) for row in batch.to_pylist()}
    assert got == {"a": 0.0, "b": 0.5}


def test_a_scan_comes_in_batches(folder):
    store = open_store(folder)
    store.put(rows([str(i) for i in range(20_000)]))
    sizes = [len(batch) for batch in store.scan(["id"])]
    assert sum(sizes) == 20_000
    assert max(sizes) <= 8192
