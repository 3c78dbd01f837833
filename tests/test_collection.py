"""What a person holds: opening, the encoder it keeps to, looking at it, taking out of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import firth
from firth.errors import EncoderMismatchError, InputError, UnknownNameError

TEXTS = ["蘋果是一種水果。", "Trains leave at noon.", "她對音樂有興趣。"]


def tamper(collection, **changes):
    """As if another version of the encoder had made the vectors."""
    notes = collection.store.read_meta()["vectors"]
    notes["meaning"]["stamps"]["text"] |= changes
    collection.store.write_meta({"vectors": notes})


class TestOpening:
    def test_makes_nothing(self, tmp_path):
        collection = firth.open(str(tmp_path / "new"))
        assert len(collection) == 0
        assert not collection.exists()
        assert collection.get("x") == list(collection.items()) == collection.duplicates() == []
        assert not (tmp_path / "new").exists()

    def test_by_name_in_the_home(self, monkeypatch, tmp_path):
        monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
        assert firth.collections() == []
        firth.open("books", model="use").add(TEXTS)
        assert firth.collections() == ["books"]
        assert (tmp_path / "collections" / "books").is_dir()
        assert len(firth.open("books")) == 3

    @pytest.mark.parametrize("name", ["./here", "sub/here", Path("here")])
    def test_by_path(self, monkeypatch, tmp_path, name):
        monkeypatch.chdir(tmp_path)
        firth.open(name, model="use").add(TEXTS[:1])
        assert (tmp_path / name).is_dir()

    def test_two_objects_see_each_other(self, folder):
        other = firth.open(folder.location)
        folder.add(TEXTS[:1])
        assert other.search("苹果")[0].text == TEXTS[0]
        other.add(TEXTS[1:])
        assert folder.search("音乐")[0].text == TEXTS[2]

    def test_memory_is_gone_with_the_object(self):
        firth.open(":memory:", model="use").add(TEXTS)
        assert len(firth.open(":memory:")) == 0


class TestTheEncoder:
    def test_is_kept(self, folder):
        folder.add(TEXTS)
        again = firth.open(folder.location)
        again.add(["another"])
        assert again.status()["vectors"]["meaning"]["encoders"]["text"] == "use"
        assert again.status()["vectors"]["meaning"]["dim"] == 512

    def test_another_is_refused_by_name(self, folder):
        folder.add(TEXTS)
        with pytest.raises(EncoderMismatchError, match=r"'use'.*'e5-small'"):
            len(firth.open(folder.location, model="e5-small"))
        assert len(firth.open(folder.location, model="use")) == 3

    @pytest.mark.parametrize("changes", [{"fingerprint": "0" * 16}, {"name": "e5-small"}])
    @pytest.mark.parametrize("ask", ["search", "add"])
    def test_other_weights_are_refused(self, empty, changes, ask):
        empty.add(TEXTS)
        tamper(empty, **changes)
        with pytest.raises(EncoderMismatchError, match=changes.get("name", "'use'")):
            empty.search("apple") if ask == "search" else empty.add(["new"])

    def test_words_alone_are_still_found(self, empty):
        empty.add(TEXTS)
        tamper(empty, fingerprint="0" * 16)
        assert empty.search("苹果", mode="text")[0].text == TEXTS[0]

    @pytest.mark.parametrize("model", ["one-hot", "lite0"])
    def test_one_that_cannot_be(self, model):
        with pytest.raises(InputError, match=f"'{model}'.*firth models"):
            firth.open(":memory:", model=model).add(TEXTS)

    def test_one_that_is_not_there(self, tmp_path):
        with pytest.raises(UnknownNameError, match="Did you mean 'e5-small'"):
            firth.open(str(tmp_path / "c"), model="e5-smal").add(TEXTS)


class TestLooking:
    def test_get(self, sample):
        records = sample.get(["book-2", "nobody", "emoji-1f34e"])
        assert [record["id"] for record in records] == ["book-2", "emoji-1f34e"]
        assert records[0]["fields"]["year"] == 1997
        assert records[1]["kind"] == "image"
        assert records[1]["path"].endswith("emoji-1f34e.png")
        assert "vectors" not in records[0]
        assert set(sample.get("emoji-1f34e", vectors=True)[0]["vectors"]) == {"meaning", "look"}

    def test_items(self, sample):
        assert sum(1 for _ in sample.items()) == len(sample) == 621
        poems = list(sample.items(where={"collection": "poem"}))
        assert {record["fields"]["collection"] for record in poems} == {"poem"}

    def test_in(self, sample):
        assert "book-2" in sample
        assert "nobody" not in sample
        assert 2 not in sample

    def test_vectors(self, sample):
        ids, matrix = sample.vectors("look")
        assert matrix.shape == (len(ids), 1280)
        assert matrix.dtype == np.float32
        assert set(ids) == {record["id"] for record in sample.items(where={"kind": "image"})}

    def test_status(self, sample):
        status = sample.status()
        assert status["items"] == 621
        assert sum(status["kinds"].values()) == 621
        assert status["fields"]["year"] == "int64"
        assert json.dumps(status)

    def test_repr(self, sample):
        assert repr(sample).endswith("621 items)")


class TestTakingOut:
    def test_remove(self, folder):
        folder.add(TEXTS, ids=["a", "b", "c"])
        assert folder.remove(["a", "nobody"]) == 1
        assert folder.remove("b") == 1
        assert [record["id"] for record in folder.items()] == ["c"]
        assert folder.search("苹果", mode="text").ids == []

    def test_and_add_again(self, folder):
        folder.add(TEXTS, ids=["a", "b", "c"])
        folder.remove("a")
        assert folder.add(TEXTS, ids=["a", "b", "c"]).added == ("a",)

    @pytest.mark.parametrize("ending", [".parquet", ".jsonl"])
    def test_export_and_add(self, sample, empty, tmp_path, ending):
        file, again = tmp_path / "out" / f"sample{ending}", empty
        assert sample.export(file) == 621
        assert [path.name for path in file.parent.iterdir()] == [file.name]
        report = again.add(
            file, id="id", text="text", vectors={"meaning": "vector:meaning"}
        )  # nothing to encode
        assert len(report.added) == 621
        one, other = (dict(zip(*collection.vectors(), strict=True)) for collection in (sample, again))
        assert all(np.allclose(one[id], other[id], atol=1e-6) for id in one)

    def test_export_numpy(self, sample, tmp_path):
        count = sample.export(tmp_path / "v.npy")
        array = np.load(tmp_path / "v.npy")
        ids = (tmp_path / "v.ids.txt").read_text("utf-8").splitlines()
        assert (count, 512) == array.shape
        own, matrix = sample.vectors()
        assert np.array_equal(array[ids.index("book-2")], matrix[own.index("book-2")])

    def test_export_of_another_kind(self, sample, tmp_path):
        with pytest.raises(InputError, match=r"\.parquet, \.jsonl, \.npy"):
            sample.export(tmp_path / "x.csv")
        assert list(tmp_path.iterdir()) == []


YEARS = {"紅樓夢": 1791, "西遊記": 1592, "Ulysses": 1922, "Beowulf": None}


def test_items_sorted_by_a_field_leave_users_out_and_pass_a_filter(empty):
    rows = [{"id": title, "text": title, "year": year} for title, year in YEARS.items()]
    empty.add(rows, text="text", id="id")
    assert [item["id"] for item in empty.items(sort="year")] == ["Ulysses", "紅樓夢", "西遊記", "Beowulf"]
    assert [item["id"] for item in empty.items(sort="year", ascending=True, k=2)] == ["西遊記", "紅樓夢"]
    assert [item["id"] for item in empty.items(sort="year", where="year < 1900", k=1)] == ["紅樓夢"]
    hits = empty.search("a book", sort="year", k=4)
    assert hits.ids == [item["id"] for item in empty.items(sort="year")]
