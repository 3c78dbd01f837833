"""What only the store in a folder promises: processes, crashes, indexes, upkeep, the format on disk."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from firth.errors import InputError, StoreError
from firth.similarity import Metric
from firth.stores import STORES, open_store
from firth.stores.filters import And, Compare, In, Not, Or
from firth.stores.lance import LanceStore
from firth.stores.lance.coding import code_column
from firth.stores.lance.sql import to_sql
from firth.stores.memory import MemoryStore

from .made import rows

SPAWN = multiprocessing.get_context("spawn")  # Lance's threads do not survive a fork


@pytest.fixture
def folder(tmp_path) -> str:
    return str(tmp_path / "藏書")


# --- opening


def test_a_constructor_only_stores(folder):
    code = f"""
import sys
from firth.stores import open_store
store = open_store({folder!r})
assert "lancedb" not in sys.modules, "opening imports"
assert store.count() == 0 and store.read_meta() == {{}}
assert "lancedb" not in sys.modules, "a store that is not there yet needs no engine"
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert not Path(folder).exists()


def test_open_store_by_location(folder):
    assert isinstance(open_store(folder), LanceStore)
    assert isinstance(open_store(f"file://{folder}"), LanceStore)
    assert isinstance(open_store(":memory:"), MemoryStore)
    assert set(STORES) >= {"file", "memory"}
    with pytest.raises(InputError, match=r"gopher://.*expected a folder"):
        open_store("gopher://example/books")
    with pytest.raises(InputError):
        open_store("")


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"notes\.txt"):
        open_store(str(tmp_path / "notes.txt")).put(rows(["a"]))
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_it_is_there_when_opened_again(folder):
    open_store(folder).put(rows(["a", "b"], parts=2))
    open_store(folder).write_meta({"名": 1})
    store = open_store(folder)
    assert (store.count(), store.read_meta()) == (2, {"名": 1})
    assert store.schema().names[-2:] == ["f_seed", "v_m"]
    assert "n_terms" not in store.schema().names


def test_a_newer_format_is_refused(folder):
    store = LanceStore(folder)
    store.put(rows(["a"]))
    store._tables.write_notes({"_format": "99"})
    with pytest.raises(StoreError, match=r"format 99.*upgrade"):
        LanceStore(folder).count()
    with pytest.raises(StoreError, match="format 99"):
        LanceStore(folder).put(rows(["b"]))


# --- processes


def _write(folder: str, who: int, times: int) -> None:
    store = open_store(folder)
    for i in range(times):
        store.put(rows([f"{who}-{i}", "shared"], parts=3, seed=who))
        store.write_meta({f"{who}": i})


def test_two_processes_write_at_once(folder):
    store = open_store(folder)
    store.put(rows(["first"]))
    writers = [SPAWN.Process(target=_write, args=(folder, who, 12)) for who in range(2)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        parts = [batch.to_pylist() for batch in store.scan(["id", "f_seed"], ids=["shared"], parts=True)]
        seen.add(tuple(sorted(row["f_seed"] for batch in parts for row in batch)))
        time.sleep(0.02)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen <= {(), (0, 0, 0), (1, 1, 1)}  # never half of one writer's item and half of the other's
    assert store.count() == 26
    assert sum(map(len, store.scan(["id"], parts=True))) == 76
    assert store.read_meta() == {"0": 11, "1": 11}


def test_a_reader_sees_what_another_process_wrote(folder):
    store = open_store(folder)
    store.put(rows(["here"]))
    assert len(store.match(["魔法"], 9)) == 1
    version = store.version()
    writer = SPAWN.Process(target=_write, args=(folder, 7, 1))
    writer.start()
    writer.join()
    assert store.version() > version
    assert store.count() == 3
    assert len(store.match(["魔法"], 9)) == 3
    assert len(store.nearest("m", np.ones(8, np.float32), 99)) == 7


def _write_for_ever(folder: str, acknowledged: str) -> None:
    store = open_store(folder)
    with Path(acknowledged).open("a") as log:
        for i in range(10**6):
            store.put(rows([f"{i}-{j}" for j in range(50)] + ["same"], parts=4, d=64, seed=i))
            log.write(f"{i}\n")
            log.flush()


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.4, 0.7, 1.1, 1.6])
def test_killed_while_writing(folder, tmp_path, after):
    log = tmp_path / "acknowledged"
    log.touch()
    writer = SPAWN.Process(target=_write_for_ever, args=(folder, str(log)))
    writer.start()
    while not log.read_text():
        time.sleep(0.05)
    time.sleep(after)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    done = {int(line) for line in log.read_text().splitlines()}
    store = open_store(folder)
    found = {}
    for batch in store.scan(["id", "part"], parts=True):
        for row in batch.to_pylist():
            found.setdefault(row["id"], set()).add(row["part"])
    assert all(parts == {0, 1, 2, 3} for parts in found.values())  # whole items only
    batches = {int(id.split("-")[0]) for id in found if id != "same"}
    assert done <= batches <= done | {max(done) + 1}  # all that was acknowledged; at most one commit more
    assert len(found) == 50 * len(batches) + 1
    store.put(rows(["after"], d=64))  # the lock died with its owner
    store.optimize()
    assert store.count() == len(found) + 1


# --- filters as SQL


@pytest.mark.parametrize(
    ("where", "sql"),
    [
        (Compare("f_a`b", "=", "x' OR 1=1 --"), "`f_a``b` = 'x'' OR 1=1 --'"),
        (Compare("f_n", ">", 1.5), "CAST(`f_n` AS DOUBLE) > 1.5"),
        (Not(Or((Compare("id", "!=", "a"), In("id", ())))), "(`id` = 'a' AND true)"),
        (Not(Not(In("id", ("a'", "b")))), "`id` IN ('a''', 'b')"),
        (Not(In("id", ("a",))), "(`id` IS NOT NULL AND `id` NOT IN ('a'))"),
    ],
)
def test_to_sql(where, sql):
    assert to_sql(where) == sql


# --- the index above 50,000 vectors


def _clustered(n: int, d: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(400, d))
    return (centres[rng.integers(0, 400, n)] + 0.7 * rng.normal(size=(n, d))).astype(np.float32)


@pytest.mark.slow
def test_codes_find_what_the_exact_search_finds(folder):
    n, d, k = 60_000, 96, 10
    store, vectors = LanceStore(folder), _clustered(60_000, 96, 1)
    for start in range(0, n, 20_000):
        block = vectors[start : start + 20_000]
        store.put(
            pa.table(
                {
                    "id": [str(i) for i in range(start, start + len(block))],
                    "part": pa.array([0] * len(block), pa.int32()),
                    "f_n": list(range(start, start + len(block))),
                    "v_m": pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), d),
                }
            )
        )
    store.optimize()
    assert code_column(store._tables.items().schema, "v_m") is not None
    few = Compare("f_n", "<", 600)
    for metric in Metric:
        for where, least in ((None, 0.95), (few, 0.95)):
            found = 0
            for query in _clustered(30, d, 2):
                exact = store.nearest("m", query, k, metric=metric, where=where, exact=True)
                quick = store.nearest("m", query, k, metric=metric, where=where)
                assert len(quick) == k
                found += len(set(exact["id"].to_pylist()) & set(quick["id"].to_pylist()))
                np.testing.assert_allclose(quick["score"][0].as_py(), exact["score"][0].as_py(), atol=1e-4)
            assert found / (30 * k) >= least
    new = _clustered(1, d, 3)
    one = pa.FixedSizeListArray.from_arrays(pa.array(new.ravel()), d)
    store.put(pa.table({"id": ["new"], "part": pa.array([0], pa.int32()), "v_m": one}))
    assert store.nearest("m", new[0], 1)["id"].to_pylist() == ["new"]
    store.optimize()
    assert store.nearest("m", new[0], 1)["id"].to_pylist() == ["new"]
    store.delete(["new"])
    assert store.nearest("m", new[0], 1)["id"].to_pylist() != ["new"]
    store.drop_vector("m")
    store.optimize()


def test_the_cloud_client_is_not_executed_but_still_there() -> None:
    code = """
import sys
from firth.stores.lance.engine import lancedb
lancedb()
client = sys.modules["lance_namespace_urllib3_client"]
assert "ApiClient" not in vars(client), "executed at import"
assert client.ApiClient.__name__ == "ApiClient", "not executed when asked"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_searching_executes_neither_the_package_nor_pandas_and_leaves_both_usable(folder) -> None:
    LanceStore(folder).put(rows(["甲", "乙"]))
    code = f"""
import sys
import numpy as np
from firth.stores.lance import LanceStore
store = LanceStore({folder!r})
assert len(store.nearest("m", np.ones(8, np.float32), 2)) == 2
assert store.match(["魔法"], 5)["id"].to_pylist() == ["乙", "甲"]
assert len(next(store.scan(["id", "v_m", "f_seed"], ids=["甲"]))) == 1
assert store.read_meta() == {{}} and store.count() == 2
assert "lancedb" not in sys.modules and "pandas" not in sys.modules
assert store.delete(["甲"]) == 1, "writers go through the package"
assert store.match(["魔法"], 5)["id"].to_pylist() == ["乙"]
from lancedb.pydantic import LanceModel
import lancedb
assert lancedb.connect({folder!r}).open_table("items").count_rows() == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_second_search_answers_from_memory_and_sees_what_others_write(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(300, 8)).astype(np.float32)
    vectors[5] = 0
    kinds = ["image" if i % 3 == 0 else "text" for i in range(300)]

    def rows(ids: range) -> pa.Table:
        flat = pa.array(vectors[ids.start : ids.stop].ravel())
        return pa.table(
            {
                "id": [f"{i:03}" for i in ids],
                "part": pa.array([0] * len(ids), pa.int32()),
                "kind": kinds[ids.start : ids.stop],
                "f_n": list(ids),
                "v_m": pa.FixedSizeListArray.from_arrays(flat, 8),
            }
        )

    store, other = LanceStore(str(tmp_path / "s")), LanceStore(str(tmp_path / "s"))
    store.put(rows(range(0, 290)))
    query = rng.normal(size=8).astype(np.float32)
    where = And((Compare("kind", "=", "text"), Compare("f_n", "<", 200)))
    for metric in Metric:
        for condition in (None, where):
            fresh = LanceStore(str(tmp_path / "s"))
            first = fresh.nearest("m", query, 20, metric=metric, where=condition)
            second = fresh.nearest("m", query, 20, metric=metric, where=condition)
            assert fresh._blocks.directory(fresh._tables.snapshot()) is not None
            assert first.equals(second)
    store.nearest("m", query, 1)
    store.nearest("m", query, 1)
    other.put(rows(range(290, 300)))
    best = max(range(290, 300), key=lambda i: vectors[i] @ query)
    assert f"{best:03}" in store.nearest("m", vectors[best], 1)["id"].to_pylist()
