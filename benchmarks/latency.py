"""How long one search takes: from the shell, and in a program that searches again and again.

    python benchmarks/latency.py --data FOLDER [--sizes 1000 10000 100000] [--models use minilm] [--rounds 8]

FOLDER holds goodbooks10k/books.csv; above 10,000 rows two titles each are put together. The collections are kept in
--place (a folder of the system's for what is temporary) and used again the next time.

- "hybrid", "where", "vector", "words": medians of `search` in Python, k = 10, the process warm: five queries in so many
  rounds, each with another number behind it. "where" is a hybrid search with a filter that half the books pass.
- "10 %": the tenth of them that was fastest, which another process on the machine disturbs least.
- "first": the first search of a process that has firth and the model imported and the collection opened.
- "server": a request to /api/search of `firth serve`, the process warm, median.
- "shell": `firth search ...` from the start of the process to its end, the best of three.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

QUERIES = ["a boy who learns magic", "murder in a small town", "how to cook", "war and love", "space travel"]
TOKEN = "token-for-measuring-only"
WHERE = "original_publication_year > 2000"
ASKED: dict[str, dict[str, str]] = {
    "hybrid": {},
    "where": {"where": WHERE},
    "vector": {"mode": "vector"},
    "words": {"mode": "text"},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--models", nargs="*", default=["use", "minilm"])
    parser.add_argument("--rounds", type=int, default=8, help="of the five queries")
    parser.add_argument("--place", type=Path, default=Path(tempfile.gettempdir(), "firth-latency"))
    arguments = parser.parse_args()
    head = [*ASKED, "10 %", "first", "server", "shell"]
    print(f"{'ms':<16}" + "".join(f"{name:>{len(name) + 3}}" for name in head), flush=True)
    for size in arguments.sizes:
        for model in arguments.models:
            folder = made(arguments.data, arguments.place / f"{model}-{size}", model=model, size=size)
            figures = measured(folder, model=model, size=size, rounds=arguments.rounds)
            line = "".join(f"{figures[name] * 1e3:>{len(name) + 3}.1f}" for name in head)
            print(f"{model + ' ' + f'{size:,}':<16}{line}", flush=True)
    bare = best_of(3, partial(run, [sys.executable, "-c", "pass"]))
    print(f"an empty process: {bare * 1e3:.0f} ms", flush=True)


def made(data: Path, folder: Path, *, model: str, size: int) -> Path:
    """The collection, made where it has not been."""
    import firth

    books = firth.open(folder, model=model)
    if len(books) == size:
        return folder
    start = time.perf_counter()
    books.add(table(data, size=size, folder=folder.parent), id="book_id", text=("title", "authors"))
    print(f"{folder}: {len(books):,} books added in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return folder


def table(data: Path, *, size: int, folder: Path) -> Path:
    """So many books as a csv file; beyond those there are, each is called by two titles."""
    with (data / "goodbooks10k" / "books.csv").open(encoding="utf-8", newline="") as file:
        books = list(csv.DictReader(file))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{size}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(books[0]))
        writer.writeheader()
        for number in range(size):
            book, other = books[number % len(books)], books[number * 7919 % len(books)]
            if number >= len(books):
                title = f"{book['title']} {other['title']} {number}"
                book = {**book, "book_id": number + 1, "title": title, "authors": other["authors"]}
            writer.writerow(book)
    return path


def measured(folder: Path, *, model: str, size: int, rounds: int) -> dict[str, float]:
    """Seconds of each kind of search."""
    import firth

    firth.encoder(model).encode(["apple"])
    figures = {"shell": best_of(3, partial(run, shell(folder)))}
    books = firth.open(folder)
    figures["first"] = taken(partial(books.search, QUERIES[0]))
    warm_up(books.search, size=size)
    for name, options in ASKED.items():
        warm_up(partial(books.search, **options), size=0)
        times = sorted(taken(partial(books.search, query, **options)) for query in asked(rounds))
        figures[name] = statistics.median(times)
        if name == "hybrid":
            figures["10 %"] = times[len(times) // 10]
    figures["server"] = served(folder, size=size, rounds=rounds)
    return figures


def asked(rounds: int) -> list[str]:
    """The queries, none of them twice."""
    return [f"{query} {number}" for number in range(rounds) for query in QUERIES]


def warm_up(search: Callable[[str], Any], *, size: int) -> None:
    """Search until what is made aside is there."""
    for query in QUERIES[:3]:
        search(query)
    time.sleep(size / 25_000)
    for query in QUERIES[3:]:
        search(query)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Callable[[str], None]]:
    """A server of the collection; what is given asks it for one search."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "firth", "serve", "-c", str(folder), "--no-open"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--token", TOKEN], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()  # it listens
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}

        def ask(query: str) -> None:
            connection.request("POST", "/api/search", json.dumps({"text": query, "k": 10}), headers)
            answer = connection.getresponse()
            if len(json.loads(answer.read()).get("hits", ())) != 10:
                raise SystemExit(f"the server answered {answer.status}")

        yield ask
    finally:
        server.terminate()
        server.wait(20)


def served(folder: Path, *, size: int, rounds: int) -> float:
    with serving(folder) as ask:
        warm_up(ask, size=size)
        return statistics.median(taken(partial(ask, query)) for query in asked(rounds))


def shell(folder: Path) -> list[str]:
    return [sys.executable, "-m", "firth", "search", QUERIES[0], "-c", str(folder)]


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def taken(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best_of(count: int, work: Callable[[], Any]) -> float:
    return min(taken(work) for _ in range(count))


if __name__ == "__main__":
    main()
