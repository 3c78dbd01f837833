"""To a file and back: nothing is lost, nothing encoded, and no file but firth's own is taken for one."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import firth
from contracts.test_store import STORES
from firth.errors import (
    EncoderMismatchError,
    InputError,
    SchemaError,
    StoreError,
    UnknownNameError,
    UnreadableError,
)
from firth.moving import exporting, is_export, reading, restore
from firth.moving.exporting import KEY, export
from firth.moving.layout import named
from firth.notes import corpus
from firth.stores.memory import MemoryStore

from .made import FIELDS, NOTES, fill, library, many, vectors
from .test_copying import Told, digest


@pytest.fixture
def source():
    return fill(MemoryStore(), library())


@pytest.fixture
def file(source, tmp_path):
    path = tmp_path / "書 books.parquet"
    assert export(corpus(source), path) == 3
    return path


@pytest.fixture
def no_encoder(monkeypatch):
    """As if none were installed."""

    def missing(name=None):
        raise UnknownNameError(f"no encoder {name!r}")

    for place in ("firth.notes.encoder", "firth.encoders.spaces.encoder"):
        monkeypatch.setattr(place, missing)


def about(path):
    return json.loads(pq.read_metadata(path).metadata[KEY])


def with_note(path, **changes):
    """The same file with another note of its own."""
    table, note = pq.read_table(path), {**about(path), **changes}
    with pq.ParquetWriter(path, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({KEY: json.dumps(note)})
    return path


class TestRoundTrip:
    @pytest.mark.parametrize("kind", STORES)
    def test_gives_every_store_the_same(self, source, file, kind, tmp_path, no_encoder):
        target, told = STORES[kind](tmp_path), Told()
        report = restore(target, file, listener=told)
        assert sorted(report.added) == sorted(told.ids["added"]) == ["0", "a'b\n%_", "紅樓夢"]
        assert report.notes == ("an export of firth: taken as it is, vectors and all",)
        assert digest(target) == digest(source)
        assert set(target.schema()) == set(source.schema())
        assert target.read_meta() == source.read_meta()

    @pytest.mark.parametrize("most", [1, 2, 1000])
    def test_in_row_groups_of_any_size(self, source, tmp_path, monkeypatch, most):
        monkeypatch.setattr(reading, "FIRST", 1)
        monkeypatch.setattr(reading, "MOST", most)
        source.put(many(7, thumb=100))
        export(corpus(source), tmp_path / "a.parquet")
        assert pq.read_metadata(tmp_path / "a.parquet").num_row_groups == {1: 10, 2: 6, 1000: 3}[most]
        target = MemoryStore()
        assert len(restore(target, tmp_path / "a.parquet").added) == 10
        assert digest(target) == digest(source)

    def test_of_the_sample_is_whole_and_searches_alike(self, sample, encoded, tmp_path):
        path, other = tmp_path / "a.parquet", firth.open(str(tmp_path / "new"))
        assert sample.export(path) == 621
        report = other.add(path)
        assert (len(report.added), report.skipped, encoded) == (621, (), [])
        again = sample.copy_to(other)
        assert (again.copied, again.unchanged) == (0, 621)
        assert again.digest == about(path)["digest"]
        assert again.rows == about(path)["rows"] > 621
        for query in ("苹果", "a musical instrument"):
            assert other.search(query).to_list() == sample.search(query).to_list()
        assert {**other.status(), "location": ""} == {**sample.status(), "location": ""}

    def test_of_an_empty_collection(self, tmp_path):
        empty, other = MemoryStore(), MemoryStore()
        empty.write_meta(NOTES)
        assert export(corpus(empty), tmp_path / "a.parquet") == 0
        assert len(pq.read_table(tmp_path / "a.parquet")) == 0
        assert restore(other, tmp_path / "a.parquet").added == ()
        assert other.read_meta() == empty.read_meta()

    def test_of_what_passes_a_filter(self, source, tmp_path, no_encoder):
        path, other = tmp_path / "a.parquet", MemoryStore()
        assert export(corpus(source), path, where="年份 > 1700") == 1
        assert restore(other, path).added == ("紅樓夢",)
        parts = [len(table) for table in other.scan(["id"], parts=True)]
        assert sum(parts) == 3

    def test_of_a_part_says_that_percentiles_are_not_its_own(self, source, tmp_path, no_encoder):
        export(corpus(source), tmp_path / "a.parquet", where="年份 > 1700")
        note = restore(MemoryStore(), tmp_path / "a.parquet").notes[1]
        assert note.startswith("percentiles stay those of the collection that was exported: no encoder")


class TestAddedAgain:
    def test_what_is_the_same_is_left_alone(self, file):
        target = MemoryStore()
        restore(target, file)
        version = target.version()
        assert len(restore(target, file).unchanged) == 3
        assert target.version() == version

    def test_what_is_not_is_written(self, file, source):
        target = MemoryStore()
        restore(target, file)
        target.put(pa.table({"id": ["0"], "part": pa.array([0], pa.int32()), "text": ["別的"]}))
        target.delete(["紅樓夢"])
        report = restore(target, file)
        assert (report.added, report.updated, report.unchanged) == (("紅樓夢",), ("0",), ("a'b\n%_",))
        assert digest(target) == digest(source)

    def test_whole_numbers_among_fractions_are_the_same(self, file):
        target = MemoryStore()
        target.put(pa.table({"id": ["x"], "part": pa.array([0], pa.int32()), "f_年份": [0.5]}))
        target.write_meta(NOTES)
        with pytest.raises(SchemaError):  # -2**63 is no float
            restore(target, file)
        small = fill(MemoryStore(), many(2).append_column("f_年份", pa.array([1, 2])))
        export(corpus(small), file)
        restore(target, file)
        assert len(restore(target, file).unchanged) == 2

    def test_among_items_of_other_encoders_it_is_refused(self, file):
        target = MemoryStore()
        target.write_meta({"vectors": {}})
        with pytest.raises(EncoderMismatchError, match=r"an encoder nobody has .*no encoder.*--text text"):
            restore(target, file)
        assert target.count() == 0

    def test_a_model_that_did_not_make_it_is_refused(self, file):
        with pytest.raises(EncoderMismatchError, match=r"nobody has.*got model 'use'.*leave the model away"):
            firth.open(":memory:", model="use").add(file)

    def test_to_be_pruned_is_refused(self, file):
        with pytest.raises(InputError, match="firth copy"):
            firth.open(":memory:").add(file, prune=True)

    def test_columns_that_are_named_make_it_a_table(self, file, empty, encoded):
        report = empty.add(file, id="id", text="text")
        assert report.added == ("紅樓夢",)  # the others hold no text
        assert encoded == ["滿紙荒唐言。一把辛酸淚。"]


class TestTheFile:
    def test_is_one_row_an_item_for_a_person(self, file):
        table = pd.read_parquet(file).set_index("id")
        assert list(table.columns[:5]) == ["kind", "text", "path", "source", "年份"]
        assert list(table.columns[-4:]) == ["hash", "terms", "thumb", "passages"]
        row = table.loc["紅樓夢"]
        assert (row["年份"], row["stars"], list(row["標籤"])) == (1791, 4.5, ["奇幻", "", None])
        assert row["field:text"] == "text of the user"
        assert row["field:vector:meaning"] == "vector:meaning of the user"
        assert np.array_equal(row["vector:meaning"], np.float32([1, 0, 1 / 3]))
        spans = [row["text"][int(passage["start"]) : int(passage["end"])] for passage in row["passages"]]
        assert spans == ["滿紙荒唐言。", "一把辛酸淚。"]
        assert table.loc["a'b\n%_", "thumb"] == b"\x00\xffRIFF"

    def test_says_what_it_is(self, file, source):
        note = about(file)
        assert (note["format"], note["items"], note["rows"]) == (1, 3, 6)
        assert note["digest"] == digest(source).hex
        assert note["notes"] == NOTES
        assert note["types"]["年份"] == "int64"
        assert note["types"]["vector:own"] == 2

    def test_names_are_never_mistaken(self):
        names = [named(f"f_{name}") for name in FIELDS] + ["vector:meaning", "text", "passages"]
        assert len(set(names)) == len(names)

    def test_without_vectors_is_a_plain_table(self, source, tmp_path):
        export(corpus(source), tmp_path / "a.parquet", vectors=False)
        assert not is_export(tmp_path / "a.parquet")
        names = pq.read_table(tmp_path / "a.parquet").column_names
        assert names[:6] == ["id", "kind", "text", "path", "source", "年份"]
        assert not [name for name in names if name.startswith("vector:")]

    def test_of_passages_that_are_like_no_other_is_refused(self, source, tmp_path):
        rows = library()
        odd = pa.array(["一", "二", "一", "", "", ""])
        source.put(rows.set_column(rows.column_names.index("source"), "source", odd))
        with pytest.raises(StoreError, match="firth copy"):
            export(corpus(source), tmp_path / "a.parquet")
        assert list(tmp_path.iterdir()) == []


class TestOtherFiles:
    def test_written_anew_by_another_program_are_tables(self, file, empty):
        pd.read_parquet(file)[["id", "text"]].to_parquet(file)
        assert not is_export(file)
        assert empty.add(file, text="text").added == ("紅樓夢",)

    @pytest.mark.parametrize("name", ["a.csv", "nothing.parquet", "folder.parquet", "broken.parquet"])
    def test_are_no_exports(self, tmp_path, name):
        (tmp_path / "folder.parquet").mkdir()
        (tmp_path / "broken.parquet").write_bytes(b"PAR1 or not")
        assert not is_export(tmp_path / name)
        assert not is_export([1])

    def test_of_a_later_format_are_refused(self, file):
        with pytest.raises(UnreadableError, match=r"format 2;.*up to 1.*pip install --upgrade firth"):
            restore(MemoryStore(), with_note(file, format=2))

    def test_with_another_digest_are_damaged(self, file):
        with pytest.raises(UnreadableError, match=r"3 items, 6 rows.*damaged.*export it again"):
            restore(MemoryStore(), with_note(file, digest="0" * 32))

    def test_with_a_wrong_byte_are_damaged_or_it_made_no_difference(self, file, source):
        """Of the bytes before the footer some are statistics, which nobody reads here."""
        content, whole, damaged = file.read_bytes(), digest(source), 0
        for place in range(4, 3000, 53):
            wrong, target = bytearray(content), MemoryStore()
            wrong[place] ^= 0xFF
            file.write_bytes(wrong)
            try:
                restore(target, file)
                assert digest(target) == whole
            except UnreadableError as error:
                damaged += 1
                assert "Next: export it again" in str(error)
        assert damaged > 30


class TestJsonLines:
    def test_leave_out_what_only_firth_can_use(self, source, tmp_path):
        assert export(corpus(source), tmp_path / "a.jsonl") == 3
        rows = {
            row["id"]: row for row in map(json.loads, (tmp_path / "a.jsonl").read_text("utf-8").splitlines())
        }
        row = rows["紅樓夢"]
        assert (row["年份"], row["hash"], row["field:id"]) == (1791, "hash of the user", "id of the user")
        assert row["vector:meaning"] == pytest.approx([1, 0, 1 / 3])
        assert "terms" not in row

    def test_vectors_are_there_again_when_they_are_named(self, sample, empty, encoded, tmp_path):
        path = tmp_path / "a.jsonl"
        count = sample.export(path, where="collection = 'poem'")
        report = empty.add(path, text="text", vectors={"meaning": "vector:meaning", "look": "vector:look"})
        assert (len(report.added), report.skipped, encoded) == (count, (), [])
        one, other = (dict(zip(*collection.vectors(), strict=True)) for collection in (sample, empty))
        assert all(np.array_equal(one[id], vector) for id, vector in other.items())


def test_numpy_takes_a_filter(sample, tmp_path):
    count = sample.export(tmp_path / "v.npy", where="kind = 'image'")
    ids = (tmp_path / "v.ids.txt").read_text("utf-8").splitlines()
    assert np.load(tmp_path / "v.npy").shape == (count, 512)
    assert set(ids) == {row["id"] for row in sample.items(where="kind = 'image'")}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.ids.txt", "v.npy"]


@pytest.mark.parametrize("ending", [".parquet", ".jsonl", ".npy"])
def test_an_export_that_fails_leaves_the_file_as_it_was(source, tmp_path, monkeypatch, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"before")
    scan = source.scan

    def breaking(columns, **asked):
        yield from scan(columns, **asked)
        raise StoreError("the network is gone")

    monkeypatch.setattr(source, "scan", breaking)
    with pytest.raises(StoreError):
        exporting.export(corpus(source), path)
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [(path.name, b"before")]


def test_vectors_of_ones_own(tmp_path):
    """And a collection that firth encoded nothing of."""
    mine = firth.open(":memory:")
    mine.add(np.eye(3, dtype=np.float32), ids=["甲", "b", "c"])
    mine.export(tmp_path / "a.parquet")
    other = firth.open(":memory:")
    assert len(other.add(tmp_path / "a.parquet").added) == 3
    assert mine.copy_to(other).unchanged == 3
    assert vectors([[1, 2, 3]]).type == other.store.schema().field("v_vector").type
