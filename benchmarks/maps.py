"""Time and faithfulness of firth's maps beside umap-learn, in the same run.

    python benchmarks/maps.py [SIZES ...] [--vectors FILE.npy] [--rounds 3] [--engines umap umap-learn pca tsne]

Without a file the vectors are made: clusters of many sizes, 384-d, clustered about as much as encoded texts. Every
engine gets the same vectors and begins from them, so that its own search for neighbours is in its time; rounds are
interleaved and medians taken. CPU seconds suffer least from what else the machine does. "recall" is the share of
the true 15 nearest neighbours among the 15 nearest on the map, of 1,000 items; the ratios are umap-learn's figures
against firth's. umap-learn compiles before it is timed. What is not installed is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from firth.maps import Task, faithfulness, layout, nearest_neighbours
from firth.maps.frames import finish
from firth.similarity import Metric, normalize

D, K, SEED = 384, 15, 0
DIRECTIONS = 24
PACKAGES = {"umap-learn": "umap", "tsne": "openTSNE"}


@dataclass(frozen=True)
class Run:
    wall: float
    cpu: float
    recall: float
    trustworthiness: float


def made(n: int) -> np.ndarray:
    """Clusters of uneven sizes in a few directions, with noise in all."""
    rng = np.random.default_rng(SEED)
    centers = rng.normal(size=(max(20, n // 200), DIRECTIONS))
    weights = 1 / np.arange(1, len(centers) + 1) ** 0.5
    chosen = rng.choice(len(centers), n, p=weights / weights.sum())
    inner = centers[chosen] + 0.5 * rng.normal(size=(n, DIRECTIONS))
    return normalize(inner @ rng.normal(size=(DIRECTIONS, D)) + 0.7 * rng.normal(size=(n, D)))


def ours(name: str) -> Callable[[np.ndarray], np.ndarray]:
    def run(vectors: np.ndarray) -> np.ndarray:
        method = layout(name)
        neighbours = nearest_neighbours(vectors, K, seed=SEED) if method.needs_neighbours else None
        return finish(method.steps(Task(vectors, Metric.COSINE, neighbours, 2, SEED)))

    return run


def umap_learn(vectors: np.ndarray) -> np.ndarray:
    """As its users call it, neighbours by its own search."""
    import umap

    model: Any = umap.UMAP(n_neighbors=K, metric="cosine", random_state=SEED, n_jobs=1)
    return np.asarray(model.fit_transform(vectors))


ENGINES = {"umap": ours("umap"), "umap-learn": umap_learn, "pca": ours("pca"), "tsne": ours("tsne")}


def timed(engine: Callable[[np.ndarray], np.ndarray], vectors: np.ndarray) -> Run:
    wall, cpu = time.perf_counter(), time.process_time()
    positions = engine(vectors)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    faithful = faithfulness(vectors, positions, k=K)
    return Run(wall, cpu, faithful.recall, faithful.trustworthiness)


def compare(names: list[str], vectors: np.ndarray, rounds: int) -> dict[str, Run]:
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in sorted(names, reverse=bool(turn % 2)):
            runs[name].append(timed(ENGINES[name], vectors))
            run = runs[name][-1]
            print(f"  {name}: {run.wall:.1f} s, {run.cpu:.1f} CPU s, recall {run.recall:.3f}", flush=True)
    return {name: middle(some) for name, some in runs.items()}


def middle(runs: list[Run]) -> Run:
    columns = ("wall", "cpu", "recall", "trustworthiness")
    return Run(*(statistics.median(getattr(run, column) for run in runs) for column in columns))


def report(n: int, figures: dict[str, Run]) -> None:
    print(f"\n{n:,} items{'':<12} {'wall, s':>10} {'CPU, s':>10} {'recall':>8} {'trust':>8}")
    for name, run in figures.items():
        print(f"{name:<22} {run.wall:>10.1f} {run.cpu:>10.1f} {run.recall:>8.3f} {run.trustworthiness:>8.3f}")
    if {"umap", "umap-learn"} <= figures.keys():
        one, other = figures["umap"], figures["umap-learn"]
        wall, cpu, recall = other.wall / one.wall, other.cpu / one.cpu, other.recall / one.recall
        print(f"{'umap-learn / umap':<22} {wall:>10.2f} {cpu:>10.2f} {recall:>8.2f}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", type=int, nargs="*", default=[10_000, 50_000])
    parser.add_argument("--vectors", help="an npy file of (n, d); the first rows are taken")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=["umap", "umap-learn", "pca"])
    arguments = parser.parse_args()
    names = [n for n in arguments.engines if n not in PACKAGES or importlib.util.find_spec(PACKAGES[n])]
    for name in names:
        ENGINES[name](made(500))
    given = None if arguments.vectors is None else np.load(arguments.vectors)
    for size in arguments.sizes:
        vectors = made(size) if given is None else normalize(given[:size])
        report(len(vectors), compare(names, vectors, arguments.rounds))


if __name__ == "__main__":
    main()
