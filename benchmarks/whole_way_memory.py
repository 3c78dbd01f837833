"""Memory of `firth add` while texts stream through it; started by whole_way.py --memory N."""

from __future__ import annotations

import contextlib
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
SHARES = (0.01, *(tenth / 10 for tenth in range(1, 11)))
"""Of the texts, after which a line is printed."""
OFTEN = 0.05
"""Seconds between two looks at the memory."""


class Watch:
    """What a process holds, looked at again and again.

    Attributes:
        anonymous: MB of its own now, which nothing but the process can give back.
        file: MB of mapped files now (libraries, weights), which the system drops when it needs room.
        peak: The most of `anonymous` so far.
    """

    def __init__(self, process: int) -> None:
        self._status = Path(f"/proc/{process}/status")
        self.anonymous = self.file = self.peak = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        with contextlib.suppress(OSError, KeyError):  # until the process has ended
            while True:
                lines = (line.split() for line in self._status.read_text().splitlines())
                found = {line[0]: int(line[1]) / 1024 for line in lines if line[0].startswith("Rss")}
                self.anonymous, self.file = found["RssAnon:"], found["RssFile:"]
                self.peak = max(self.peak, self.anonymous)
                time.sleep(OFTEN)


def stream(data: Path, texts: int) -> None:
    """Add so many texts by `firth add - --model use`, and print what its process holds on the way and at the end."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "firth", "add", "-", "-c", f"{home}/c", "--model", "use", "--json"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin and process.stdout
        feeding = threading.Thread(target=feed, args=(process.stdin, lines(data), texts), daemon=True)
        feeding.start()
        watch, start, wanted, held = Watch(process.pid), time.perf_counter(), marks(texts), {}
        print(
            f"{'items':>10} {'anonymous MB':>13} {'its peak':>9} {'files MB':>9} {'items/s':>8}", flush=True
        )
        for done, line in enumerate(process.stdout, start=1):
            if done in wanted:
                held[done], rate = watch.anonymous, done / (time.perf_counter() - start)
                print(
                    f"{done:>10,} {held[done]:>13,.0f} {watch.peak:>9,.0f} {watch.file:>9,.0f} {rate:>8,.0f}",
                    flush=True,
                )
            last = json.loads(line)
        _, code, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    print(
        f"ended with {code} after {seconds:,.0f} s ({texts / seconds:,.0f} items/s): {last['added']:,} added"
    )
    print("peak of all, the last indexes and calibration included: ", end="")
    print(f"{watch.peak:,.0f} MB anonymous, {usage.ru_maxrss / 1024:,.0f} MB with mapped files")
    few, many = wanted[1], wanted[-1]
    grown = (held[many] - held[few]) * 2**20 / (many - few)
    print(f"growth of what is held while adding, from {few:,} to {many:,} items: {grown:,.0f} B an item")


def marks(texts: int) -> list[int]:
    return [max(1, round(share * texts)) for share in SHARES]


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
