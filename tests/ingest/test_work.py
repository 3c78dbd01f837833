"""The seam: an `Encode` may read ahead of what is written, and may divide batches; the collection is the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from firth import Item
from firth.data import Limits
from firth.encoders.spaces import default_spaces
from firth.ingest import add
from firth.ingest.work import encode_batch, encode_here
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


def items_of_growing_types():
    """A field of integers that turns to fractions, one whose type the first batch sets, a vector likewise."""
    items = [Item(f"i{n}", text=f"第 {n} 句", fields={"n": n if n < 150 else n / 7}) for n in range(260)]
    items[10] = Item("early", text="a", fields={"word": 3})
    items[200] = Item("misfit", text="b", fields={"word": "三"})
    items[11] = Item("wide", text="c", vectors={"mine": np.ones(3, np.float32)})
    items[201] = Item("narrow", text="d", vectors={"mine": np.ones(2, np.float32)})
    items[202] = Item("broken", image=b"no picture")
    return items


@pytest.mark.parametrize("way", [ahead, halving])
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
