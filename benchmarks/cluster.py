"""What do Ray's workers bring? Adding rows by this process alone, and by one and two workers.

    python benchmarks/cluster.py DATA_FOLDER [--encoder use] [--rows 4000] [--workers 1,2] [--rounds 3]

The folder holds goodbooks10k/books.csv. All add the same rows to new collections in turn, round after round; medians
are given, so that what else the machine does falls on all alike. Rows a second are counted from the first batch in
the store on; how long that took, with the start of the workers and the loading of encoders, stands beside it. This
process alone uses all cores, each worker one.

The last lines say what the process that calls `add` costs in CPU seconds beside what its workers cost, which suffer
less from what else the machine does; from that follows how many workers it can feed.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from firth.data import Limits
from firth.distributed import Cluster, encoding
from firth.distributed.cluster import connected
from firth.encoders.spaces import Space, default_spaces
from firth.ingest import Batch, Encode, Encoded, add, encode_batch
from firth.stores import open_store
from firth.types import Item, Skipped


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of data sets")
    parser.add_argument("--encoder", default="use")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    items = books(arguments.data / "goodbooks10k" / "books.csv", arguments.rows)
    spaces = default_spaces(arguments.encoder)
    crews = [0, *map(int, arguments.workers.split(","))]
    with connected(Cluster()):
        compare(items, spaces, crews, rounds=arguments.rounds)
    shares(items, spaces)


def books(path: Path, count: int) -> list[Item]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:count]
    return [
        Item(
            row["book_id"],
            text=f"{row['title']}\n{row['authors']}",
            fields={"year": row["original_publication_year"], "rating": float(row["average_rating"])},
        )
        for row in rows
    ]


class Clock:
    """Listens to `add`, and so knows when the first batch was in the store and when the last."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.batches: list[tuple[float, int]] = []

    def done(self, status: str, ids: Sequence[str]) -> None:
        self.batches.append((time.perf_counter(), len(ids)))

    def skipped(self, skip: Skipped) -> None:
        raise SystemExit(f"skipped {skip}")

    @property
    def start(self) -> float:
        """Seconds until the first batch was in the store."""
        return self.batches[0][0] - self.begun

    @property
    def rate(self) -> float:
        """Items a second from then on."""
        count = sum(count for _, count in self.batches[1:])
        return count / (self.batches[-1][0] - self.batches[0][0])


def compare(items: list[Item], spaces: Mapping[str, Space], crews: list[int], *, rounds: int) -> None:
    clocks: dict[int, list[Clock]] = {workers: [] for workers in crews}
    for _ in range(rounds):
        for workers in crews:
            with encoding(Cluster(workers=workers) if workers else False, spaces, limits=Limits()) as encode:
                clocks[workers].append(added(items, spaces, encode))
    plain = statistics.median(clock.rate for clock in clocks[0])
    for workers, found in clocks.items():
        name = f"Ray, workers: {workers}" if workers else "this process"
        rate, start = (statistics.median(getattr(clock, key) for clock in found) for key in ("rate", "start"))
        print(
            f"{name:<16} {rate:>7,.0f} rows/s {rate / plain:5.2f} x   first batch after {start:.1f} s",
            flush=True,
        )


def added(items: list[Item], spaces: Mapping[str, Space], encode: Encode | None) -> Clock:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        add(open_store(folder), items, spaces, limits=Limits(), listener=clock, encode=encode)
        return clock


def shares(items: list[Item], spaces: Mapping[str, Space]) -> None:
    """CPU seconds of what the workers would do, and of all the rest."""
    spent = 0.0

    def encode(batches: Iterable[Batch]) -> Iterator[tuple[Batch, Encoded]]:
        nonlocal spent
        for batch in batches:
            start = time.process_time()
            encoded = encode_batch(batch, spaces, limits=Limits())
            spent += time.process_time() - start
            yield batch, encoded

    start = time.process_time()
    added(items, spaces, encode)
    rest = time.process_time() - start - spent
    print(f"encoding: {len(items) / spent:,.0f} rows a CPU second; all else: {len(items) / rest:,.0f}")
    print(f"so one process that adds can feed {spent / rest:.0f} cores")


if __name__ == "__main__":
    main()
