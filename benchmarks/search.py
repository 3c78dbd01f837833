"""Search of vectors in memory: firth's scan of signs beside faiss, hnswlib, LanceDB's index and plain numpy.

    pip install faiss-cpu hnswlib
    python benchmarks/search.py VECTORS.npy [--rows 100000] [--queries 200] [--only NAME...]

VECTORS.npy holds ``(n, d)`` vectors of an encoder, as from ``firth embed texts.txt --model use -o v.npy``; the last
``--queries`` of them ask. All engines answer one query at a time on as many threads as there are cores, each query
by each engine in turn, the order turned from query to query; a figure is the median over queries. ``1 %`` asks with a
filter that one row of a hundred passes, where the engine can. Recall is the share of the ten truly nearest by numpy.
Ratios are to faiss' flat index. ``build`` is in seconds from vectors in memory to the first answer.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

K = 10
RATE = 100
"""One row of so many passes the filter."""

Search = Callable[[np.ndarray, bool], list[int]]


@dataclass
class Engine:
    name: str
    build: float
    search: Search
    filters: bool = True
    seconds: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    found: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})


def firth_scan(vectors: np.ndarray, chosen: np.ndarray) -> Search:
    from firth.similarity import Metric
    from firth.stores.filters import Compare
    from firth.stores.lance.block import Block

    block = Block.of([rows(vectors, chosen)], "v_m", coded=True)
    where = Compare("f_chosen", "=", 1)

    def search(query: np.ndarray, filtered: bool) -> list[int]:
        hits = block.nearest(query, K, metric=Metric.COSINE, where=where if filtered else None)
        return [int(id) for id in hits["id"].to_pylist()]

    return search


def rows(vectors: np.ndarray, chosen: np.ndarray, start: int = 0) -> pa.Table:
    n, d = vectors.shape
    return pa.table(
        {
            "id": [str(i) for i in range(start, start + n)],
            "part": pa.array(np.zeros(n, np.int32)),
            "f_chosen": pa.array(chosen.astype(np.int64)),
            "v_m": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), d),
        }
    )


def lance_index(vectors: np.ndarray, chosen: np.ndarray) -> Search:
    """The store as one process asks it once: from the file, by its index."""
    from firth.stores.filters import Compare
    from firth.stores.lance import LanceStore
    from firth.stores.lance import store as lance

    lance.largest = lambda: 0  # nothing is kept in memory
    folder = tempfile.mkdtemp()
    store = LanceStore(folder)
    for start in range(0, len(vectors), 100_000):
        some = slice(start, start + 100_000)
        store.put(rows(vectors[some], chosen[some], start))
    store.optimize()
    where = Compare("f_chosen", "=", 1)

    def search(query: np.ndarray, filtered: bool) -> list[int]:
        return [
            int(id)
            for id in store.nearest("m", query, K, where=where if filtered else None)["id"].to_pylist()
        ]

    return search


def faiss_flat(vectors: np.ndarray, chosen: np.ndarray) -> Search:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    only = faiss.SearchParameters(sel=faiss.IDSelectorBatch(np.flatnonzero(chosen)))

    def search(query: np.ndarray, filtered: bool) -> list[int]:
        return index.search(query[None], K, params=only if filtered else None)[1][0].tolist()

    return search


def faiss_hnsw(ef: int) -> Callable[[np.ndarray, np.ndarray], Search]:
    def make(vectors: np.ndarray, chosen: np.ndarray) -> Search:
        import faiss

        index = faiss.IndexHNSWFlat(vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = 100
        index.add(vectors)
        index.hnsw.efSearch = ef

        def search(query: np.ndarray, filtered: bool) -> list[int]:
            return index.search(query[None], K)[1][0].tolist()

        return search

    return make


def hnswlib_graph(ef: int) -> Callable[[np.ndarray, np.ndarray], Search]:
    def make(vectors: np.ndarray, chosen: np.ndarray) -> Search:
        import hnswlib

        index = hnswlib.Index("ip", vectors.shape[1])
        index.init_index(len(vectors), M=16, ef_construction=100)
        index.add_items(vectors, num_threads=os.cpu_count())
        index.set_ef(ef)
        return lambda query, filtered: index.knn_query(query, K, num_threads=1)[0][0].tolist()

    return make


def plain(vectors: np.ndarray, chosen: np.ndarray) -> Search:
    some = np.flatnonzero(chosen)
    few = vectors[some]

    def search(query: np.ndarray, filtered: bool) -> list[int]:
        scores = (few if filtered else vectors) @ query
        best = np.argpartition(-scores, K)[:K]
        best = best[np.argsort(-scores[best])]
        return (some[best] if filtered else best).tolist()

    return search


ENGINES: dict[str, tuple[Callable[[np.ndarray, np.ndarray], Search], bool]] = {
    "faiss flat": (faiss_flat, True),
    "numpy": (plain, True),
    "firth scan": (firth_scan, True),
    "hnswlib ef 64": (hnswlib_graph(64), False),
    "hnswlib ef 256": (hnswlib_graph(256), False),
    "faiss hnsw ef 256": (faiss_hnsw(256), False),
    "lance index": (lance_index, True),
}


def ask(engine: Engine, query: np.ndarray, filtered: bool, truth: list[int]) -> None:
    start = time.perf_counter()
    found = engine.search(query, filtered)
    engine.seconds[filtered].append(time.perf_counter() - start)
    engine.found[filtered].append(len({*found} & {*truth}) / K)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--only", nargs="*", default=list(ENGINES), choices=list(ENGINES), metavar="NAME")
    args = parser.parse_args()
    given = np.load(args.vectors, mmap_mode="r")
    count = min(args.rows, len(given) - args.queries)
    vectors = np.ascontiguousarray(given[:count], np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    queries = np.ascontiguousarray(given[-args.queries :], np.float32)
    queries /= np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), 1e-12)
    chosen = np.random.default_rng(0).integers(0, RATE, count) == 0

    engines = []
    for name in args.only:
        make, filters = ENGINES[name]
        start = time.perf_counter()
        search = make(vectors, chosen)
        search(queries[0], False)
        engines.append(Engine(name, time.perf_counter() - start, search, filters))
        print(f"built {name} in {engines[-1].build:.1f} s", flush=True)

    truth = plain(vectors, chosen)
    for number, query in enumerate(queries):
        for filtered in (False, True):
            right = truth(query, filtered)
            for engine in engines[number % len(engines) :] + engines[: number % len(engines)]:
                if engine.filters or not filtered:
                    ask(engine, query, filtered, right)

    flat = next((np.median(e.seconds[False]) for e in engines if e.name == "faiss flat"), None)
    print(f"\n{count:,} vectors of {vectors.shape[1]} dimensions, {len(queries)} queries one by one")
    print(
        f"{'':18}{'build s':>9}{'recall':>8}{'ms p50':>8}{'p95':>8}{'x flat':>8}{'1 %: recall':>13}{'ms p50':>8}"
    )
    for engine in engines:
        every, some = np.array(engine.seconds[False]) * 1e3, np.array(engine.seconds[True]) * 1e3
        ratio = f"{flat * 1e3 / np.median(every):8.1f}" if flat else " " * 8
        line = f"{engine.name:18}{engine.build:9.1f}{np.mean(engine.found[False]):8.3f}"
        line += f"{np.median(every):8.2f}{np.percentile(every, 95):8.2f}{ratio}"
        if engine.filters:
            line += f"{np.mean(engine.found[True]):13.3f}{np.median(some):8.2f}"
        print(line)


if __name__ == "__main__":
    main()
