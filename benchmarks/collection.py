"""How fast is a collection? Adding rows, searching, and a cold search from the shell, beside Chroma.

    python benchmarks/collection.py BOOKS.csv LINES.txt.gz [--encoder use] [--sizes 10000,200000]

BOOKS.csv has columns book_id, title, authors (goodbooks-10k). LINES.txt.gz is text, a paragraph a line; its short
lines become items. Chroma (`pip install chromadb`) gets the same vectors, with its default settings. All times are
medians of interleaved runs in this one process, but for the cold ones, which are whole processes.
"""

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

import firth
from firth.types import Item

QUERIES = 40


def short_lines(path: Path) -> Iterator[str]:
    seen = set()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = line.strip()[:90]
            if len(text) > 20 and text not in seen:
                seen.add(text)
                yield text


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def describe(times: list[float]) -> str:
    return f"p50 {np.median(times) * 1e3:7.1f} ms   p95 {np.quantile(times, 0.95) * 1e3:7.1f} ms"


def adding(books: Path, encoder: str, home: str) -> None:
    collection = firth.open(f"{home}/books-{encoder}", model=encoder)
    collection.add(["the first text loads the encoder"])
    seconds = timed(lambda: collection.add(books, id="book_id", text=["title", "authors"]))
    count = len(collection) - 1
    again = timed(lambda: collection.add(books, id="book_id", text=["title", "authors"]))
    print(
        f"add {books.name} by {encoder}: {count:,} rows in {seconds:.1f} s = {count / seconds:,.0f} items/s; ",
        end="",
    )
    print(f"the same file again, unchanged: {again:.1f} s")


def searching(lines: Path, size: int, encoder: str, home: str) -> None:
    texts = list(islice(short_lines(lines), size + QUERIES))
    collection = firth.open(f"{home}/lines-{size}", model=encoder)
    items = [Item(str(i), text=text) for i, text in enumerate(texts[QUERIES:])]
    seconds = timed(lambda: collection.add(items))
    print(
        f"{len(items):,} short lines by {encoder}: added in {seconds:.1f} s = {len(items) / seconds:,.0f} items/s"
    )
    queries = texts[:QUERIES]
    vectors = firth.encoder(encoder).encode_query(queries)
    runs: dict[str, Callable[[int], object]] = {
        "firth, words, hybrid": lambda i: collection.search(queries[i]),
        "firth, words, vector": lambda i: collection.search(queries[i], mode="vector"),
        "firth, a vector": lambda i: collection.search(positive=[vectors[i]], mode="vector"),
        "firth, the store alone": lambda i: collection.store.nearest("meaning", vectors[i], 10),
    }
    peer = chroma(collection, texts[QUERIES:], home)
    if peer is not None:
        runs["chroma, a vector"] = lambda i: peer.query(query_embeddings=[vectors[i].tolist()], n_results=10)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for i in range(QUERIES):
        for name, run in runs.items():
            times[name].append(timed(lambda run=run, i=i: run(i)))
    for name, found in times.items():
        print(f"  {name:<24} {describe(found[5:])}")
    report_recall(collection, vectors, peer)


def chroma(collection: firth.Collection, texts: list[str], home: str):
    try:
        import chromadb
    except ImportError:
        print("  chroma is not installed: pip install chromadb")
        return None
    ids, vectors = collection.vectors()
    documents = dict(zip(map(str, range(len(texts))), texts, strict=True))
    peer = chromadb.PersistentClient(f"{home}/chroma").create_collection(
        f"lines-{len(ids)}", metadata={"hnsw:space": "cosine"}
    )
    start = time.perf_counter()
    for i in range(0, len(ids), 5000):
        some = ids[i : i + 5000]
        peer.add(ids=some, embeddings=vectors[i : i + 5000], documents=[documents[id] for id in some])
    print(f"  chroma: the same vectors added in {time.perf_counter() - start:.1f} s (no encoding)")
    return peer


def report_recall(collection: firth.Collection, vectors: np.ndarray, peer) -> None:
    def rows(vector: np.ndarray, exact: bool) -> set:
        found = collection.store.nearest("meaning", vector, 10, exact=exact)
        return set(zip(found["id"].to_pylist(), found["part"].to_pylist(), strict=True))

    line = f"  recall@10: firth {np.mean([len(rows(v, False) & rows(v, True)) for v in vectors]) / 10:.3f}"
    if peer is not None:
        ids, matrix = collection.vectors()
        exact = [{ids[j] for j in row} for row in np.argsort(-(vectors @ matrix.T), axis=1)[:, :10]]
        theirs = [set(peer.query(query_embeddings=[v.tolist()], n_results=10)["ids"][0]) for v in vectors]
        line += f", chroma {np.mean([len(a & b) for a, b in zip(theirs, exact, strict=True)]) / 10:.3f}"
    print(line)


def cold(home: str, encoder: str) -> None:
    """Whole processes: `firth search` against `import numpy`."""
    place = f"{home}/books-{encoder}"
    commands = {
        "python -c 'import numpy'": [sys.executable, "-c", "import numpy"],
        "firth search, words": [sys.executable, "-m", "firth", "search", "會魔法的少年", "-c", place],
        "firth search, --mode text": [
            sys.executable,
            "-m",
            "firth",
            "search",
            "魔法",
            "-c",
            place,
            "--mode",
            "text",
        ],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(7):
        for name, command in commands.items():
            times[name].append(timed(lambda c=command: subprocess.run(c, check=True, capture_output=True)))
    base = float(np.median(times["python -c 'import numpy'"]))
    for name, found in times.items():
        print(f"  {name:<28} {np.median(found):6.2f} s   {np.median(found) / base:5.1f} x numpy's import")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("books", type=Path)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--encoder", default="use")
    parser.add_argument("--sizes", default="10000,200000")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["FIRTH_HOME"] = home
        adding(args.books, args.encoder, home)
        cold(home, args.encoder)
        for size in map(int, args.sizes.split(",")):
            searching(args.lines, size, args.encoder, home)


if __name__ == "__main__":
    main()
