"""Vectors in memory: exact where they are few, found by their signs first where they are many."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.kernel import missing
from firth.similarity import Metric, cosine
from firth.stores import block as blocks
from firth.stores.block import FEW, Block
from firth.stores.filters import Compare
from firth.stores.lance import LanceStore, maintenance
from firth.stores.memory import MemoryStore

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


KINDS = {
    "clouds": clouds,
    "nearly the same": lambda n, d: 1 + 1e-4 * np.random.default_rng(0).normal(size=(n, d)),
    "the same": lambda n, d: np.tile(clouds(1, d), (n, 1)),
    "whole numbers": lambda n, d: np.random.default_rng(0).integers(-2, 3, (n, d)),
    "counts": lambda n, d: np.random.default_rng(0).poisson(0.05, (n, d)),
    "one number each": lambda n, d: np.eye(d)[np.random.default_rng(0).integers(0, d, n)],
    "heavy groups": lambda n, d: (
        clouds(5, d)[np.random.default_rng(0).integers(0, 5, n)]
        + 1e-3 * np.random.default_rng(1).normal(size=(n, d))
    ),
    "twice": lambda n, d: np.repeat(clouds(-(-n // 2), d), 2, axis=0)[:n],
    "one far off": lambda n, d: np.concatenate([clouds(n - 1, d), -1e4 * clouds(1, d, seed=5)]),
    "of many lengths": lambda n, d: clouds(n, d) * np.random.default_rng(0).lognormal(0, 3, (n, 1)),
    "zeros among them": lambda n, d: clouds(n, d) * (np.arange(n) % 3 > 0)[:, None],
}
PASSING = {"all": 0, "most": 1_000, "some": N - 1_000, "one": N - 1, "none": N}


@pytest.fixture(scope="module", params=list(KINDS))
def kind(request) -> Block:
    if "_scan" in missing():
        pytest.skip("built without a compiler")
    made = KINDS[request.param](N, D)
    return Block.of([table(np.ascontiguousarray(made, np.float32))], "v_m", coded=True)


def exactly(block: Block, query: np.ndarray, k: int, metric: Metric, least: int) -> list[float]:
    """The best scores by numpy, in float64."""
    vectors = block.vectors[least:]
    if metric is Metric.COSINE:
        vectors = vectors[vectors.any(axis=1)] if query.any() else vectors[:0]
    scores = blocks.EXACT[metric](vectors, query)
    return sorted(scores.tolist(), reverse=metric.higher_is_better)[:k]


def asked(block: Block, many: int) -> np.ndarray:
    """Vectors of the block, moved a little, one as it is, and one of zeros."""
    rng = np.random.default_rng(9)
    queries = block.vectors[rng.integers(0, N, many)]
    queries += 0.1 * rng.normal(size=queries.shape) * np.linalg.norm(queries, axis=1, keepdims=True) / D**0.5
    queries[0], queries[-1] = block.vectors[1], 0
    return np.asarray(queries, np.float32)


@pytest.mark.parametrize("passing", list(PASSING))
@pytest.mark.parametrize("metric", list(Metric))
def test_the_best_of_any_vectors_one_by_one_and_together(kind, metric, passing):
    least = PASSING[passing]
    where = None if passing == "all" else Compare("f_n", ">=", least)
    queries = asked(kind, 8)
    together = kind.nearest_of_many(queries, 10, metric=metric, where=where)
    right = expected = 0
    for query, rows in zip(queries, together, strict=True):
        truth = exactly(kind, query, 10, metric, least)
        alone = kind.nearest(query, 10, metric=metric, where=where)
        for found in (rows, alone):
            scores = found["score"].to_pylist()
            assert len(scores) == len(truth)
            assert all(int(id) >= least for id in found["id"].to_pylist())
            right += sum(np.isclose(scores, truth, rtol=1e-9, atol=1e-9).tolist()) if truth else 0
            expected += len(truth)
    assert right >= 0.99 * expected


@pytest.mark.parametrize("metric", list(Metric))
def test_what_is_equal_comes_by_id(metric):
    """Far more rows share the last place than a kernel keeps."""
    block = Block.of([table(np.ones((N, D), np.float32))], "v_m", coded=True)
    first = sorted(map(str, range(N)))[:10]
    queries = np.ones((7, D), np.float32)
    for rows in block.nearest_of_many(queries, 10, metric=metric, where=None):
        assert rows["id"].to_pylist() == first


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 300),
    d=st.integers(1, 70),
    k=st.integers(1, 20),
    many=st.integers(1, 40),
    seed=st.integers(0, 2**16),
    metric=st.sampled_from(list(Metric)),
    whole=st.booleans(),
)
def test_exact_search_is_numpys(n, d, k, many, seed, metric, whole):
    rng = np.random.default_rng(seed)
    draw = (lambda *size: rng.integers(-1, 2, size)) if whole else (lambda *size: rng.normal(size=size))
    block = Block.of([table(np.asarray(draw(n, d), np.float32))], "v_m")
    queries = np.asarray(draw(many, d), np.float32)
    for query, rows in zip(
        queries, block.nearest_of_many(queries, k, metric=metric, where=None), strict=True
    ):
        assert rows["score"].to_pylist() == pytest.approx(exactly(block, query, k, metric, 0), abs=1e-12)
        keys = [
            (-score if metric.higher_is_better else score, id)
            for score, id in zip(rows["score"].to_pylist(), rows["id"].to_pylist(), strict=True)
        ]
        assert keys == sorted(keys)


@pytest.mark.parametrize("kind", ["memory", "lance"])
def test_what_was_added_removed_or_replaced_is_so_for_the_next_search(kind, tmp_path):
    store = MemoryStore() if kind == "memory" else LanceStore(str(tmp_path / "some"))
    rng = np.random.default_rng(0)
    kept: dict[str, np.ndarray] = {}
    for step in range(6):
        ids = sorted({str(i) for i in rng.integers(0, 60, 20)})
        if step % 3 == 2:
            store.delete(ids)
            kept = {id: vector for id, vector in kept.items() if id not in ids}
        else:
            vectors = rng.normal(size=(len(ids), 8)).astype(np.float32)
            store.put(table(vectors).set_column(0, "id", pa.array(ids)))
            kept |= dict(zip(ids, vectors, strict=True))
        query = rng.normal(size=8).astype(np.float32)
        scores = dict(zip(kept, cosine(np.stack(list(kept.values())), query).tolist(), strict=True))
        best = sorted(scores, key=lambda id: (-scores[id], id))[:5]
        for _ in range(3):  # the third is answered from memory
            assert store.nearest("m", query, 5)["id"].to_pylist() == best


@pytest.mark.slow
def test_a_large_store_is_searched_from_memory_once_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", FEW)
    if "_scan" in missing():
        pytest.skip("built without a compiler")
    vectors = clouds(N, D)
    store = LanceStore(str(tmp_path / "many"))
    store.put(table(vectors))
    queries = clouds(20, D, seed=4)
    for _ in range(3):
        store.nearest("m", queries[0], 10)
    deadline = time.monotonic() + 60
    snapshot = store._tables.snapshot()
    while store._blocks.get(snapshot, "v_m") is None and time.monotonic() < deadline:
        time.sleep(0.1)
    block = store._blocks.get(snapshot, "v_m")
    assert block is not None
    assert block.codes is not None
    for query in queries:
        at = [int(id) for id in store.nearest("m", query, 10)["id"].to_pylist()]
        assert len({*at} & {*np.argsort(-cosine(vectors, query))[:10].tolist()}) >= 9
    store.put(table(vectors[:1]).set_column(0, "id", pa.array(["new"])))
    assert (
        "new" in store.nearest("m", vectors[0], 2)["id"].to_pylist()
    )  # no old block answers for a new version
