"""Encoded by other processes, a collection is the same as encoded here, row by row, and so is the report."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import firth
from firth import Item
from firth import sample as bundled
from firth.data import Limits
from firth.distributed import Cluster, crew, encoding
from firth.encoders.spaces import default_spaces
from firth.errors import EncoderMismatchError, InputError
from firth.ingest.work import Batch, Change, encode_batch
from firth.stores.base import COLUMNS

from .conftest import assert_same

pytestmark = pytest.mark.slow


def both(folder, source, **options):
    """The report of a plain collection and of one encoded by Ray, whose rows are found to be the same."""
    plain, spread = (firth.open(str(folder / name), model="use") for name in ("plain", "spread"))
    report = plain.add(source, **options)
    assert sorted_skips(spread.add(source, **options, ray=True)) == sorted_skips(report)
    assert_same(plain, spread)
    return report


def sorted_skips(report):
    """The report, with its skipped items in an order that does not depend on what was batched with what."""
    return replace(report, skipped=tuple(sorted(report.skipped, key=str)))


def test_the_sample(started, sample, tmp_path):
    spread = firth.open(str(tmp_path / "spread"), model="use")
    report = spread.add(bundled.path() / "items.jsonl", image="image", ray=True)
    assert len(report.added) == len(sample)
    assert_same(sample, spread)


def test_a_table_whose_fields_change_their_type(started, tmp_path):
    rows = [{"id": f"r{n}", "text": f"第 {n} 行", "n": n if n < 500 else n / 7} for n in range(900)]
    rows[5]["text"] = " "  # nothing in it
    rows[300] |= {"id": "r0"}  # for the second time
    table = tmp_path / "t.jsonl"
    table.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    report = both(tmp_path, table)
    assert (len(report.added), len(report.skipped)) == (898, 2)


def test_items_that_do_not_fit_and_a_picture_that_is_none(started, tmp_path):
    items = [Item(str(n), text=f"text {n} 文", fields={"year": n}) for n in range(300)]
    items[200] = Item("200", text="later", fields={"year": "唐"})
    items[250] = Item("250", image=b"no picture")
    items[260] = Item("260", text="vector", vectors={"mine": np.ones(3, np.float32)})
    items[280] = Item("280", text="vector", vectors={"mine": np.ones(4, np.float32)})
    items[299] = Item("299", text="、".join(f"第{n}章講一個很長的故事" for n in range(200)))
    report = both(tmp_path, items)
    assert {skip.source for skip in report.skipped} == {"200", "250", "280"}


def test_pictures_in_memory(started, tmp_path):
    from PIL import Image

    files = sorted((bundled.path() / "pictures").iterdir())[:12]
    assert len(both(tmp_path, [Image.open(file) for file in files]).added) == 12


def test_what_changed_and_what_vanished(started, tmp_path):
    source = tmp_path / "notes"
    source.mkdir()
    for n in range(20):
        (source / f"{n}.txt").write_text(f"筆記 {n}", "utf-8")
    plain, spread = (firth.open(str(tmp_path / name), model="use") for name in ("plain", "spread"))
    assert plain.add(source) == spread.add(source, ray=True)
    (source / "3.txt").write_text("改過了", "utf-8")
    (source / "4.txt").unlink()
    report = spread.add(source, prune=True, ray=True)
    assert report == plain.add(source, prune=True)
    assert (report.updated, report.vanished, len(report.unchanged)) == (
        ("notes/3.txt",),
        ("notes/4.txt",),
        18,
    )
    assert_same(plain, spread)


def test_the_same_batches_give_the_same_bits(started):
    spaces = default_spaces("use")
    batches = [
        Batch(
            [Change(Item(f"{size} {n}", text=f"第 {n} 句"), "hash", known=False) for n in range(size)],
            COLUMNS,
        )
        for size in (1, 7, 100, 40)
    ]
    with encoding(True, spaces, limits=Limits()) as encode:
        results = list(encode(iter(batches)))
    assert [batch for batch, _ in results] == batches
    for batch, encoded in results:
        assert encoded.rows.equals(encode_batch(batch, spaces, limits=Limits()).rows)


def test_a_worker_with_other_weights_is_refused(started):
    notes = default_spaces("use")["meaning"].to_json()
    notes["stamps"]["text"]["fingerprint"] = "0" * 16
    other = {"meaning": firth.encoders.spaces.Space.from_json("meaning", notes)}
    with (
        encoding(True, other, limits=Limits()) as encode,
        pytest.raises(EncoderMismatchError, match="other weights"),
    ):
        list(encode(iter([Batch([Change(Item("1", text="蘋果"), "hash", known=False)], COLUMNS)])))


def test_a_worker_with_another_firth_is_refused(started, empty, monkeypatch):
    monkeypatch.setattr(crew, "__version__", "0.0.0")
    with pytest.raises(InputError, match="install the same on all machines"):
        empty.add(["蘋果"], ray=True)


def test_more_cpus_than_there_are_are_refused(started, empty):
    with pytest.raises(firth.FirthError, match="CPUs; a worker needs 1000"):
        empty.add(["蘋果"], ray=Cluster(cpus=1000))
