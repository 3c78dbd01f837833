"""Search of vectors in memory: firth's scan of signs beside faiss, hnswlib, LanceDB's indexes and plain numpy.

    pip install faiss-cpu hnswlib
    python benchmarks/search.py VECTORS.npy [--rows 100000 ...] [--queries 100] [--only NAME ...]

VECTORS.npy holds ``(n, d)`` vectors of an encoder, as from ``firth embed texts.txt --model use -o v.npy``; the last
``--queries`` of them ask, and as many before them tune: an index that has something to set is set to the first of its
settings that finds .99 of the ten nearest. Engines answer one query at a time, each query by each engine in turn, the
order turned from query to query; a figure is the median over queries. ``1 %`` and ``10 %`` ask with a filter that such
a share of the rows passes, where the engine can. ``batch`` asks all queries in one call, per query, best of three.
Recall is the share of what was found that is as near as the tenth nearest by numpy. ``x flat`` is how many times as
long faiss' flat index takes. ``build`` is in seconds from vectors in memory to the first answer. ``GB/s`` is what an
engine that reads every vector reads; the line above the table says what the memory gives to all cores together.

Engines that build for many minutes are left out above ``--patience`` rows, but for those named by ``--only``.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

K = 10
SHARES = {"all": 1.0, "1 %": 0.01, "10 %": 0.1}
ENOUGH = 0.99
NEAR = 1e-6
"""Cosines this near are equal: float32 says no more."""

Search = Callable[[np.ndarray, str], list[int]]
Batch = Callable[[np.ndarray], list[list[int]]]


@dataclass
class Engine:
    """What can be asked.

    ``settings`` are tried in order by ``tune``; ``reads`` is how many bytes one query reads, where it reads all.
    """

    search: Search
    batch: Batch | None = None
    filters: bool = True
    settings: Iterable[int] = ()
    tune: Callable[[int], None] = lambda setting: None
    reads: int = 0
    name: str = ""
    build: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=lambda: {share: [] for share in SHARES})
    recalls: dict[str, list[float]] = field(default_factory=lambda: {share: [] for share in SHARES})
    batches: list[float] = field(default_factory=list)


@dataclass
class Corpus:
    """Vectors of unit length and, for every share, which rows pass."""

    vectors: np.ndarray
    passing: dict[str, np.ndarray]

    def table(self, start: int, end: int) -> pa.Table:
        """Rows as a store has them."""
        some = self.vectors[start:end]
        columns = {"id": list(map(str, range(start, end))), "part": pa.array(np.zeros(len(some), np.int32))}
        for share, field_ in (("1 %", "f_one"), ("10 %", "f_ten")):
            columns[field_] = pa.array(self.passing[share][start:end].astype(np.int64))
        columns["v_m"] = pa.FixedSizeListArray.from_arrays(pa.array(some.reshape(-1)), some.shape[1])
        return pa.table(columns)


def where(share: str):
    from firth.stores.filters import Compare

    return {"all": None, "1 %": Compare("f_one", "=", 1), "10 %": Compare("f_ten", "=", 1)}[share]


def firth_block(coded: bool) -> Callable[[Corpus], Engine]:
    def make(corpus: Corpus) -> Engine:
        from firth.similarity import Metric
        from firth.stores.block import Block

        block = Block.of([corpus.table(0, len(corpus.vectors))], "v_m", coded=coded)

        def ids(hits: pa.Table) -> list[int]:
            return [int(id) for id in hits["id"].to_pylist()]

        def search(query: np.ndarray, share: str) -> list[int]:
            return ids(block.nearest(query, K, metric=Metric.COSINE, where=where(share)))

        def batch(queries: np.ndarray) -> list[list[int]]:
            return [ids(hits) for hits in block.nearest_of_many(queries, K, metric=Metric.COSINE, where=None)]

        reads = block.codes.signs.nbytes if block.codes else corpus.vectors.nbytes
        return Engine(search, batch, reads=reads)

    return make


def firth_store(corpus: Corpus) -> Engine:
    """The store where vectors do not fit into memory: their signs do, and candidates are read from the file."""
    from firth.stores.lance import LanceStore, block

    block.largest = lambda: 0  # no vectors are kept in memory
    store = LanceStore(tempfile.mkdtemp())
    for start in range(0, len(corpus.vectors), 100_000):
        store.put(corpus.table(start, min(start + 100_000, len(corpus.vectors))))
    store.optimize()

    def search(query: np.ndarray, share: str) -> list[int]:
        return [int(id) for id in store.nearest("m", query, K, where=where(share))["id"].to_pylist()]

    return Engine(search)


def lancedb_index(kind: str) -> Callable[[Corpus], Engine]:
    """LanceDB asked directly; the setting is how many partitions are looked at, ten times ``K`` are refined."""

    def make(corpus: Corpus) -> Engine:
        import lancedb
        from lancedb import index

        n = len(corpus.vectors)
        table = lancedb.connect(tempfile.mkdtemp()).create_table("t", corpus.table(0, n))
        config = {
            "pq": lambda: index.IvfPq(distance_type="cosine", num_sub_vectors=corpus.vectors.shape[1] // 8),
            "hnsw": lambda: index.HnswSq(distance_type="cosine"),
        }[kind]()
        table.create_index("v_m", config=config)
        probes = [1]

        def search(query: np.ndarray, share: str) -> list[int]:
            asked = table.search(query, vector_column_name="v_m").distance_type("cosine").nprobes(probes[0])
            asked = asked.refine_factor(20)
            if kind == "hnsw":
                asked = asked.ef(20 * K)
            if share != "all":
                asked = asked.where("f_one = 1" if share == "1 %" else "f_ten = 1", prefilter=True)
            return [int(id) for id in asked.limit(K).select(["id"]).to_arrow()["id"].to_pylist()]

        return Engine(search, settings=(4, 16, 64, 256), tune=lambda n: probes.__setitem__(0, n))

    return make


def faiss_flat(corpus: Corpus) -> Engine:
    import faiss

    index = faiss.IndexFlatIP(corpus.vectors.shape[1])
    index.add(corpus.vectors)
    only = {
        share: None
        if share == "all"
        else faiss.SearchParameters(sel=faiss.IDSelectorBatch(np.flatnonzero(p)))
        for share, p in corpus.passing.items()
    }
    return Engine(
        lambda query, share: index.search(query[None], K, params=only[share])[1][0].tolist(),
        lambda queries: index.search(queries, K)[1].tolist(),
        reads=corpus.vectors.nbytes,
    )


def faiss_ivf(corpus: Corpus) -> Engine:
    import faiss

    n, d = corpus.vectors.shape
    lists = max(16, int(n**0.5))
    quantizer = faiss.IndexFlatIP(d)
    index = faiss.IndexIVFFlat(quantizer, d, lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.max_points_per_centroid, index.cp.niter = 64, 10
    index.train(corpus.vectors)
    index.add(corpus.vectors)
    selectors = {
        share: None if share == "all" else faiss.IDSelectorBatch(np.flatnonzero(p))
        for share, p in corpus.passing.items()
    }
    probes = [1]

    def asked(queries: np.ndarray, share: str) -> list[list[int]]:
        if selectors[share] is None:
            index.nprobe = probes[0]
            return index.search(queries, K)[1].tolist()
        only = faiss.SearchParametersIVF(sel=selectors[share], nprobe=probes[0])
        return index.search(queries, K, params=only)[1].tolist()

    return Engine(
        lambda query, share: asked(query[None], share)[0],
        lambda queries: asked(queries, "all"),
        settings=[nprobe for nprobe in (4, 8, 16, 32, 64, 128, 256, 512) if nprobe <= lists],
        tune=lambda nprobe: probes.__setitem__(0, nprobe),
    )


def faiss_hnsw(corpus: Corpus) -> Engine:
    import faiss

    index = faiss.IndexHNSWFlat(corpus.vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 100
    index.add(corpus.vectors)
    return Engine(
        lambda query, share: index.search(query[None], K)[1][0].tolist(),
        lambda queries: index.search(queries, K)[1].tolist(),
        filters=False,
        settings=(32, 64, 128, 256, 512, 1024),
        tune=lambda ef: setattr(index.hnsw, "efSearch", ef),
    )


def hnswlib_graph(corpus: Corpus) -> Engine:
    import hnswlib

    index = hnswlib.Index("ip", corpus.vectors.shape[1])
    index.init_index(len(corpus.vectors), M=16, ef_construction=100)
    index.add_items(corpus.vectors, num_threads=os.cpu_count())
    return Engine(
        lambda query, share: index.knn_query(query, K, num_threads=1)[0][0].tolist(),
        lambda queries: index.knn_query(queries, K, num_threads=os.cpu_count())[0].tolist(),
        filters=False,
        settings=(32, 64, 128, 256, 512, 1024),
        tune=index.set_ef,
    )


def plain(corpus: Corpus) -> Engine:
    def best(scores: np.ndarray) -> list[int]:
        top = np.argpartition(-scores, K)[:K]
        return top[np.argsort(-scores[top])].tolist()

    rows = {share: np.flatnonzero(p) for share, p in corpus.passing.items() if share != "all"}
    few = {share: corpus.vectors[some] for share, some in rows.items()}

    def search(query: np.ndarray, share: str) -> list[int]:
        if share == "all":
            return best(corpus.vectors @ query)
        return rows[share][best(few[share] @ query)].tolist()

    return Engine(
        search, lambda queries: [best(row) for row in queries @ corpus.vectors.T], reads=corpus.vectors.nbytes
    )


ENGINES: dict[str, tuple[Callable[[Corpus], Engine], bool]] = {
    "faiss flat": (faiss_flat, False),
    "numpy": (plain, False),
    "firth exact": (firth_block(False), False),
    "firth scan": (firth_block(True), False),
    "firth store": (firth_store, False),
    "faiss ivf": (faiss_ivf, False),
    "faiss hnsw": (faiss_hnsw, True),
    "hnswlib": (hnswlib_graph, True),
    "lancedb hnsw sq": (lancedb_index("hnsw"), True),
    "lancedb ivf pq": (lancedb_index("pq"), True),
}
"""By name: what makes it, and whether that takes many minutes of a million vectors."""


def tenth(corpus: Corpus, queries: np.ndarray, share: str) -> np.ndarray:
    """The cosine of the K-th nearest of the rows that pass, for each query."""
    best = np.full((len(queries), K), -np.inf, np.float32)
    rows = np.flatnonzero(corpus.passing[share])
    for start in range(0, len(rows), 50_000):
        scores = queries @ corpus.vectors[rows[start : start + 50_000]].T
        best = -np.partition(-np.concatenate([best, scores], axis=1), K - 1, axis=1)[:, :K]
    return best.min(axis=1)


def recall(corpus: Corpus, query: np.ndarray, found: list[int], least: float) -> float:
    ids = np.array(sorted({id for id in found if id >= 0}), np.int64)
    return float(np.sum(corpus.vectors[ids] @ query >= least - NEAR)) / K


def tuned(engine: Engine, corpus: Corpus, queries: np.ndarray) -> str:
    least = tenth(corpus, queries, "all")
    for setting in engine.settings:
        engine.tune(setting)
        pairs = zip(queries, least, strict=True)
        got = np.mean([recall(corpus, query, engine.search(query, "all"), t) for query, t in pairs])
        if got >= ENOUGH:
            break
    return f", set to {setting} (recall {got:.3f} of the queries that tune)" if engine.settings else ""


def built(name: str, corpus: Corpus, tuning: np.ndarray) -> Engine:
    start = time.perf_counter()
    engine = ENGINES[name][0](corpus)
    engine.search(tuning[0], "all")
    engine.name, engine.build = name, time.perf_counter() - start
    print(f"built {name} in {engine.build:.1f} s{tuned(engine, corpus, tuning)}", flush=True)
    return engine


def turned(engines: list[Engine], number: int) -> list[Engine]:
    first = number % len(engines)
    return engines[first:] + engines[:first]


def ask_one_by_one(engines: list[Engine], corpus: Corpus, queries: np.ndarray) -> None:
    least = {share: tenth(corpus, queries, share) for share in SHARES}
    for share, (number, query) in itertools.product(SHARES, enumerate(queries)):
        for engine in turned(engines, number):
            if not engine.filters and share != "all":
                continue
            start = time.perf_counter()
            found = engine.search(query, share)
            engine.seconds[share].append(time.perf_counter() - start)
            engine.recalls[share].append(recall(corpus, query, found, least[share][number]))


def ask_together(engines: list[Engine], queries: np.ndarray) -> None:
    for number in range(3):
        for engine in turned(engines, number):
            if engine.batch:
                start = time.perf_counter()
                engine.batch(queries)
                engine.batches.append((time.perf_counter() - start) / len(queries))


def bandwidth(vectors: np.ndarray) -> float:
    """Bytes a second that all cores read together, the best of five times."""
    flat = vectors.reshape(-1).view(np.int32)
    pieces = np.array_split(flat, os.cpu_count() or 1)
    with ThreadPoolExecutor(len(pieces)) as pool:

        def once() -> float:
            start = time.perf_counter()
            list(pool.map(np.bitwise_or.reduce, pieces))
            return time.perf_counter() - start

        return vectors.nbytes / min(once() for _ in range(5))


def report(engines: list[Engine], corpus: Corpus, queries: int) -> None:
    n, d = corpus.vectors.shape
    print(f"\n{n:,} vectors of {d} dimensions, {queries} queries; memory gives", end=" ")
    print(f"{bandwidth(corpus.vectors) / 1e9:.1f} GB/s. Medians in ms")
    heads = ["build s", "recall", "one", "p95", "x flat", "GB/s", "batch", "x flat"]
    heads += ["1 %", "recall", "10 %", "recall"]
    print(f"{'':16}" + "".join(f"{head:>8}" for head in heads))
    flat = next((engine for engine in engines if engine.name == "faiss flat"), None)
    for engine in engines:
        one = float(np.median(engine.seconds["all"]))
        cells = [f"{engine.build:.1f}", f"{np.mean(engine.recalls['all']):.3f}", f"{one * 1e3:.3f}"]
        cells += [f"{np.percentile(engine.seconds['all'], 95) * 1e3:.3f}"]
        cells += [f"{np.median(flat.seconds['all']) / one:.1f}" if flat else ""]
        cells += [f"{engine.reads / one / 1e9:.1f}" if engine.reads else ""]
        cells += [f"{min(engine.batches) * 1e3:.3f}" if engine.batches else ""]
        cells += [f"{min(flat.batches) / min(engine.batches):.1f}" if flat and engine.batches else ""]
        for share in ("1 %", "10 %"):
            asked = engine.seconds[share]
            cells += [f"{np.median(asked) * 1e3:.3f}" if asked else ""]
            cells += [f"{np.mean(engine.recalls[share]):.3f}" if asked else ""]
        print(f"{engine.name:16}" + "".join(f"{cell:>8}" for cell in cells), flush=True)


def directions(vectors: np.ndarray, width: int | None) -> np.ndarray:
    vectors = np.ascontiguousarray(vectors[:, :width], np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--width", type=int, help="take the first so many numbers of each vector")
    parser.add_argument(
        "--patience", type=int, default=200_000, help="rows above which slow builds are left out"
    )
    parser.add_argument("--only", nargs="*", choices=list(ENGINES), metavar="NAME", help=", ".join(ENGINES))
    args = parser.parse_args()
    given = np.load(args.vectors, mmap_mode="r")
    queries = directions(given[-args.queries :], args.width)
    tuning = directions(given[-2 * args.queries : -args.queries], args.width)
    for rows in args.rows:
        vectors = directions(given[: min(rows, len(given) - 2 * args.queries)], args.width)
        draw = np.random.default_rng(0).random(len(vectors))
        corpus = Corpus(vectors, {share: draw < part for share, part in SHARES.items()})
        names = args.only or [
            name for name, (_, slow) in ENGINES.items() if not slow or rows <= args.patience
        ]
        if left := [name for name in ENGINES if name not in names and not args.only]:
            print(f"left out, slow to build: {', '.join(left)}", flush=True)
        engines = [built(name, corpus, tuning) for name in names]
        ask_one_by_one(engines, corpus, queries)
        ask_together(engines, queries)
        report(engines, corpus, len(queries))


if __name__ == "__main__":
    main()
