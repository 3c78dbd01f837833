"""Tables of interactions: which columns are who and what, and rows that say neither."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from firth.data.arrow_tables import arrow_source, arrow_table
from firth.data.cells import is_missing
from firth.data.files import TABLES, open_table
from firth.data.interactions import Interactions
from firth.data.memory import records_table
from firth.data.tables import Table
from firth.errors import InputError, SchemaError, UnreadableError
from firth.types import Skipped

__all__ = ["read_interactions"]

USERS = (
    "user",
    "user_id",
    "userid",
    "reader",
    "reader_id",
    "customer",
    "customer_id",
    "使用者",
    "用户",
    "讀者",
    "读者",
)
ITEMS = (
    "item",
    "item_id",
    "itemid",
    "book_id",
    "product",
    "product_id",
    "movie_id",
    "物品",
    "商品",
    "書號",
    "书号",
)


def read_interactions(
    source: Any,
    *,
    user: str | None = None,
    item: str | None = None,
    weight: str | None = None,
    time: str | None = None,
    at_least: float | None = None,
) -> Interactions:
    """Interactions from a table: a file (.csv .tsv .jsonl .ndjson .parquet), a DataFrame, Arrow, or a list of dicts.

    Rows are read one by one; what is kept of each are some twenty bytes. A row without a user or an item, or with
    a weight or time that is none, is skipped and named.

    Args:
        source: The table, or `Interactions`, which are given back.
        user: The column of users; without it one called user, user_id, 使用者, 讀者, ...
        item: The column of items; without it one called item, item_id, book_id, 商品, ...
        weight: The column that says how much: clicks, minutes, stars.
        time: The column that says when: moments, ISO dates, or numbers that grow.
        at_least: Only rows with this weight or more, as 4 of 5 stars.

    Raises:
        SchemaError: There is no such column.
        InputError: The source is no table, or user and item are one column.
        UnreadableError: The file cannot be read.

    >>> rows = [{"讀者": "小明", "書號": 12, "星": 5}, {"讀者": "小明", "書號": 98, "星": 2}]
    >>> read_interactions(rows, weight="星", at_least=4)
    Interactions(1 users, 1 items, 1 pairs)
    """
    if isinstance(source, Interactions):
        return source
    if at_least is not None and weight is None:
        raise InputError(f"got at_least={at_least} without a weight; expected the column it is about")
    table = _table(source)
    names = [column.name for column in table.columns]
    chosen = _Columns(
        _column(names, user, USERS, "user"),
        _column(names, item, ITEMS, "item"),
        None if weight is None else _column(names, weight, (), "weight"),
        None if time is None else _column(names, time, (), "time"),
    )
    if chosen.user == chosen.item:
        raise InputError(f"got column {chosen.user!r} for users and items; expected two columns")
    return _read(table, chosen, at_least)


@dataclass(frozen=True, slots=True)
class _Columns:
    user: str
    item: str
    weight: str | None
    time: str | None


@dataclass(slots=True)
class _Ids:
    """Ids as they come, each with its number."""

    places: dict[str, int] = field(default_factory=dict)
    rows: array[int] = field(default_factory=lambda: array("i"))

    def add(self, id: str) -> None:
        self.rows.append(self.places.setdefault(id, len(self.places)))


def _read(table: Table, columns: _Columns, at_least: float | None) -> Interactions:
    users, items = _Ids(), _Ids()
    weights, times = array("f"), array("d")
    skipped: list[Skipped] = []
    low = 0
    for row in table.rows():
        if isinstance(row, Skipped):
            skipped.append(row)
            continue
        try:
            who, what = _id(row.cells, columns.user), _id(row.cells, columns.item)
            weight = 1.0 if columns.weight is None else _weight(row.cells, columns.weight)
            when = 0.0 if columns.time is None else _moment(row.cells, columns.time)
        except ValueError as error:
            skipped.append(Skipped(table.place(row.number), str(error)))
            continue
        if at_least is not None and weight < at_least:
            low += 1
            continue
        users.add(who)
        items.add(what)
        weights.append(weight)
        times.append(when)
    notes = () if not low else (f"{low:,} rows are below {columns.weight} {at_least:g} and do not count",)
    found = Interactions(
        tuple(users.places),
        tuple(items.places),
        np.array(users.rows, np.int32),
        np.array(items.rows, np.int32),
        np.array(weights, np.float32),
        None if columns.time is None else np.array(times, np.float64),
        notes,
        tuple(skipped),
    )
    return found.summed()


def _table(source: Any) -> Table:
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if not path.is_file():
            raise UnreadableError(f"no file {str(source)!r}. Next: check the path")
        if path.suffix.lower() not in TABLES:
            raise InputError(f"got {path.name!r}; expected a table: {' '.join(sorted(TABLES))}")
        return open_table(path)
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "schema"):
        schema, batches = arrow_source(source)
        return arrow_table(schema, batches, name="table")
    if isinstance(source, Sequence) and all(isinstance(row, Mapping) for row in source):
        return records_table(source)
    raise InputError(
        f"got interactions as {type(source).__name__}; expected the path of a table, a DataFrame, an Arrow table, "
        "a list of dicts, or Interactions.of(users, items)"
    )


def _column(names: Sequence[str], asked: str | None, usual: Iterable[str], what: str) -> str:
    if asked is None:
        by_name = {name.strip().lower(): name for name in names}
        found = [by_name[name] for name in usual if name in by_name]
        if len(found) == 1:
            return found[0]
        raise SchemaError(
            f"cannot tell which column is the {what}. Next: name it; columns: {', '.join(names)}"
        )
    if asked not in names:
        near = get_close_matches(asked, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise SchemaError(f"no column {asked!r}.{hint} Columns: {', '.join(names)}")
    return asked


def _id(cells: Mapping[str, Any], column: str) -> str:
    cell = cells.get(column)
    if is_missing(cell):
        raise ValueError(f"no {column}")
    if isinstance(cell, float) and cell.is_integer():  # how pandas keeps whole numbers beside missing ones
        cell = int(cell)
    return str(cell).strip()


def _weight(cells: Mapping[str, Any], column: str) -> float:
    cell = cells.get(column)
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{column} is {cell!r}; expected a number") from None
    if not isfinite(value) or value < 0:
        raise ValueError(f"{column} is {cell!r}; expected a finite number, not negative")
    return value


def _moment(cells: Mapping[str, Any], column: str) -> float:
    """Seconds since 1970 of a moment, an ISO date, or a number as it is."""
    cell = cells.get(column)
    try:
        value = _seconds(cell)
    except (TypeError, ValueError):
        raise ValueError(f"{column} is {cell!r}; expected a moment, an ISO date or a number") from None
    if not isfinite(value):
        raise ValueError(f"{column} is {cell!r}; expected a finite number")
    return value


def _seconds(cell: Any) -> float:
    if isinstance(cell, str):
        try:
            return float(cell)
        except ValueError:
            cell = datetime.fromisoformat(cell.strip())
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=UTC)).timestamp()
    return float(cell)
