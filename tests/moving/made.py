"""A small library by hand, with everything that a store can hold and every name that could be mistaken."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

from firth.stores import Store
from firth.stores.base import COLUMNS, field_column

NOTES = {
    "vectors": {
        "meaning": {
            "dim": 3,
            "stamps": {
                "text": {"name": "an encoder nobody has", "dim": 3, "fingerprint": "00ff00ff00ff00ff"}
            },
        }
    },
    "calibration": {"moments": {}, "best": {}, "items": 3},
}
FIELDS = {
    "年份": pa.array([1791, None, -(2**63)], pa.int64()),
    "stars": pa.array([4.5, -0.0, None], pa.float64()),
    "讀過": pa.array([True, None, False], pa.bool_()),
    "bought": pa.array([datetime(2020, 1, 31, 1, 2, 3, 4), None, datetime(1900, 1, 1)], pa.timestamp("us")),
    "標籤": pa.array([["奇幻", "", None], [], None], pa.list_(pa.string())),
    "nothing": pa.nulls(3, pa.string()),
    **{
        name: pa.array([f"{name} of the user", "", None], pa.string())
        for name in (
            *("id", "text", "kind", "hash", "thumb", "passages", "part", "start"),
            *("field:text", "vector:meaning", "v_meaning", "f_x", "a.b%`c"),
        )
    },
}


def vectors(rows: list[list[float] | None], d: int = 3) -> pa.Array:
    return pa.array(rows, pa.list_(pa.float32(), d))


def library() -> pa.Table:
    """Three items: a text with two passages, a captioned picture with a view of its own, a vector alone."""
    of_item = pa.array([0, 0, 0, 1, 1, 2])
    own = {field_column(name): values.take(of_item) for name, values in FIELDS.items()}
    third = float(np.float32(1) / 3)
    columns = {
        "id": ["紅樓夢", "紅樓夢", "紅樓夢", "a'b\n%_", "a'b\n%_", "0"],
        "part": pa.array([0, 1, 2, 0, 1, 0], pa.int32()),
        "kind": ["text", "text", "text", "image", "image", "vector"],
        "text": ["滿紙荒唐言。一把辛酸淚。", None, None, "", None, None],
        "start": [None, 0, 6, None, None, None],
        "end": [None, 6, 12, None, None, None],
        "path": [None, None, None, "/照片/a.jpg", "/照片/a.jpg", None],
        "source": ["/書.csv"] * 3 + ["/照片"] * 2 + [None],
        "hash": ["h1"] * 3 + ["h2"] * 2 + ["h3"],
        "terms": ["滿 紙", None, None, None, None, None],
        "thumb": [None, None, None, b"\x00\xffRIFF", None, None],
        "v_meaning": vectors([[1, 0, third], [0, 1, 0], [0, 0, 1], [-0.0, 1e-30, 3], [1, 1, 1], None]),
        "v_own": vectors([None, None, None, None, None, [1, 2]], 2),
        "v_empty": vectors([None] * 6),
    }
    arrays = {name: pa.array(values, COLUMNS.field(name).type) if name in COLUMNS.names else values
              for name, values in columns.items()}  # fmt: skip
    return pa.table({**arrays, **own})


def many(count: int, *, thumb: int = 0) -> pa.Table:
    """Items n0, n1, ... with a picture of so many bytes."""
    return pa.table(
        {
            "id": [f"n{n}" for n in range(count)],
            "part": pa.array([0] * count, pa.int32()),
            "text": [f"第 {n} 本" for n in range(count)],
            "thumb": pa.array([bytes([n % 256]) * thumb for n in range(count)], pa.large_binary()),
        }
    )


def fill(store: Store, rows: pa.Table) -> Store:
    store.put(rows)
    store.write_meta(NOTES)
    return store
