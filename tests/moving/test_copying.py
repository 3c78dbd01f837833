"""From store to store: nothing is lost, nothing is done twice, nothing of others is touched."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import firth
from contracts.test_store import STORES
from firth.errors import EncoderMismatchError, InputError, SchemaError, StoreError
from firth.moving import copy, reading
from firth.moving.reading import digest_of, ids_of, whole_items
from firth.stores.memory import MemoryStore

from .made import NOTES, fill, library, many, vectors


@pytest.fixture
def source():
    return fill(MemoryStore(), library())


@pytest.fixture(params=STORES)
def target(request, tmp_path):
    return STORES[request.param](tmp_path)


@pytest.fixture
def memory():
    return MemoryStore()


class Told:
    """A listener that remembers, and may do something when it is told."""

    def __init__(self, then=lambda status: None):
        self.ids = {}
        self._then = then

    def done(self, status, ids):
        self.ids.setdefault(status, []).extend(ids)
        self._then(status)


class Frail(MemoryStore):
    """A store that fails once it has taken so many batches."""

    strength = 2

    def put(self, rows):
        if self.strength == 0:
            raise StoreError("the disk is full")
        self.strength -= 1
        super().put(rows)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(reading, "FIRST", 4)
    monkeypatch.setattr(reading, "MOST", 4)


def digest(store):
    return digest_of(store, lambda ids: None)


class TestEveryStore:
    def test_gets_everything(self, source, target):
        told = Told()
        report = copy(source, target, places=("here", "there"), listener=told)
        assert (report.items, report.rows, report.copied) == (3, 6, 3)
        assert (report.replaced, report.unchanged, report.removed, report.notes) == (0, 0, 0, ())
        assert report.digest == digest(target).hex == digest(source).hex
        assert str(report) == f"3 copied\n3 items, 6 rows, digest {report.digest} the same on both sides"
        assert set(target.schema()) == set(source.schema())
        assert target.read_meta() == source.read_meta()
        assert sorted(told.ids["copied"]) == ["0", "a'b\n%_", "紅樓夢"]
        assert sorted(told.ids["compared"]) == sorted(told.ids["copied"] * 2)

    def test_and_gives_it_back(self, source, target):
        copy(source, target, places=("here", "there"))
        back = MemoryStore()
        assert copy(target, back, places=("there", "here")).digest == digest(source).hex
        assert back.read_meta() == source.read_meta()

    def test_leaves_alone_what_is_there(self, source, target):
        copy(source, target, places=("here", "there"))
        source.put(many(2))
        report = copy(source, target, places=("here", "there"))
        assert (report.copied, report.unchanged, report.items) == (2, 3, 5)

    def test_becomes_the_same_when_told_to(self, source, target):
        target.put(many(2).append_column("v_meaning", vectors([[1, 2], None], 2)))
        target.put(library().slice(0, 1).select(["id", "part", "text"]))
        target.write_meta({"of": "another", "vectors": {}})
        report = copy(source, target, places=("here", "there"), replace=True)
        assert (report.copied, report.replaced, report.removed) == (2, 1, 2)
        assert report.digest == digest(source).hex == digest(target).hex
        assert target.read_meta() == source.read_meta()

    def test_takes_an_empty_collection(self, target):
        empty = MemoryStore()
        empty.write_meta(NOTES)
        assert copy(empty, target, places=("here", "there")).items == 0
        assert target.read_meta() == empty.read_meta()


class TestInterrupted:
    def test_goes_on_where_it_stopped(self, small_batches):
        source, target = fill(MemoryStore(), many(20)), Frail()
        with pytest.raises(StoreError, match="disk is full"):
            copy(source, target, places=("here", "there"))
        assert (target.count(), target.read_meta()["copying"]) == (8, str(Path("here").resolve()))
        target.strength = 100
        report = copy(source, target, places=("here", "there"))
        assert (report.copied, report.unchanged, target.strength) == (12, 8, 97)
        assert target.read_meta() == source.read_meta()

    def test_takes_what_changed_in_between(self, small_batches):
        source, target = fill(MemoryStore(), many(20)), Frail()
        with pytest.raises(StoreError):
            copy(source, target, places=("here", "there"))
        source.put(pa.table({"id": ["n1"], "part": pa.array([0], pa.int32()), "text": ["改了"]}))
        target.strength = 100
        report = copy(source, target, places=("here", "there"))
        assert (report.copied, report.replaced, report.unchanged) == (12, 1, 7)

    def test_is_not_mistaken_for_another(self, small_batches):
        target = Frail()
        with pytest.raises(StoreError):
            copy(fill(MemoryStore(), many(20)), target, places=("postgresql://me:secret@host/a", "there"))
        with pytest.raises(InputError, match=r"unfinished copy of postgresql://me@host/a\. Next: finish"):
            copy(fill(MemoryStore(), many(20)), target, places=("b", "there"))
        with pytest.raises(InputError, match="source is an unfinished copy"):
            copy(target, MemoryStore(), places=("c", "there"))

    def test_says_so_in_the_status(self):
        collection = firth.open(":memory:")
        collection.store.write_meta({"copying": "s3://bucket/書"})
        assert collection.status()["copying"] == "s3://bucket/書"


class TestRefused:
    """And then nothing is written."""

    def refused(self, source, target, error, match):
        before = digest(target), target.read_meta()
        with pytest.raises(error, match=match):
            copy(source, target, places=("here", "there"))
        assert (digest(target), target.read_meta()) == before

    def test_where_items_would_be_lost(self, source, memory):
        fill(memory, many(5))
        self.refused(source, memory, InputError, r"5 items \('n0', 'n1', 'n2', \.\.\.\) that .*--replace")

    def test_where_items_would_change(self, source, memory):
        fill(memory, library().filter(pa.array([False] * 5 + [True])))
        memory.put(pa.table({"id": ["0"], "part": pa.array([0], pa.int32()), "text": ["別的"]}))
        self.refused(source, memory, InputError, r"1 item \('0'\) with another content.*--replace")

    def test_where_other_encoders_made_the_vectors(self, source, memory):
        fill(memory, library())
        memory.write_meta({"vectors": {}})
        self.refused(source, memory, EncoderMismatchError, "other encoders.*new collection")

    def test_where_a_column_has_another_type(self, source, memory):
        memory.put(pa.table({"id": ["x"], "part": pa.array([0], pa.int32()), "f_年份": ["text"]}))
        memory.delete(["x"])
        self.refused(source, memory, SchemaError, "'年份'.*string.*int64.*Next: copy to a new collection")

    def test_onto_itself(self, folder, monkeypatch):
        folder.store.write_meta(NOTES)
        monkeypatch.chdir(Path(folder.location).parent)
        for same in (folder, firth.open(folder.location), firth.open(f"./{Path(folder.location).name}")):
            with pytest.raises(InputError, match="twice"):
                folder.copy_to(same)


class TestWrittenToMeanwhile:
    def test_is_noticed_and_mended_by_the_same_command(self, source, memory):
        def change(status):
            if status == "copied":
                source.put(many(1))

        with pytest.raises(StoreError, match=r"written to while .*4 items.*3 items.* Next: run the same"):
            copy(source, memory, places=("here", "there"), listener=Told(change))
        report = copy(source, memory, places=("here", "there"))
        assert (report.copied, report.unchanged) == (1, 3)

    def test_is_said_where_it_makes_no_difference(self, source, memory):
        report = copy(
            source, memory, places=("here", "there"), listener=Told(lambda status: source.optimize())
        )
        assert report.notes == ()
        written = Told(lambda status: source.write_meta({"seen": 1}))
        assert (
            "was written to meanwhile"
            in copy(source, memory, places=("here", "there"), listener=written).notes[0]
        )
        assert memory.read_meta()["seen"] == 1

    def test_a_target_written_to_is_noticed_too(self, source, memory):
        meddling = Told(lambda status: memory.delete(["0"]) if status == "copied" else None)
        with pytest.raises(StoreError, match=r"somebody else wrote to the target.*the same command"):
            copy(source, memory, places=("here", "there"), listener=meddling)


class TestBatches:
    """However heavy the rows are, a batch is not."""

    @pytest.mark.parametrize("thumb, items, most", [(0, 6000, 4096), (50_000, 100, 64), (500_000, 70, 64)])
    def test_are_of_bounded_bytes(self, monkeypatch, thumb, items, most):
        monkeypatch.setattr(reading, "BATCH_BYTES", 2**20)
        store = fill(MemoryStore(), many(items, thumb=thumb))
        batches = list(whole_items(store, ids_of(store)))
        assert sum(map(len, batches)) == items
        assert max(map(len, batches)) <= most
        assert all(batch.nbytes < 2**20 for batch in batches[1:])  # the first one is a guess


def test_a_copy_answers_like_its_original(sample, encoded, tmp_path):
    other = firth.open(str(tmp_path / "副本"))
    report = sample.copy_to(other)
    assert (report.items, report.copied) == (621, 621)
    assert not encoded
    for query in ("苹果", "a musical instrument"):
        assert other.search(query).to_list() == sample.search(query).to_list()
    assert {**other.status(), "location": ""} == {**sample.status(), "location": ""}
