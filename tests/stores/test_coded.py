"""Codes beside vectors: always there, never another's, and what they find is what the exact search finds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from firth.similarity import Metric, cosine
from firth.stores import codes as sign_codes
from firth.stores.block import FEW, Block
from firth.stores.filters import Compare
from firth.stores.lance import LanceStore, maintenance
from firth.stores.lance import block as blocks
from firth.stores.lance.coding import ENOUGH, code_column
from firth.stores.lance.versions import Snapshot

from .made import rows
from .test_block import KINDS, D, N, asked, exactly
from .test_block import table as table_of
from .test_codes import clouds


@pytest.fixture
def store(tmp_path, monkeypatch) -> LanceStore:
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 100)
    monkeypatch.setattr("firth.stores.lance.block.largest", lambda: 0)  # no vectors in memory
    return LanceStore(str(tmp_path / "藏書"))


def coding(store: LanceStore, vector: str = "v_m"):
    return store._codings.of(store._tables.items().schema, vector)


def lacking(store: LanceStore, vector: str = "v_m") -> int:
    """Vectors without a code."""
    table = store._tables.items()
    column = code_column(table.schema, vector)
    return table.count_rows(f"{vector} IS NOT NULL AND {column} IS NULL")


def found(store: LanceStore, query, k: int = 10, **how) -> list[str]:
    return store.nearest("m", query, k, **how)["id"].to_pylist()


# --- made with the vectors


def test_the_first_large_write_draws_a_centre(store):
    store.put(table_of(clouds(ENOUGH, D)))
    assert lacking(store) == 0
    assert coding(store).since is None
    store.optimize()
    assert coding(store).since is not None
    assert [name for name in store.schema().names if name.startswith("c_")] == []
    assert not store.read_meta()


def test_small_writes_have_their_codes_made_once_they_are_enough(store):
    for start in range(0, ENOUGH, 250):
        store.put(rows([str(n) for n in range(start, start + 250)], seed=start))
        assert start + 250 >= ENOUGH or coding(store) is None
    store.put(rows(["two", "parts"], parts=2))
    store.optimize()
    assert lacking(store) == 0
    assert coding(store).since is not None
    assert store.count() == ENOUGH + 2
    assert store._tables.items().count_rows() == ENOUGH + 4


def test_few_vectors_have_no_codes(store):
    looks = [[1.0] * 16 if n < 300 else None for n in range(ENOUGH)]
    some = rows([str(n) for n in range(ENOUGH)], v_look=pa.array(looks, pa.list_(pa.float32(), 16)))
    store.put(some)
    store.optimize()
    assert coding(store) is not None
    assert coding(store, "v_look") is None
    assert len(store.nearest("look", np.ones(16, np.float32), 400)) == 300


def test_a_vector_that_comes_later_is_coded_where_it_is(store):
    ids = [str(n) for n in range(ENOUGH + 500)]
    store.put(rows(ids))
    looks = [look if n % 3 else None for n, look in enumerate(clouds(len(ids), 16).tolist())]
    store.put(rows(ids, v_look=pa.array(looks, pa.list_(pa.float32(), 16))))
    store.optimize()
    assert coding(store, "v_look").since is not None
    assert lacking(store, "v_look") == lacking(store) == 0
    assert len(store.nearest("look", np.ones(16, np.float32), len(ids))) == 1000


def test_what_replaces_a_vector_replaces_its_code(store):
    vectors = clouds(N, D)
    store.put(table_of(vectors))
    store.optimize()
    store.put(table_of(-vectors[:5]))
    assert found(store, -vectors[3], 1) == ["3"]
    assert "3" not in found(store, vectors[3], 5)


def test_another_vector_of_the_same_name_gets_codes_of_its_own(store):
    vectors = clouds(N, D)
    store.put(table_of(vectors))
    store.optimize()
    before = coding(store).column
    store.drop_vector("m")
    assert before not in store._tables.items().schema.names
    assert not [key for key in store._tables.notes() if key.startswith("_c_")]
    store.put(table_of(clouds(N, D, seed=5)))
    store.optimize()
    assert coding(store).column != before
    assert found(store, clouds(N, D, seed=5)[7], 1) == ["7"]


def test_a_store_of_before_there_were_codes_gets_them_and_is_refused_by_who_knows_none(store, monkeypatch):
    monkeypatch.setattr("firth.stores.lance.coding.ENOUGH", 10**9)
    vectors = clouds(N, D)
    store.put(table_of(vectors))
    store._tables.write_notes({"_format": "1"})
    assert coding(store) is None
    assert found(store, vectors[7], 1) == ["7"]
    monkeypatch.undo()
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 100)
    store.optimize()
    assert lacking(store) == 0
    assert coding(store).since is not None
    assert found(store, vectors[7], 1) == ["7"]
    assert store._tables.notes()["_format"] == "2"


def test_a_reader_does_not_take_codes_that_were_not_all_there_yet(store):
    for start in range(0, ENOUGH, 250):
        store.put(rows([str(n) for n in range(start, start + 250)], seed=start))
    early = store._tables.snapshot()
    store.optimize()
    assert store._blocks.coded(early, coding(store)) is None
    assert store._blocks.coded(store._tables.snapshot(), coding(store)) is not None


def test_codes_on_disk_are_read_by_the_same_rotation():
    """Whatever numpy or its algebra is at hand: else codes that were kept would find nothing."""
    turn = sign_codes._rotation(128)
    np.testing.assert_allclose(turn @ turn.T, np.eye(128), atol=1e-5)
    np.testing.assert_allclose(turn[0, :4], FIRST, atol=1e-5)
    np.testing.assert_allclose(turn[-1, -4:], LAST, atol=1e-5)


FIRST = [0.155348, 0.033998, 0.100191, 0.213914]
LAST = [0.075504, 0.016671, 0.022087, 0.084161]


# --- search


@pytest.mark.parametrize("kernel", [True, False])
def test_codes_find_nearly_all(store, monkeypatch, kernel):
    if not kernel:
        monkeypatch.setattr(sign_codes, "BUILT", False)
    vectors = clouds(N, D)
    store.put(table_of(vectors))
    store.optimize()
    queries = clouds(30, D, seed=1)
    for least in (0, N - FEW - 500, N - 300):
        where = Compare("f_n", ">=", least) if least else None
        hits = 0
        for query in queries:
            best = least + np.argsort(-cosine(vectors[least:], query))[:10]
            rows = store.nearest("m", query, 10, where=where)
            hits += len({*best.tolist()} & {int(id) for id in rows["id"].to_pylist()})
            at = [int(id) for id in rows["id"].to_pylist()]
            assert rows["score"].to_pylist() == cosine(vectors[at], query).tolist()
        assert hits >= 0.99 * 10 * len(queries)


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_best_of_any_vectors(store, kind):
    """Also where codes tell nothing, and all vectors have to be read."""
    vectors = np.ascontiguousarray(KINDS[kind](N, D), np.float32)
    store.put(table_of(vectors))
    store.optimize()
    assert coding(store) is not None
    exact = Block.of([table_of(vectors)], "v_m")
    right = expected = 0
    for query in asked(exact, 6):
        truth = exactly(exact, query, 10, Metric.COSINE, 0)
        scores = store.nearest("m", query, 10)["score"].to_pylist()
        assert len(scores) == len(truth)
        # the engine, which is asked in the end, chooses by float32
        right += sum(np.isclose(scores, truth, rtol=1e-6, atol=1e-6).tolist()) if truth else 0
        expected += len(truth)
    assert right >= 0.99 * expected


def test_hardly_any_vectors_are_read(store, monkeypatch):
    vectors = clouds(N, D)
    store.put(table_of(vectors))
    store.optimize()
    taken, take = [], Snapshot.take
    monkeypatch.setattr(
        Snapshot, "take", lambda self, ids, names: taken.append(len(ids)) or take(self, ids, names)
    )
    for query in vectors[:20] + 0.3 * clouds(20, D, seed=3):
        found(store, query.astype(np.float32))
    assert 0 < sum(taken) < 20 * N / 4


def test_more_than_there_are(store):
    vectors = clouds(N, D)
    store.put(table_of(vectors))
    store.optimize()
    assert len(found(store, vectors[0], 2 * N)) == N
    assert len(found(store, vectors[0], 2 * N, where=Compare("f_n", "<", 30))) == 30
    assert found(store, vectors[0], 5, where=Compare("f_n", "<", 0)) == []
    assert found(store, np.zeros(D, np.float32)) == []


def test_new_rows_are_found_at_once_and_gone_ones_are_not(store):
    vectors = clouds(N, D)
    store.put(table_of(vectors))
    store.optimize()
    store.delete([str(n) for n in range(0, N, 2)])
    assert found(store, vectors[8], 1) != ["8"]
    assert found(store, vectors[9], 1) == ["9"]
    store.put(table_of(vectors[:1]).set_column(0, "id", pa.array(["new"])))
    assert found(store, vectors[0], 1) == ["new"]
    store.optimize()  # compacts: rows move, with their codes
    assert found(store, vectors[0], 1) == ["new"]
    assert found(store, vectors[9], 1) == ["9"]
    assert store._tables.items().stats()["fragment_stats"]["num_fragments"] == 1


def test_vectors_in_memory_take_the_codes_that_were_read(store, monkeypatch):
    store.put(table_of(clouds(N, D)))
    store.optimize()
    snapshot, query = store._tables.snapshot(), clouds(1, D, seed=4)[0]
    found(store, query)
    kept = store._blocks._kept[snapshot]
    blocks._make(snapshot, kept, "v_m", coded=True)
    [read] = kept.coded.values()
    assert kept.vectors["v_m"].block.codes is read.codes
