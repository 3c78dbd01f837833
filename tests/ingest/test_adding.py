"""What `add` promises: each item in one place of the report, nothing encoded twice, nothing lost."""

from __future__ import annotations

import json
from datetime import date, datetime

import numpy as np
import pytest

import firth
from firth import Item
from firth.ingest.batches import Batches

POEMS = ["白日依山盡，黃河入海流。", "春眠不覺曉，處處聞啼鳥。", "床前明月光，疑是地上霜。"]


class Log:
    """A listener that remembers, and is interrupted at the nth report."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.told: list[tuple[str, list[str]]] = []
        self.skips = []
        self._stop_at = stop_at

    def done(self, status, ids):
        self.told.append((status, list(ids)))
        if self._stop_at == len(self.told):
            raise KeyboardInterrupt

    def skipped(self, skip):
        self.skips.append(skip)


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def rows(*texts):
    return [{"id": str(number), "text": text} for number, text in enumerate(texts)]


def reasons(report) -> dict[str, str]:
    return {skip.source: skip.reason for skip in report.skipped}


class TestTheReport:
    def test_every_item_is_in_one_place(self, folder, tmp_path):
        table = write_rows(tmp_path / "poems.jsonl", rows(*POEMS))
        first = folder.add(table)
        assert (first.added, first.updated, first.unchanged, first.skipped) == (("0", "1", "2"), (), (), ())
        write_rows(table, [*rows(POEMS[0], "春天的早晨", "  "), {"id": "9", "text": "新的"}])
        second = folder.add(table)
        assert (second.added, second.updated, second.unchanged) == (("9",), ("1",), ("0",))
        assert "empty" in second.skipped[0].reason
        assert second.skipped[0].source == "poems.jsonl line 3"
        assert str(second).startswith("1 added, 1 updated, 1 unchanged, 1 skipped")

    def test_the_listener_is_told_the_same(self, empty):
        log = Log()
        report = empty.add(["貓", " ", "狗"], listener=log)
        assert log.told == [("added", list(report.added))]
        assert tuple(log.skips) == report.skipped

    def test_what_is_reported_is_in_the_store(self, folder):
        class Looking(Log):
            def done(self, status, ids):
                super().done(status, ids)
                assert [record["id"] for record in folder.get(ids)] == list(ids)

        looking = Looking()
        folder.add([f"sentence number {n}" for n in range(100)], listener=looking)
        assert sum(len(ids) for _, ids in looking.told) == len(folder) == 100


class TestTheSameAgain:
    def test_is_not_encoded_again(self, folder, encoded):
        folder.add(POEMS)
        assert sorted(set(encoded)) == sorted(POEMS)
        encoded.clear()
        report = folder.add(POEMS)
        assert len(report.unchanged) == 3
        assert encoded == []
        assert len(folder) == 3

    def test_nor_written(self, folder):
        folder.add(POEMS)
        before = folder.store.version()
        folder.add(POEMS)
        assert folder.store.version() == before

    def test_only_what_changed_is_encoded(self, empty, encoded):
        empty.add(POEMS, ids=["a", "b", "c"])
        old = dict(zip(*empty.vectors(), strict=True))
        encoded.clear()
        report = empty.add([POEMS[0], "The moon over the river.", POEMS[2]], ids=["a", "b", "c"])
        assert report.updated == ("b",)
        assert encoded == ["The moon over the river."]
        new = dict(zip(*empty.vectors(), strict=True))
        assert np.array_equal(old["a"], new["a"])
        assert not np.allclose(old["b"], new["b"])
        assert empty.search("moon over the river", mode="text").ids == ["b"]
        assert empty.search("啼鳥", mode="text").ids == []

    def test_a_changed_field_is_a_change(self, empty):
        empty.add([{"id": 1, "text": "蘋果", "year": 1999}])
        assert empty.add([{"id": 1, "text": "蘋果", "year": 2000}]).updated == ("1",)
        assert empty.get("1")[0]["fields"] == {"year": 2000}

    def test_a_shorter_text_leaves_no_old_passages(self, folder):
        long = "".join(f"第{n}章講一個不同的故事，內容很長很長。" for n in range(60))
        folder.add([long], ids=["x"])
        assert folder.store.count() == 1 < sum(len(t) for t in folder.store.scan(["id"], parts=True))
        folder.add(["蘋果"], ids=["x"])
        assert sum(len(table) for table in folder.store.scan(["id"], parts=True)) == 1


class TestInterrupted:
    def test_what_was_told_is_there_and_the_rest_comes_next_time(self, folder, encoded):
        texts = [f"第 {n} 個句子 and some words" for n in range(500)]
        log = Log(stop_at=2)
        with pytest.raises(KeyboardInterrupt):
            folder.add(texts, listener=log)
        told = {id for _, ids in log.told for id in ids}
        assert 0 < len(told) < 500
        assert {record["id"] for record in folder.items()} == told
        encoded.clear()
        report = folder.add(texts)
        assert set(report.unchanged) == told
        assert len(report.added) == 500 - len(told) == len(set(encoded) & set(texts))
        assert len(folder) == 500

    def test_scores_are_calibrated_by_the_next_run_though_nothing_is_new(self, folder):
        texts = [f"第 {n} 個句子" for n in range(40)]
        log = Log(stop_at=1)
        with pytest.raises(KeyboardInterrupt):
            folder.add(texts, listener=log)
        assert folder.status()["calibrated_at"] == 0
        assert len(folder.add(texts).unchanged) == 40
        assert folder.status()["calibrated_at"] == 40

    @pytest.mark.parametrize("seconds", [0.0001, 3.0])
    def test_batches_hold_everything_in_order(self, seconds):
        items, paced, batches = [Item(str(n), text="x" * (n % 7)) for n in range(1000)], Batches(), []
        for batch in paced.cut(items):
            batches.append(batch)
            paced.took(len(batch), seconds)
        assert [item for batch in batches for item in batch] == items
        assert len(batches[0]) == 64
        assert (len(batches[1]) > 64) == (seconds < 3)

    @pytest.mark.parametrize(("count", "seconds", "size"), [(64, 3.0, 64), (64, 0.0, 256), (10, 60.0, 32)])
    def test_the_size_of_batches_follows_the_time_they_take(self, count, seconds, size):
        paced = Batches()
        paced.took(count, seconds)
        assert paced.size == size

    def test_batches_are_bounded_by_the_bytes_of_picture_files(self, tmp_path):
        file = tmp_path / "a.png"
        file.write_bytes(b"x" * 60)
        items = [Item("0", image=file), *(Item(str(n), image=b"x" * 50) for n in (1, 2, 3)), Item("4")]
        items.append(Item("5", image=tmp_path / "gone.png"))
        assert [len(batch) for batch in Batches(picture_bytes=100).cut(items)] == [2, 2, 2]

    def test_batches_are_bounded_by_characters_and_pictures(self):
        batches = Batches(characters=100, pictures=2, size=50)
        assert [len(b) for b in batches.cut(Item(str(n), text="x" * 40) for n in range(7))] == [3, 3, 1]
        assert [len(b) for b in batches.cut(Item(str(n), image=b"") for n in range(5))] == [2, 2, 1]


class TestIds:
    def test_the_first_of_two_is_kept(self, empty):
        report = empty.add([{"id": 1, "text": "first"}, {"id": 1, "text": "second"}])
        assert report.added == ("1",)
        assert "again" in report.skipped[0].reason
        assert empty.get("1")[0]["text"] == "first"

    def test_a_file_does_not_take_the_id_of_another(self, folder, tmp_path):
        for parent, text in (("a", "蘋果"), ("b", "橘子")):
            (tmp_path / parent / "notes").mkdir(parents=True)
            (tmp_path / parent / "notes" / "one.txt").write_text(text, "utf-8")
        folder.add(tmp_path / "a" / "notes")
        report = folder.add(tmp_path / "b" / "notes")
        assert (report.added, report.updated) == ((), ())
        assert "belongs to" in report.skipped[0].reason
        assert folder.get("notes/one.txt")[0]["text"] == "蘋果"

    def test_a_folder_that_moved_takes_its_ids_along(self, folder, tmp_path, encoded):
        old, new = tmp_path / "old" / "notes", tmp_path / "new" / "notes"
        old.mkdir(parents=True)
        new.parent.mkdir()
        (old / "one.txt").write_text("蘋果", "utf-8")
        folder.add(old)
        old.rename(new)
        encoded.clear()
        assert folder.add(new).unchanged == ("notes/one.txt",)
        assert encoded == []
        assert folder.get("notes/one.txt")[0]["path"] == str(new / "one.txt")
        assert folder.search("苹果", mode="text").ids == ["notes/one.txt"]

    def test_a_row_may_name_another_picture(self, folder, tmp_path):
        from PIL import Image

        for colour in ("red", "blue"):
            Image.new("RGB", (32, 32), colour).save(tmp_path / f"{colour}.png")
        table = write_rows(tmp_path / "t.jsonl", [{"id": "1", "image": "red.png"}])
        folder.add(table, image="image")
        write_rows(table, [{"id": "1", "image": "blue.png"}])
        assert folder.add(table, image="image").updated == ("1",)


class TestVanished:
    def test_rows(self, folder, tmp_path):
        table = write_rows(tmp_path / "poems.jsonl", rows(*POEMS))
        folder.add(table)
        write_rows(table, rows(POEMS[0]))
        report = folder.add(table)
        assert (report.vanished, report.pruned, len(folder)) == (("1", "2"), False, 3)
        log = Log()
        report = folder.add(table, prune=True, listener=log)
        assert (report.vanished, report.pruned, len(folder)) == (("1", "2"), True, 1)
        assert ("removed", ["1", "2"]) in log.told
        assert folder.add(table).vanished == ()

    def test_files_and_the_tables_among_them(self, folder, tmp_path):
        source = tmp_path / "source"
        source.mkdir()
        (source / "a.txt").write_text("蘋果", "utf-8")
        (source / "b.txt").write_text("orange", "utf-8")
        table = write_rows(source / "t.jsonl", rows("貓"))
        assert len(folder.add(source).added) == 3
        (source / "b.txt").unlink()
        table.unlink()
        report = folder.add(source, prune=True)
        assert set(report.vanished) == {"source/b.txt", "0"}
        assert [record["id"] for record in folder.items()] == ["source/a.txt"]

    def test_what_came_from_elsewhere_has_not_vanished(self, folder, tmp_path):
        source = tmp_path / "source"
        source.mkdir()
        single = source / "a.txt"
        single.write_text("蘋果", "utf-8")
        folder.add(single)
        folder.add(["from memory"], ids=["m"])
        other = write_rows(tmp_path / "source2.jsonl", rows("貓"))
        folder.add(other)
        assert folder.add(source, prune=True).vanished == ()
        assert len(folder) == 4

    @pytest.mark.parametrize("name", ["100%_a", "x'y", "書 籍"])
    def test_odd_names_of_folders(self, folder, tmp_path, name):
        source = tmp_path / name
        source.mkdir()
        (source / "a.txt").write_text("蘋果", "utf-8")
        (source / "b.txt").write_text("橘子", "utf-8")
        folder.add(source)
        (source / "b.txt").unlink()
        assert folder.add(source).vanished == (f"{name}/b.txt",)

    def test_what_cannot_be_read_now_has_not_vanished(self, folder, tmp_path):
        table = write_rows(tmp_path / "poems.jsonl", rows(*POEMS))
        folder.add(table)
        text = table.read_text("utf-8").splitlines()
        table.write_text(f"{text[0]}\n{text[1][:-5]}\n", "utf-8")  # cut off, as a disk that is full leaves it
        report = folder.add(table, prune=True)
        assert report.skipped
        assert (report.vanished, len(folder)) == ((), 3)
        assert "could not be read" in report.notes[0]

    def test_a_picture_that_broke_has_not_vanished(self, folder, tmp_path):
        from PIL import Image

        Image.new("RGB", (32, 32), "red").save(tmp_path / "red.png")
        folder.add(tmp_path / "red.png")
        (tmp_path / "red.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
        report = folder.add(tmp_path / "red.png", prune=True)
        assert len(report.skipped) == 1
        assert (report.vanished, len(folder)) == ((), 1)

    def test_a_link_is_its_own_place(self, folder, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "a.txt").write_text("蘋果", "utf-8")
        (tmp_path / "link").symlink_to(tmp_path / "real")
        folder.add(tmp_path / "link")
        (tmp_path / "real" / "a.txt").unlink()
        assert folder.add(tmp_path / "link").vanished == ("link/a.txt",)

    def test_memory_has_no_place_to_vanish_from(self, empty):
        with pytest.raises(firth.FirthError, match="something in memory"):
            empty.add(["a"], prune=True)


class TestFields:
    def test_another_type_is_refused_and_the_rest_goes_on(self, empty):
        empty.add([{"id": 1, "text": "a", "year": 1999}])
        report = empty.add([{"id": 2, "text": "b", "year": "唐"}, {"id": 3, "text": "c", "year": 700}])
        # a list of dicts is one table, whose column of mixed values is text
        assert len(report.skipped) == 2
        assert "'year' holds int64" in report.skipped[0].reason
        report = empty.add(
            [Item("2", text="b", fields={"year": "唐"}), Item("3", text="c", fields={"year": 700})]
        )
        assert list(reasons(report)) == ["2"]
        assert report.added == ("3",)

    def test_whole_numbers_become_fractions(self, folder):
        folder.add([{"id": 1, "text": "a", "rating": 4}])
        assert folder.add([{"id": 2, "text": "b", "rating": 4.5}]).added == ("2",)
        assert folder.status()["fields"] == {"rating": "double"}
        assert folder.search("a", where="rating >= 4.2").ids == ["2"]

    @pytest.mark.parametrize(("stored", "given", "kept"), [(4.5, 3, 3.0), (4, 3.0, 3), ("IV", 3, "3")])
    def test_what_can_be_taken_is_taken(self, empty, stored, given, kept):
        empty.add([Item("1", text="a", fields={"x": stored})])
        empty.add([Item("2", text="b", fields={"x": given})])
        value = empty.get("2")[0]["fields"]["x"]
        assert (value, type(value)) == (kept, type(kept))

    @pytest.mark.parametrize("value", [{"a": 1}, [1, 2], b"bytes"])
    def test_what_no_field_can_hold_is_refused_by_name(self, empty, value):
        report = empty.add([Item("1", text="a", fields={"odd": value}), Item("2", text="b")])
        assert report.added == ("2",)
        assert "'odd'" in reasons(report)["1"]

    @pytest.mark.parametrize("moment", [date(2020, 1, 31), datetime(2020, 1, 31)])
    def test_dates_in_one_add_and_the_next(self, empty, moment):
        for id in ("1", "2"):
            assert empty.add([Item(id, text="a", fields={"day": moment})]).added == (id,)
            assert empty.get(id)[0]["fields"]["day"] == datetime(2020, 1, 31)
        assert len(empty.search("a", where="day < '2020-02-01'")) == 2

    def test_a_field_without_a_value_has_no_type_yet(self, empty):
        empty.add([Item("1", text="a", fields={"year": None})])
        assert empty.add([Item("2", text="b", fields={"year": 2000})]).added == ("2",)
        assert empty.search("b", where="year > 1999").ids == ["2"]


class TestVectorsOfTheUser:
    def test_an_array(self, folder):
        vectors = np.eye(4, 3, dtype=np.float32) + 0.1
        report = folder.add(vectors, ids=["a", "b", "c", "d"])
        assert report.added == ("a", "b", "c", "d")
        ids, stored = folder.vectors("vector")
        assert np.array_equal(stored[np.argsort(ids)], vectors)
        assert folder.search(positive=[[1.0, 0, 0]], mode="vector")[0].id == "a"

    def test_items_with_vectors_beside_a_text(self, empty):
        items = [Item(str(n), text=text, vectors={"mine": np.eye(3)[n]}) for n, text in enumerate(POEMS)]
        empty.add(items)
        assert set(empty.status()["vectors"]) == {"meaning", "mine"}
        assert empty.similar("0", vector="mine").hits[0].score == 0
        assert empty.search("黄河").ids[0] == "0"

    def test_a_column_of_a_table(self, folder, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({"id": ["a", "b"], "text": POEMS[:2], "emb": [[1.0, 0.0], [0.0, 1.0]]})
        pq.write_table(table, tmp_path / "t.parquet")
        folder.add(tmp_path / "t.parquet", vectors={"mine": "emb"})
        assert folder.search(positive=[np.array([0.0, 2.0])], vector="mine", mode="vector")[0].id == "b"

    def test_the_name_of_an_encoders_is_refused(self, empty):
        empty.add(["apple"], ids=["1"])
        brought = np.ones(512, np.float32)
        report = empty.add([Item("2", text="x", vectors={"meaning": brought})])
        assert "made by an encoder" in reasons(report)["2"]
        assert empty.add([Item("2", text="x", vectors={"mine": brought})]).added == ("2",)

    def test_brought_first_it_is_the_users(self, empty):
        empty.add([Item("1", text="x", vectors={"meaning": np.ones(3, np.float32)})])
        assert empty.status()["vectors"]["meaning"] == {"dim": 3, "encoders": {}}

    def test_another_width_is_refused_and_the_rest_goes_on(self, empty):
        report = empty.add([Item("1", vectors={"v": np.ones(3)}), Item("2", vectors={"v": np.ones(4)})])
        assert (report.added, list(reasons(report))) == (("1",), ["2"])
        report = empty.add([Item("3", vectors={"v": np.ones(4)}), Item("4", vectors={"v": np.ones(3)})])
        assert (report.added, list(reasons(report))) == (("4",), ["3"])

    def test_a_changed_vector_is_a_change(self, empty):
        empty.add(np.eye(2))
        assert empty.add(np.array([[1.0, 0], [0, 2]])).updated == ("1",)


def test_a_field_of_two_types_is_named_and_the_rest_goes_in(empty):
    rows = [{"id": n, "text": f"第 {n} 句", "x": n} for n in range(200)]
    rows[150]["x"] = "none"
    report = empty.add([dict(row) for row in rows])
    assert len(report.added) + len(report.skipped) == 200
    assert len(empty) == len(report.added) >= 199
