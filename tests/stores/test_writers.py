"""Writers on object storage: they take turns, die, stand still; where the endpoint lets no two write, only one does."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter

import pytest
from tests.servers import s3

from firth.errors import SchemaError, StoreError
from firth.stores import open_store
from firth.stores.lance import LanceStore, claims, turns
from firth.stores.lance.claims import Claims
from firth.stores.lance.lease import Lease
from firth.stores.lance.object_storage import ObjectStorage

from .made import rows

SPAWN = multiprocessing.get_context("spawn")  # Lance's threads do not survive a fork
SHORT = 5.0
"""Seconds after which a writer is taken to be dead, here."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends signals")


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(turns, "LASTS", SHORT)


def stored(address) -> Counter:
    """How often each (id, part) stands in a store."""
    batches = open_store(address).scan(["id", "part"], parts=True)
    return Counter((row["id"], row["part"]) for batch in batches for row in batch.to_pylist())


@contextlib.contextmanager
def started(target, *arguments):
    """A process that runs a function, killed at the end if it has not ended."""
    process = SPAWN.Process(target=target, args=arguments)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


# --- what the processes do


def write(address, who, commits, said=None, lasts=SHORT):
    """Commits of 50 items of two rows, each followed by a note; says each that is done."""
    turns.LASTS = lasts
    store = open_store(address)
    for i in range(commits):
        store.put(rows([f"{who}-{i}-{j}" for j in range(50)] + ["同"], parts=2, seed=who))
        store.write_meta({f"{who}-{i}": i})
        if said is not None:
            said.put((who, i))


def write_when_told(address, pipe):
    """Opens the tables in its turn, and writes when it is told to; says what came of it."""
    turns.LASTS = SHORT
    store = LanceStore(address)
    try:
        with store._tables.writing("write late"):
            table = store._tables.create()
            pipe.send("has the turn")
            pipe.recv()
            table.delete("true")
            pipe.send("written")
    except StoreError as error:
        pipe.send(str(error))


def try_to_write(address, name, barrier, results):
    store = open_store(address)
    barrier.wait()
    try:
        store.put(rows([name]))
        results.put((name, "written"))
    except StoreError as error:
        results.put((name, str(error)))
    barrier.wait()  # alive until both have tried


def look_for(address, ids, seen):
    store = open_store(address)
    while not {row["id"] for batch in store.scan(["id"]) for row in batch.to_pylist()} >= set(ids):
        time.sleep(0.05)
    seen.put((store.count(), len(store.match(["魔法"], 9)), store.nearest("m", [1] * 8, 9).num_rows))


# --- with conditional put: turns


@pytest.mark.slow
def test_writers_wait_for_each_other(short):
    storage = ObjectStorage(s3.address())
    lease, other = Lease(storage), Lease(storage)
    order = []

    def second():
        with other.take() as turn:
            order.append(("second", turn.inherited))

    with lease.take() as turn:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(SHORT * 1.5)  # longer than a turn without a sign of life
        order.append(("first", turn.inherited))
        assert not turn.is_over()
    thread.join()
    assert order == [("first", False), ("second", False)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "kept"), [(KeyboardInterrupt, True), (OSError, True), (StoreError, True), (SchemaError, False)]
)
def test_one_that_was_interrupted_keeps_its_turn_until_that_is_over(monkeypatch, error, kept):
    monkeypatch.setattr(turns, "LASTS", 3.0)
    storage = ObjectStorage(s3.address())
    with contextlib.suppress(error), Lease(storage).take():
        raise error
    with Lease(storage).take() as turn:
        assert turn.inherited is kept  # and never shut the one before out
    with Lease(storage).take() as turn:
        assert turn.inherited is kept
        turn.inherited = False
    with Lease(storage).take() as turn:
        assert not turn.inherited


@pytest.mark.slow
def test_an_interrupted_claim_dies_by_itself(monkeypatch):
    monkeypatch.setattr(turns, "LASTS", 3.0)
    storage = ObjectStorage(s3.address(conditional=False))
    with contextlib.suppress(KeyboardInterrupt), Claims(storage).take():
        raise KeyboardInterrupt
    with pytest.raises(StoreError), Claims(storage).take():
        pass
    time.sleep(4)
    with Claims(storage).take():
        pass


@pytest.mark.slow
def test_two_processes_lose_and_double_nothing():
    address = s3.address()
    with started(write, address, 0, 15) as one, started(write, address, 1, 15) as two:
        for process in (one, two):
            process.join()
            assert process.exitcode == 0
    expected = {
        (f"{who}-{i}-{j}", part) for who in (0, 1) for i in range(15) for j in range(50) for part in (0, 1)
    }
    assert stored(address) == Counter(expected | {("同", 0), ("同", 1)})
    assert open_store(address).read_meta() == {f"{who}-{i}": i for who in (0, 1) for i in range(15)}
    assert len(open_store(address).match(["魔法"], 9999)) == 1501


@pytest.mark.slow
def test_killed_in_the_middle_and_the_next_goes_on(short):
    """At moments spread over what a writer does, from its start on."""
    address, said, there = s3.address(), SPAWN.Queue(), Counter()
    for kill in range(6):
        with started(write, address, kill, 99, said) as writer:
            said.get(timeout=60)
            time.sleep(0.15 + 0.23 * kill)
            os.kill(writer.pid, signal.SIGKILL)
        done = {i for who, i in drained(said) if who == kill} | {0}
        there = stored(address)
        assert set(there.values()) == {1}, f"twice after kill {kill}"
        batches = Counter(id.rpartition("-")[0] for id, _ in there if id.startswith(f"{kill}-"))
        assert set(batches.values()) == {100}, f"a part of a batch after kill {kill}"
        assert {f"{kill}-{i}" for i in done} <= set(batches), f"reported and lost after kill {kill}"
        assert len(batches) <= max(done) + 2
    open_store(address).put(rows(["after"]))
    open_store(address).optimize()
    assert stored(address) == there + Counter([("after", 0)])
    assert len(open_store(address).match(["after"], 9)) == 1


def drained(queue):
    found = []
    while not queue.empty():
        found.append(queue.get())
    return found


@pytest.mark.slow
def test_one_that_stood_still_is_shut_out(short, caplog):
    """Its turn is taken over while it sleeps; what it does when it wakes up comes to nothing."""
    address = s3.address()
    open_store(address).put(rows(["a"]))
    here, there = SPAWN.Pipe()
    with started(write_when_told, address, there) as sleeper, caplog.at_level(logging.WARNING, "firth"):
        assert here.recv() == "has the turn"
        os.kill(sleeper.pid, signal.SIGSTOP)
        open_store(address).put(rows(["b"]))
        here.send("go on")
        os.kill(sleeper.pid, signal.SIGCONT)
        assert "no sign of life" in here.recv()
    assert set(stored(address)) == {("a", 0), ("b", 0)}
    (said,) = caplog.messages
    assert f"process {sleeper.pid} on " in said
    assert "is writing to" in said
    open_store(address).put(rows(["c"]))
    assert len(open_store(address).match(["魔法"], 9)) == 3


@pytest.mark.slow
def test_a_reader_in_another_process_sees_writes_and_does_not_wait(short):
    address, seen = s3.address(), SPAWN.Queue()
    store = LanceStore(address)
    store.put(rows(["a"]))
    with started(look_for, address, ["a", "b"], seen):
        store.put(rows(["b"]))
        with store._tables.writing("hold the turn"):
            assert seen.get(timeout=60) == (2, 2, 2)


# --- without conditional put: one writer


def test_of_many_that_claim_at_once_never_two_get_in(short):
    storage = ObjectStorage(s3.address(conditional=False))
    for _ in range(8):
        barrier, inside, lock = threading.Barrier(4), [], threading.Lock()

        def claim(barrier=barrier, inside=inside, lock=lock):
            mine = Claims(storage)
            barrier.wait()
            with contextlib.suppress(StoreError), mine.take():
                with lock:
                    inside.append(mine)
                barrier.wait()
                return
            barrier.wait()

        threads = [threading.Thread(target=claim) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(inside) <= 1
        for mine in inside:
            mine._withdraw()
    with Claims(storage).take():  # all are gone
        pass


@pytest.mark.slow
def test_two_that_start_at_once_do_not_both_write():
    address = s3.address(conditional=False)
    barrier, results = SPAWN.Barrier(2), SPAWN.Queue()
    with (
        started(try_to_write, address, "a", barrier, results),
        started(try_to_write, address, "b", barrier, results),
    ):
        said = dict(results.get(timeout=60) for _ in range(2))
    written = {name for name, result in said.items() if result == "written"}
    assert len(written) <= 1
    assert {id for id, _ in stored(address)} == written
    for name in set(said) - written:
        assert "another process writes to" in said[name]
        assert "Next: wait" in said[name]


@pytest.mark.slow
def test_a_second_writer_is_refused_and_the_first_loses_nothing():
    address, said = s3.address(conditional=False), SPAWN.Queue()
    with started(write, address, 0, 15, said, 60.0) as first:
        said.get(timeout=60)
        refused = 0
        while first.is_alive():
            with contextlib.suppress(StoreError):
                open_store(address).put(rows(["mine"]))
                break
            refused += 1
            time.sleep(0.2)
        first.join()
        assert first.exitcode == 0
    assert refused > 0
    expected = {(f"0-{i}-{j}", part) for i in range(15) for j in range(50) for part in (0, 1)}
    assert stored(address) - Counter([("mine", 0)]) == Counter(expected | {("同", 0), ("同", 1)})
    open_store(address).put(rows(["mine"]))  # the first has ended, and withdrawn its claim
    assert len(open_store(address).read_meta()) == 15


@pytest.mark.slow
def test_the_claim_of_a_killed_writer_is_forgotten(short):
    address, said = s3.address(conditional=False), SPAWN.Queue()
    with started(write, address, 0, 99, said) as writer:
        said.get(timeout=60)
        os.kill(writer.pid, signal.SIGKILL)
    with pytest.raises(
        StoreError, match=r"another process writes to .*no conditional put.*forgotten after 5 s"
    ):
        open_store(address).put(rows(["a"]))
    time.sleep(SHORT + 1)
    open_store(address).put(rows(["a"]))
    assert set(stored(address).values()) == {1}


@pytest.mark.slow
def test_a_claim_is_kept_between_writes_and_let_go_later(short, monkeypatch):
    monkeypatch.setattr(claims, "LINGERS", SHORT * 1.5)
    storage = ObjectStorage(s3.address(conditional=False))
    with Claims(storage).take():
        pass
    time.sleep(SHORT * 1.2)
    with pytest.raises(StoreError), Claims(storage).take():
        pass
    time.sleep(SHORT)
    with Claims(storage).take():
        pass
