"""Fields as columns of codes by item number: what items are coloured, counted and filtered by."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from starlette.responses import Response

from firth.errors import UnknownNameError
from firth.server.answering import tagged
from firth.server.asking import Ask
from firth.server.desk import Desk
from firth.server.packing import packed
from firth.stores.base import field_column

__all__ = ["Column", "all_columns", "codes", "list_columns"]

KIND = "kind"
FIELD = "field:"
LISTED = 200
"""So many values of a category are told apart; the rest is one."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column.

    Attributes:
        told: What the page reads about it.
        codes: By item number: of a category uint8 or uint16, 0 for none; of numbers and dates float32, NaN for
            none.
    """

    told: dict[str, Any]
    codes: npt.NDArray[Any]

    @property
    def content(self) -> bytes:
        """As it goes on the wire."""
        name = "codes" if self.told["type"] == "category" else "values"
        return packed({name: self.codes}, self.told)


def list_columns(desk: Desk, ask: Ask) -> dict[str, Any]:
    """What items can be coloured by."""
    return {"columns": [column.told for column in all_columns(desk).values()]}


def codes(desk: Desk, ask: Ask) -> Response:
    """The codes of one column."""
    found, name = all_columns(desk), ask.word("name")
    if name not in found:
        raise UnknownNameError(f"got column {name!r}; expected one of {', '.join(found)}")
    return tagged(ask.request, found[name].content)


def all_columns(desk: Desk) -> dict[str, Column]:
    """All columns by name: the kind, then the user's fields."""
    desk.corpus()
    return desk.packed.get(("columns", desk.version()), lambda: _read(desk))


def _read(desk: Desk) -> dict[str, Column]:
    corpus = desk.corpus()
    sources = {KIND: KIND, **{FIELD + name: field_column(name) for name in corpus.fields}}
    tables = list(corpus.store.scan(["id", *sources.values()]))
    ids = [id for table in tables for id in table["id"].to_pylist()]
    there = [desk.numbers.has(id) for id in ids]
    places = desk.numbers.of([id for id, one in zip(ids, there, strict=True) if one])
    length, found = len(desk.numbers.ids), {}
    for name, column in sources.items():
        arrays = [chunk for table in tables for chunk in table[column].chunks]
        if arrays:
            values = pa.chunked_array(arrays).filter(pa.array(there))
            found[name] = _column(name, values, places, length)
    return found


def _column(name: str, values: pa.ChunkedArray, places: npt.NDArray[np.uint32], length: int) -> Column:
    told = {"name": name, "label": name.removeprefix(FIELD)}
    kind = values.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        days = [
            None if v is None else v / 1e6 / DAY
            for v in values.cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
        ]
        return _numbers({**told, "type": "date"}, days, places, length)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _numbers({**told, "type": "number"}, values.to_pylist(), places, length)
    if pa.types.is_list(kind):
        values = pa.array([one[0] if one else None for one in values.to_pylist()], pa.string())
    return _category({**told, "type": "category"}, pc.cast(values, pa.string()).to_pylist(), places, length)


def _numbers(
    told: dict[str, Any], values: Sequence[float | None], places: npt.NDArray[np.uint32], length: int
) -> Column:
    array = np.array([math.nan if value is None else value for value in values], np.float64)
    finite = array[np.isfinite(array)]
    placed = np.full(length, np.nan, np.float32)
    placed[places] = array
    missing = len(array) - len(finite)
    bounds = (
        {"min": float(finite.min()), "max": float(finite.max()), "mean": float(finite.mean())}
        if len(finite)
        else {"min": None, "max": None, "mean": None}
    )
    return Column({**told, "distinct": len(np.unique(finite)), "missing": missing, **bounds}, placed)


def _category(
    told: dict[str, Any], values: Sequence[str | None], places: npt.NDArray[np.uint32], length: int
) -> Column:
    counts = Counter(value for value in values if value is not None)
    common = sorted(counts, key=lambda value: (-counts[value], value))[:LISTED]
    code = {value: number for number, value in enumerate(common, 1)}
    rest = len(common) + 1
    placed = np.zeros(length, np.uint8 if rest < 256 else np.uint16)
    placed[places] = [0 if value is None else code.get(value, rest) for value in values]
    told |= {
        "distinct": len(counts),
        "missing": sum(value is None for value in values),
        "values": common,
        "counts": [counts[value] for value in common],
        "other": counts.total() - sum(counts[value] for value in common),
    }
    return Column(told, placed)
