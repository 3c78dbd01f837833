"""What a store knows of a version must not outlive it: other handles and other processes write between two searches."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import firth
from firth.errors import SchemaError, UnknownNameError
from firth.stores.filters import Compare
from firth.stores.lance import LanceStore
from firth.stores.lance.versions import Manifest

NEAR = np.array([1, 0, 0], np.float32)


def rows(*records: dict) -> pa.Table:
    """Whole items as a store takes them; what a record lacks is null."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    if "v_m" in columns:
        width = max(len(record["v_m"]) for record in records if "v_m" in record)
        columns["v_m"] = columns["v_m"].cast(pa.list_(pa.float32(), width))
    parts = pa.array([record.get("part", 0) for record in records], pa.int32())
    return pa.table({**columns, "part": parts})


def a_row(id: str, vector: list[float], **more: object) -> pa.Table:
    return rows({"id": id, "v_m": [float(x) for x in vector], "terms": f"word {id}", **more})


@pytest.fixture
def folder(tmp_path) -> str:
    return str(tmp_path / "藏書")


@pytest.fixture
def reader(folder) -> LanceStore:
    """A handle that has searched again and again, and so has everything in memory."""
    LanceStore(folder).put(pa.concat_tables([a_row("a", [1, 0, 0]), a_row("b", [0, 1, 0])]))
    LanceStore(folder).optimize()
    reader = LanceStore(folder)
    for _ in range(3):
        assert found(reader) == ["a", "b"]
    assert reader._blocks.directory(reader._tables.snapshot()) is not None
    return reader


def found(store: LanceStore, **asked) -> list[str]:
    ids: list[str] = store.nearest("m", NEAR, 10, **asked)["id"].to_pylist()
    return ids


def matched(store: LanceStore) -> list[str]:
    return sorted(store.match(["word"], 10)["id"].to_pylist())


def read(store: LanceStore, columns: list[str], **asked) -> list[dict]:
    listed = [row for table in store.scan(columns, **asked) for row in table.to_pylist()]
    return sorted(listed, key=lambda row: row.get("id", ""))


def in_another_process(folder: str, code: str) -> None:
    opening = f"""
import numpy as np, pyarrow as pa, shutil
from firth.stores.lance import LanceStore
folder = {folder!r}
store = LanceStore(folder)
def a_row(id, vector, **more):
    table = pa.table({{"id": [id], "part": pa.array([0], pa.int32()), "kind": ["text"], "terms": ["word " + id],
                       "v_m": pa.array([vector], pa.list_(pa.float32(), len(vector)))}})
    for name, value in more.items():
        table = table.append_column(name, pa.array([value]))
    return table
"""
    subprocess.run([sys.executable, "-c", opening + code], check=True)


# --- between two searches of one handle


def test_another_process_adds(folder, reader):
    in_another_process(folder, 'store.put(a_row("c", [.9, .1, 0]))')
    for _ in range(3):
        assert found(reader) == ["a", "c", "b"]
        assert matched(reader) == ["a", "b", "c"]
        assert [row["id"] for row in read(reader, ["id"], ids=["c", "a"])] == ["a", "c"]


def test_another_process_changes_and_removes(folder, reader):
    in_another_process(folder, 'store.put(a_row("a", [0, 0, 1])); store.delete(["b"])')
    for _ in range(3):
        assert found(reader) == ["a"]
        assert read(reader, ["id", "v_m", "text"], ids=["a", "b"]) == [
            {"id": "a", "v_m": [0, 0, 1], "text": None}
        ]
        assert matched(reader) == ["a"]


def test_another_process_folds_so_that_rows_lie_elsewhere(folder, reader):
    in_another_process(
        folder, 'store.put(a_row("0", [0, 0, 1], text="零")); store.delete(["a"]); store.optimize()'
    )
    for _ in range(3):
        assert found(reader) == ["b", "0"] or found(reader) == ["0", "b"]
        assert read(reader, ["id", "text"], ids=["0", "b"]) == [
            {"id": "0", "text": "零"},
            {"id": "b", "text": None},
        ]


def test_another_process_adds_a_field(folder, reader):
    with pytest.raises(SchemaError):
        reader.scan(["f_year"])
    in_another_process(folder, 'store.put(a_row("c", [0, 0, 1], f_year=1791))')
    assert "f_year" in reader.schema().names
    for _ in range(3):
        assert found(reader, where=Compare("f_year", ">", 1700)) == ["c"]
        assert read(reader, ["id", "f_year"], ids=["a", "c"]) == [
            {"id": "a", "f_year": None},
            {"id": "c", "f_year": 1791},
        ]


def test_another_process_widens_a_field(folder, reader):
    reader.put(a_row("c", [0, 0, 1], f_stars=4))
    assert found(reader) == found(reader) == found(reader)
    in_another_process(folder, 'store.put(a_row("d", [0, 0, .5], f_stars=4.5))')
    for _ in range(3):
        assert set(found(reader, where=Compare("f_stars", ">=", 4.0))) == {"c", "d"}
        assert reader.schema().field("f_stars").type == pa.float64()
        assert read(reader, ["f_stars"], ids=["c"]) == [{"f_stars": 4.0}]


def test_another_process_drops_the_vector_and_brings_another_of_its_name(folder, reader):
    in_another_process(folder, 'store.drop_vector("m")')
    with pytest.raises(UnknownNameError):
        found(reader)
    in_another_process(folder, 'store.put(a_row("c", [0, 1]))')
    for _ in range(3):
        assert reader.nearest("m", np.array([0, 1], np.float32), 5)["id"].to_pylist() == ["c"]


def test_another_process_writes_notes(folder, reader):
    before = reader.version()
    assert reader.version() == before
    in_another_process(folder, 'store.write_meta({"calibration": {"items": 2}})')
    assert reader.version() > before
    assert reader.read_meta() == {"calibration": {"items": 2}}


def test_the_folder_is_removed(folder, reader):
    shutil.rmtree(folder)
    assert reader.count() == 0
    assert reader.read_meta() == {}
    assert matched(reader) == []
    with pytest.raises(UnknownNameError):
        found(reader)


@pytest.mark.parametrize("while_looking", [True, False], ids=["seen gone", "not seen gone"])
def test_the_folder_is_made_anew_with_as_many_versions(folder, reader, while_looking):
    before = reader.version()
    shutil.rmtree(folder)
    if while_looking:
        assert reader.count() == 0
    in_another_process(
        folder,
        'store.put(pa.concat_tables([a_row("x", [0, 1, 0]), a_row("y", [1, 0, 0])])); LanceStore(folder).optimize()',
    )
    assert reader.version() == before, "the very case: the number alone does not tell"
    for _ in range(3):
        assert found(reader) == ["y", "x"]
        assert matched(reader) == ["x", "y"]
        assert [row["id"] for row in read(reader, ["id", "terms"], ids=["x", "a"])] == ["x"]


def test_a_collection_sees_what_another_process_adds_changes_and_makes_anew(tmp_path):
    place = tmp_path / "books"
    books = firth.open(place, model="use")
    books.add(["a cat on a mat", "trains leave at noon"])
    for _ in range(3):
        assert books.search("cat", k=1)[0].text == "a cat on a mat"
    say = f"import firth; books = firth.open({str(place)!r}, model='use')\n"
    subprocess.run(
        [sys.executable, "-c", say + "books.add([dict(text='一隻貓 a cat', year=1791)])"], check=True
    )
    assert books.search("貓", k=1)[0].fields == {"year": 1791}
    assert len(books.search("cat", where="year > 1700")) == 1
    shutil.rmtree(place)
    assert books.search("cat").note.startswith("the collection is empty")
    subprocess.run([sys.executable, "-c", say + "books.add(['a horse', 'a cow'])"], check=True)
    for _ in range(3):
        assert {hit.text for hit in books.search("cat")} == {"a horse", "a cow"}


# --- from memory as from the file


def test_rows_by_id_are_the_same_from_memory(tmp_path):
    store = LanceStore(str(tmp_path / "s"))
    some = [
        {
            "id": f"{i:02}",
            "part": part,
            "text": f"第 {i} 本" if part == 0 else None,
            "f_n": i,
            "f_tags": ["x", "奇幻"],
        }
        | ({"v_m": [i, part, 1.0]} if (i + part) % 3 else {})
        for i in range(40)
        for part in range(1 + i % 3)
    ]
    store.put(rows(*some))
    asked = ["07", "31", "00", "nobody", "07"]
    columns = [
        ["v_m", "id", "part"],
        ["text"],
        ["f_n", "part", "text", "id", "f_tags"],
        ["id"],
        ["terms", "v_m"],
    ]
    wanted = [list(store.scan(names, ids=asked, parts=parts)) for names in columns for parts in (True, False)]
    store.nearest("m", NEAR, 5)
    store.nearest("m", NEAR, 5)
    assert store._blocks.directory(store._tables.snapshot()) is not None
    again = [list(store.scan(names, ids=asked, parts=parts)) for names in columns for parts in (True, False)]
    for before, after in zip(wanted, again, strict=True):
        first, second = pa.concat_tables(before), pa.concat_tables(after)
        assert second.schema.equals(first.schema)
        assert sorted(map(str, second.to_pylist())) == sorted(map(str, first.to_pylist()))
    assert pa.concat_tables(store.scan(["id", "text"], ids=["nobody"])).num_rows == 0


@pytest.mark.parametrize("least", [-1, 10, 390, 399, 400])
def test_words_and_a_filter_are_the_same_from_memory(tmp_path, least):
    store = LanceStore(str(tmp_path / "s"))
    texts = [" ".join(["word", *(["more"] * (i % 7)), f"n{i}"]) for i in range(400)]
    store.put(
        rows(*({"id": f"{i:03}", "terms": t, "f_n": i, "v_m": NEAR.tolist()} for i, t in enumerate(texts)))
    )
    store.optimize()
    where = Compare("f_n", ">=", least)
    before = [store.match(["more", "n395"], k, where=where) for k in (5, 400)]
    store.nearest("m", NEAR, 5)
    store.nearest("m", NEAR, 5)
    assert store._blocks.directory(store._tables.snapshot()) is not None
    after = [store.match(["more", "n395"], k, where=where) for k in (5, 400)]
    assert [table["score"].to_pylist() for table in after] == [table["score"].to_pylist() for table in before]
    assert after[1].equals(before[1])


# --- the file of a version


def test_a_manifest_is_that_of_the_version_lance_says(folder, reader):
    table = reader._tables.items()
    manifest = Manifest.of(Path(folder) / "items.lance", table.version)
    assert manifest is not None, "Lance has another name for it now: see Manifest.of"
    assert manifest.is_latest()
    os.utime(manifest.path)
    assert not manifest.is_there()
    again = Manifest.of(Path(folder) / "items.lance", table.version)
    reader.put(a_row("c", [0, 0, 1]))
    assert again is not None
    assert again.is_there()
    assert not again.is_latest()


def test_a_folder_without_such_files_is_asked_through_the_engine(folder, reader, monkeypatch):
    monkeypatch.setattr(Manifest, "of", staticmethod(lambda folder, version: None))
    other = LanceStore(folder)
    assert found(other) == found(other) == ["a", "b"]
    in_another_process(folder, 'store.put(a_row("c", [.9, .1, 0]))')
    assert found(other) == ["a", "c", "b"]
