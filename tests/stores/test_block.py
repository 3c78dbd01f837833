"""Vectors in memory: exact where they are few, found by their signs first where they are many."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest

from firth.kernel import missing
from firth.similarity import Metric, cosine
from firth.stores.filters import Compare
from firth.stores.lance import LanceStore, maintenance
from firth.stores.lance.block import FEW, Block

from .test_codes import clouds

N, D = FEW + 5_000, 64


def table(vectors: np.ndarray) -> pa.Table:
    n, d = vectors.shape
    return pa.table(
        {
            "id": [str(i) for i in range(n)],
            "part": pa.array([0] * n, pa.int32()),
            "f_n": list(range(n)),
            "v_m": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), d),
        }
    )


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return clouds(N, D)


@pytest.fixture(scope="module")
def coded(vectors) -> Block:
    if "_scan" in missing():
        pytest.skip("built without a compiler")
    return Block.of([table(vectors)], "v_m", coded=True)


def found(block: Block, query, k: int = 10, **asked) -> list[int]:
    rows = block.nearest(query, k, metric=Metric.COSINE, where=asked.pop("where", None), **asked)
    return [int(id) for id in rows["id"].to_pylist()]


def test_signs_first_finds_nearly_all(coded, vectors):
    queries = clouds(50, D, seed=1)
    hits = [len({*found(coded, q)} & {*np.argsort(-cosine(vectors, q))[:10].tolist()}) for q in queries]
    assert np.mean(hits) >= 9.9
    assert found(coded, queries[0], exact=True) == np.argsort(-cosine(vectors, queries[0]))[:10].tolist()


def test_scores_are_the_metrics_own(coded, vectors):
    query = clouds(1, D, seed=2)[0]
    rows = coded.nearest(query, 10, metric=Metric.COSINE, where=None)
    at = [int(id) for id in rows["id"].to_pylist()]
    assert rows["score"].to_pylist() == cosine(vectors[at], query).tolist()
    assert rows["score"].to_pylist() == sorted(rows["score"].to_pylist(), reverse=True)


@pytest.mark.parametrize("least", [100, N - 1_000])
def test_a_filter_holds_before_the_search(coded, vectors, least):
    query = clouds(1, D, seed=3)[0]
    expected = least + np.argsort(-cosine(vectors[least:], query))[:10]
    got = found(coded, query, where=Compare("f_n", ">=", least))
    assert len({*got} & {*expected.tolist()}) >= 9
    assert min(got) >= least


@pytest.mark.slow
def test_a_large_store_is_searched_from_memory_once_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 20_000)
    if "_scan" in missing():
        pytest.skip("built without a compiler")
    vectors = clouds(N, D)
    store = LanceStore(str(tmp_path / "many"))
    store.put(table(vectors))
    queries = clouds(20, D, seed=4)
    for _ in range(3):
        store.nearest("m", queries[0], 10)
    deadline = time.monotonic() + 60
    while store._blocks.get("v_m", store._tables.items().version) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    block = store._blocks.get("v_m", store._tables.items().version)
    assert block is not None
    assert block.codes is not None
    for query in queries:
        at = [int(id) for id in store.nearest("m", query, 10)["id"].to_pylist()]
        assert len({*at} & {*np.argsort(-cosine(vectors, query))[:10].tolist()}) >= 9
    store.put(table(vectors[:1]).set_column(0, "id", pa.array(["new"])))
    assert (
        "new" in store.nearest("m", vectors[0], 2)["id"].to_pylist()
    )  # no old block answers for a new version
