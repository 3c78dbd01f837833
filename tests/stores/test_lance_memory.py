"""That the store in a folder gives back what it no longer needs, and that nobody who reads meanwhile notices."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pyarrow as pa
import pytest

from firth.stores.lance import LanceStore
from firth.stores.lance.engine import READ_AHEAD

from .made import rows


@pytest.fixture
def store(tmp_path) -> LanceStore:
    return LanceStore(str(tmp_path / "藏書"))


def test_a_scan_goes_on_while_the_tables_are_opened_anew(store):
    for start in range(0, 12_000, 4000):
        store.put(rows([str(n) for n in range(start, start + 4000)], d=2))
    scan = store.scan(["id"])
    seen = set(next(scan)["id"].to_pylist())
    store.optimize()
    store.put(rows(["later"], d=2))
    seen |= {id for table in scan for id in table["id"].to_pylist()}
    assert len(seen) == 12_000
    assert store.count() == 12_001


def test_readers_in_other_threads_do_not_notice(store):
    store.put(rows([str(n) for n in range(300)]))
    failed, done = [], threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert len(store.nearest("m", np.ones(8, np.float32), 5)) == 5
                assert store.count() == 300
                assert len(store.match(["魔法"], 3)) == 3
        except Exception as error:  # to be raised in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        store.put(rows([str(n) for n in range(40)]))
        store.optimize()
    done.set()
    for thread in threads:
        thread.join()
    assert not failed


def test_rows_larger_than_what_is_read_ahead_come_through(store):
    pictures = [bytes([n]) * 2**20 for n in range(48)]
    assert sum(map(len, pictures)) > READ_AHEAD
    ids = [str(n) for n in range(len(pictures))]
    for part in (slice(0, 20), slice(20, None)):
        store.put(rows(ids[part], thumb=pa.array(pictures[part], pa.large_binary())))
    store.optimize()
    found = {
        id: thumb
        for table in store.scan(["id", "thumb"])
        for id, thumb in zip(table["id"].to_pylist(), table["thumb"].to_pylist(), strict=True)
    }
    assert found == dict(zip(ids, pictures, strict=True))


@pytest.mark.parametrize(("set_by_user", "used"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_the_command_line_has_arrow_give_memory_back(set_by_user, used):
    code = "import firth.cli as cli; cli._give_memory_back(); import pyarrow as pa; print(pa.default_memory_pool())"
    environment = {key: value for key, value in os.environ.items() if key != "ARROW_DEFAULT_MEMORY_POOL"}
    if set_by_user:
        environment["ARROW_DEFAULT_MEMORY_POOL"] = set_by_user
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert f"backend_name={used} " in done.stdout


ADDING = """
import sys
from pathlib import Path
import firth.cli
firth.cli._give_memory_back()
import numpy as np
from firth import Item
from firth.data import Limits
from firth.ingest import add
from firth.stores.lance import LanceStore


def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024


class Look:
    count = 0
    points = []

    def done(self, status, ids):
        self.count += len(ids)
        self.points.append((self.count, held()))

    def skipped(self, skip):
        raise AssertionError(skip)


rng, store, look = np.random.default_rng(0), LanceStore(sys.argv[1]), Look()
words = [f"word{n}" for n in range(3000)]
items = (
    Item(f"{n:016x}", text=" ".join(rng.choice(words, 8)), vectors={"m": rng.normal(size=64).astype(np.float32)})
    for n in range(60_000)
)
report = add(store, items, {}, limits=Limits(), listener=look)
store.optimize()
assert len(report.added) == store.count() == 60_000
(few, low), (many, high) = next(point for point in look.points if point[0] >= 20_000), look.points[-1]
print((high - low) / (many - few))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_held_hardly_grows_while_items_are_added(tmp_path):
    command = [sys.executable, "-c", ADDING, str(tmp_path / "s")]
    grown = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown < 150  # bytes an item: some 70; 370 where nothing is given back
