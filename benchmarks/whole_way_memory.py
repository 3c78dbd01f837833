"""Memory of `firth add` while texts stream through it; started by whole_way.py --memory N."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import IO

CORPORA = ["corpus_en", "corpus_zh_hant", "corpus_zh_hans"]
CHARACTERS = 90
"""To which lines are cut, so that each is one item of one passage or two."""
POINTS = 10


def stream(data: Path, texts: int) -> None:
    """Add so many texts by `firth add - --model use`, and print what its process holds at ten points on the way."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "firth", "add", "-", "-c", f"{home}/c", "--model", "use", "--json"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin and process.stdout
        feeding = threading.Thread(target=feed, args=(process.stdin, lines(data), texts), daemon=True)
        feeding.start()
        start, marks = time.perf_counter(), [(0, resident(process.pid))]
        print(f"{'items':>10} {'RSS MB':>8} {'peak MB':>8} {'items/s':>8}", flush=True)
        for done, line in enumerate(process.stdout, start=1):
            if done % (texts // POINTS) == 0:
                marks.append((done, resident(process.pid)))
                rate = done / (time.perf_counter() - start)
                print(
                    f"{done:>10,} {marks[-1][1]:>8,.0f} {peak(process.pid):>8,.0f} {rate:>8,.0f}", flush=True
                )
            assert json.loads(line)
        _, code, usage = os.wait4(process.pid, 0)
    print(
        f"ended with {code}; peak of all, indexes and calibration included: {usage.ru_maxrss / 1024:,.0f} MB"
    )
    (few, low), (many, high) = marks[len(marks) // 2], marks[-1]
    print(f"growth in the second half: {(high - low) * 2**20 / (many - few):,.0f} B an item")


def lines(data: Path) -> Iterator[str]:
    """Lines of all corpora, again and again, each with a number of its own."""
    for number in count():
        for corpus in CORPORA:
            with gzip.open(data / corpus / "open.txt.gz", "rt", encoding="utf-8") as file:
                some = (line.strip()[:CHARACTERS] for line in file)
                yield from (f"{text} {number}.{place}" for place, text in enumerate(some) if len(text) > 20)


def feed(file: IO[bytes], texts: Iterator[str], how_many: int) -> None:
    for text in islice(texts, how_many):
        file.write(f"{text}\n".encode())
    file.close()


def resident(process: int) -> float:
    return megabytes(process, "VmRSS:")


def peak(process: int) -> float:
    return megabytes(process, "VmHWM:")


def megabytes(process: int, name: str) -> float:
    """One line of what Linux knows about a process."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0
