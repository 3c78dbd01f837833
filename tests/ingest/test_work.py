"""The seam: an `Encode` may read ahead of what is written, and may divide batches; the collection is the same."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from firth import Item
from firth.data import Limits
from firth.encoders.spaces import default_spaces
from firth.ingest import add
from firth.ingest.work import AHEAD, Batch, Change, encode_batch, encode_here
from firth.kernel.threads import cores
from firth.stores import open_store

LIMITS = Limits()


def here(spaces):
    return lambda batches: encode_here(batches, spaces, limits=LIMITS)


def ahead(spaces):
    """Reads everything before it encodes anything."""
    return lambda batches: encode_here(list(batches), spaces, limits=LIMITS)


def halving(spaces):
    def encode(batches):
        for batch in batches:
            middle = len(batch.changes) // 2
            for some in filter(None, (batch.changes[:middle], batch.changes[middle:])):
                half = replace(batch, changes=some)
                yield half, encode_batch(half, spaces, limits=LIMITS)

    return encode


def one_after_the_other(spaces):
    return lambda batches: ((batch, encode_batch(batch, spaces, limits=LIMITS)) for batch in batches)


def items_of_growing_types():
    """A field of integers that turns to fractions, one whose type the first batch sets, a vector likewise."""
    items = [Item(f"i{n}", text=f"第 {n} 句", fields={"n": n if n < 150 else n / 7}) for n in range(260)]
    items[10] = Item("early", text="a", fields={"word": 3})
    items[200] = Item("misfit", text="b", fields={"word": "三"})
    items[11] = Item("wide", text="c", vectors={"mine": np.ones(3, np.float32)})
    items[201] = Item("narrow", text="d", vectors={"mine": np.ones(2, np.float32)})
    items[202] = Item("broken", image=b"no picture")
    return items


@pytest.mark.parametrize("way", [ahead, halving, one_after_the_other])
def test_the_way_of_encoding_makes_no_difference(way):
    spaces = default_spaces("use")
    tables, reports = [], []
    for encode in (here(spaces), way(spaces)):
        store = open_store(":memory:")
        report = add(store, items_of_growing_types(), spaces, limits=LIMITS, encode=encode)
        reports.append(replace(report, skipped=tuple(sorted(report.skipped, key=str))))
        tables.append(pa.concat_tables(store.scan(store.schema().names, parts=True)).sort_by("id"))
    assert reports[0] == reports[1]
    assert [skip.source for skip in reports[0].skipped] == ["broken", "misfit", "narrow"]
    assert tables[0].schema.equals(tables[1].schema)
    assert tables[0].drop(["v_meaning"]).equals(tables[1].drop(["v_meaning"]))
    vectors = [np.stack(table["v_meaning"].to_numpy()) for table in tables]
    assert np.allclose(*vectors, atol=1e-6)


class Broken(Exception):
    """What a test lets happen."""


def batches_of(count, size=3):
    for n in range(count):
        changes = [Change(Item(f"{n}.{i}", text=f"蘋果 {n} {i}"), "hash", known=False) for i in range(size)]
        yield Batch(changes, pa.schema([]))


def threads_at_work():
    return [thread for thread in threading.enumerate() if thread.name.startswith("firth-add")]


@pytest.fixture
def two_cores(monkeypatch):
    """Threads, also on a machine of one core."""
    monkeypatch.setenv("FIRTH_THREADS", "2")
    cores.cache_clear()
    yield
    monkeypatch.undo()
    cores.cache_clear()


@pytest.mark.usefixtures("two_cores")
class TestAhead:
    def test_batches_come_back_in_their_order(self):
        given = list(batches_of(9))
        found = list(encode_here(given, default_spaces("use"), limits=LIMITS))
        assert [batch for batch, _ in found] == given
        assert [encoded.rows["id"].to_pylist()[0] for _, encoded in found] == [f"{n}.0" for n in range(9)]

    def test_only_a_few_are_read_before_the_first_is_written(self):
        read = []
        encoded = encode_here(
            (read.append(batch) or batch for batch in batches_of(9)), default_spaces("use"), limits=LIMITS
        )
        next(encoded)
        assert len(read) == 1, "the first goes alone"
        next(encoded)
        assert len(read) <= AHEAD + 2
        encoded.close()

    def test_who_closes_it_waits_for_no_whole_batch(self):
        encoded = encode_here(
            batches_of(4, size=2000), default_spaces("use"), limits=LIMITS
        )  # each takes half a second and more
        next(encoded)
        encoded.close()
        assert not threads_at_work()

    def test_an_error_of_the_stream_ends_the_threads_and_what_was_written_stays(self):
        items = [Item(str(n), text=f"第 {n} 句") for n in range(2100)]

        def stream():
            yield from items
            raise Broken

        store, spaces = open_store(":memory:"), default_spaces("use")
        with pytest.raises(Broken):
            add(store, stream(), spaces, limits=LIMITS)
        assert not threads_at_work()
        there = store.count()
        report = add(store, items, spaces, limits=LIMITS)
        assert there == len(report.unchanged) > 0
        assert len(report.added) == 2100 - there

    def test_an_error_of_a_listener_ends_the_threads(self):
        class Listener:
            def done(self, status, ids):
                raise Broken

            def skipped(self, skip):
                raise AssertionError(skip)

        store = open_store(":memory:")
        items = [Item(str(n), text=f"第 {n} 句") for n in range(2000)]
        with pytest.raises(Broken):
            add(store, items, default_spaces("use"), limits=LIMITS, listener=Listener())
        assert not threads_at_work()
        assert 0 < store.count() < 2000
