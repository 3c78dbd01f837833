"""The kernel's tokenizer beside the package sentencepiece, with the models of `e5-small` and `use`.

    python benchmarks/pieces.py [--data FOLDER] [--lines 200000] [--rounds 5]

Of the folder every text file (.txt, .csv, .tsv, .jsonl, .gz of these) is read, line by line; without it, the texts of
firth.sample are taken. First the start: a process of its own loads the tokenizer and cuts one query; milliseconds
(median) and resident MB that this adds. Then the lines, 128 at a time as the encoders do it, in one thread and in all;
rounds are interleaved, medians taken. At last whether ids are equal, and places for one line in ten.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from firth import sample
from firth.encoders import encoder
from firth.encoders.sentencepieces import SentencePieces, Tokenizer
from firth.places import cached_file

MODELS = ("e5-small", "use")
KINDS = (".txt", ".csv", ".tsv", ".jsonl")
AT_ONCE = 128
START = """
import sys, time
from firth.encoders import encoder
def resident():
    lines = open("/proc/self/status") if sys.platform == "linux" else ()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0)
e = encoder(sys.argv[1])
e.fingerprint
before, start = resident(), time.perf_counter()
e.tokenize(["a query about apples 蘋果"], "query")
print(time.perf_counter() - start, resident() - before)
"""


def texts_of(folder: Path | None, count: int) -> list[str]:
    """So many lines, drawn with a fixed seed."""
    every = list(_lines(folder)) if folder else [row["text"] for row in _rows() if "text" in row]
    return random.Random(0).sample(every, min(count, len(every)))


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name.removesuffix(".gz").endswith(KINDS):
            opened: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", encoding="utf-8", errors="replace") as file:
                yield from (line.rstrip("\n") for line in file)


def _rows() -> Iterator[dict[str, Any]]:
    with (sample.path() / "items.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def package(name: str) -> SentencePieces:
    """The package's tokenizer of the same model."""
    model: Any = encoder(name)
    if name == "use":
        return SentencePieces(model._path.with_name("sp.model"))
    return SentencePieces(cached_file(f"e5-small-{model.fingerprint}.model", model._build_tokenizer))


def start(name: str, kernel: str, rounds: int) -> tuple[float, float]:
    """Milliseconds to the first ids, and megabytes."""
    command, home = [sys.executable, "-c", START, name], {**os.environ, "FIRTH_KERNEL": kernel}
    if not kernel:
        del home["FIRTH_KERNEL"]
    runs = []
    for _ in range(rounds + 1):  # the first fills the caches
        done = subprocess.run(command, env=home, capture_output=True, text=True, check=True)
        runs.append([float(value) for value in done.stdout.split()])
    seconds, megabytes = (statistics.median(values) for values in zip(*runs[1:], strict=True))
    return seconds * 1e3, megabytes


def seconds(encode: Callable[[Sequence[str]], Any], texts: list[str]) -> float:
    begun = time.perf_counter()
    for i in range(0, len(texts), AT_ONCE):
        encode(texts[i : i + AT_ONCE])
    return time.perf_counter() - begun


def compare(ours: Tokenizer, theirs: SentencePieces, texts: list[str]) -> tuple[int, int]:
    """Of how many lines the ids, and of how many the places, differ."""
    ids = places = 0
    for i in range(0, len(texts), AT_ONCE):
        some = texts[i : i + AT_ONCE]
        ids += sum(a != b for a, b in zip(ours.encode(some), theirs.encode(some), strict=True))
    for text in texts[::10]:
        places += ours.places(text)[1].tolist() != theirs.places(text)[1].tolist()
    return ids, places


def report(name: str, texts: list[str], rounds: int) -> None:
    ours: Tokenizer = encoder(name)._tokenizer  # type: ignore[attr-defined]
    theirs = package(name)
    print(f"\n{name}")
    for who, kernel in (("firth", ""), ("sentencepiece", "off")):
        milliseconds, megabytes = start(name, kernel, rounds)
        print(f"  start {who:<16} {milliseconds:8,.1f} ms {megabytes:6,.0f} MB", flush=True)
    alone = {"firth": ours._ids, "sentencepiece": lambda some: theirs._processor.encode(some, num_threads=1)}  # type: ignore[attr-defined]
    every = {"firth": ours.encode, "sentencepiece": theirs.encode}
    tokens = sum(map(len, ours.encode(texts)))
    for threads, ways in (("one thread", alone), ("all threads", every)):
        took: dict[str, list[float]] = {who: [] for who in ways}
        for _ in range(rounds):
            for who, encode in ways.items():
                took[who].append(seconds(encode, texts))
        speed = {who: tokens / statistics.median(times) / 1e6 for who, times in took.items()}
        ratio = speed["firth"] / speed["sentencepiece"]
        print(f"  {threads:<12} " + ", ".join(f"{who} {n:.2f}" for who, n in speed.items()), end=" ")
        print(f"million tokens a second: {ratio:.2f} x", flush=True)
    ids, places = compare(ours, theirs, texts)
    print(
        f"  of {len(texts):,} lines and {tokens:,} tokens {ids} differ; of {len(texts[::10]):,}, {places} in places"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    texts = texts_of(args.data, args.lines)
    for name in MODELS:
        report(name, texts, args.rounds)


if __name__ == "__main__":
    main()
