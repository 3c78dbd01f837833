"""Workers and machines that die: nothing is lost, nothing is there twice, and what kills is named."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest

import firth
from firth import Item
from firth import sample as bundled
from firth.distributed import Cluster, pool
from firth.errors import StoreError

from .conftest import Doing, assert_same, everything, ids_of, workers

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="sends signals")]

TEXTS = [f"第 {n} 個句子 and some words of number {n}, which goes on for a while" for n in range(1500)]


class Poison(str):
    """A text that ends every process that it is sent to."""

    def __reduce__(self):
        return os._exit, (1,)


def kill_one():
    """End a worker process as the system would when memory runs out; False where none is there yet."""
    found = workers()
    if found:
        os.kill(found[0], signal.SIGKILL)
    return bool(found)


def test_workers_killed(started, folder, tmp_path):
    killing = Doing(kill_one, every=150, times=5)
    report = folder.add(TEXTS, ray=True, listener=killing)
    assert killing.left <= 2, "hardly one was killed: this test tests too little"
    assert (len(report.added), report.skipped) == (len(TEXTS), ())
    assert ids_of(folder) == Counter(report.added)
    assert len(everything(folder)) == len(TEXTS)
    plain = firth.open(str(tmp_path / "plain"), model="use")
    plain.add(TEXTS)
    assert_same(plain, folder)
    assert len(folder.add(TEXTS, ray=True).unchanged) == len(TEXTS)


def test_one_that_kills_is_named_and_the_rest_goes_in(started, folder):
    items = [Item(str(n), text=Poison(text) if n == 17 else text) for n, text in enumerate(TEXTS[:60])]
    report = folder.add(items, ray=True)
    (skip,) = report.skipped
    assert skip.source == "17"
    assert "workers died" in skip.reason
    assert ids_of(folder) == Counter(str(n) for n in range(60) if n != 17)


def test_when_all_die_it_ends_with_their_names(started, empty, monkeypatch):
    monkeypatch.setattr(pool, "IN_A_ROW", 2)
    items = [Item(f"bad {n}", text=Poison("x")) for n in range(64)]
    with pytest.raises(StoreError, match=r"workers died one after the other, the last of them at .*'bad "):
        empty.add(items, ray=Cluster(workers=1))
    assert not len(empty)
    assert empty.add(["蘋果"], ray=Cluster(workers=1)).added


@pytest.fixture
def machines():
    """Three machines of one core each, played on this one; the first is the program's own."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster as Machines

    ray.shutdown()
    played = Machines(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": 200_000_000},
    )
    others = [played.add_node(num_cpus=1, object_store_memory=200_000_000) for _ in range(2)]
    played.wait_for_nodes()
    yield played, others
    ray.shutdown()
    played.shutdown()


def test_a_machine_lost(machines, sample, tmp_path):
    """The sample has pictures, which travel to the other machines as bytes."""
    played, others = machines
    losing = Doing(lambda: played.remove_node(others.pop(), allow_graceful=False), every=100)
    spread = firth.open(str(tmp_path / "spread"), model="use")
    report = spread.add(
        bundled.path() / "items.jsonl", image="image", ray=Cluster(played.address, workers=3), listener=losing
    )
    assert losing.left == 0
    assert len(report.added) == len(sample) == len(ids_of(spread))
    assert max(ids_of(spread).values()) == 1
    assert_same(sample, spread)
