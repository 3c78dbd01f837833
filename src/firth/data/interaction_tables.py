"""Tables of interactions: which columns are who and what, and rows that say neither."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.data.arrow_tables import arrow_source, arrow_table
from firth.data.files import TABLES, open_table
from firth.data.interaction_cells import id_of, moment_of, weight_of
from firth.data.interaction_columns import ColumnTable, Encoded, NotPlainError, column_table
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

    What is kept of each row are some twenty bytes. A row without a user or an item, or with a weight or time that
    is none, is skipped and named: a table that has such rows is read row by row, others several times as fast by
    columns.

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
    asked = _Asked(user, item, weight, time, at_least)
    by_columns = column_table(source)
    if by_columns is not None:
        with suppress(NotPlainError):
            return _read_columns(by_columns, asked.among(by_columns.names))
    table = _table(source)
    return _read(table, asked.among([column.name for column in table.columns]))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Columns as the caller named them."""

    user: str | None
    item: str | None
    weight: str | None
    time: str | None
    at_least: float | None

    def among(self, names: Sequence[str]) -> _Columns:
        """Those of a table that has these."""
        found = _Columns(
            _column(names, self.user, USERS, "user"),
            _column(names, self.item, ITEMS, "item"),
            None if self.weight is None else _column(names, self.weight, (), "weight"),
            None if self.time is None else _column(names, self.time, (), "time"),
            self.at_least,
        )
        if found.user == found.item:
            raise InputError(f"got column {found.user!r} for users and items; expected two columns")
        return found


@dataclass(frozen=True, slots=True)
class _Columns:
    user: str
    item: str
    weight: str | None
    time: str | None
    at_least: float | None

    @property
    def names(self) -> list[str]:
        """Each once."""
        return [
            *dict.fromkeys(
                name for name in (self.user, self.item, self.weight, self.time) if name is not None
            )
        ]


@dataclass(slots=True)
class _Ids:
    """Ids as they come, each with its number."""

    places: dict[str, int] = field(default_factory=dict)
    rows: array[int] = field(default_factory=lambda: array("i"))

    def add(self, id: str) -> None:
        self.rows.append(self.places.setdefault(id, len(self.places)))

    def extend(self, column: Encoded) -> None:
        """The same for a column at once."""
        places = self.places
        numbers = [places.setdefault(id_of(cell, "id"), len(places)) for cell in column.distinct]
        self.rows.frombytes(np.array(numbers, np.int32)[column.places].tobytes())


@dataclass(slots=True)
class _Rows:
    """What is kept of rows."""

    users: _Ids = field(default_factory=_Ids)
    items: _Ids = field(default_factory=_Ids)
    weights: array[float] = field(default_factory=lambda: array("f"))
    times: array[float] = field(default_factory=lambda: array("d"))
    low: int = 0

    def interactions(self, columns: _Columns, skipped: Sequence[Skipped] = ()) -> Interactions:
        """Each pair once."""
        low = f"{self.low:,} rows are below {columns.weight} {columns.at_least or 0:g} and do not count"
        found = Interactions(
            tuple(self.users.places),
            tuple(self.items.places),
            np.array(self.users.rows, np.int32),
            np.array(self.items.rows, np.int32),
            np.array(self.weights, np.float32),
            None if columns.time is None else np.array(self.times, np.float64),
            (low,) if self.low else (),
            tuple(skipped),
        )
        return found.summed()


def _read_columns(table: ColumnTable, columns: _Columns) -> Interactions:
    """All rows.

    Raises:
        NotPlainError: One of them is to be named, or read with more care.
    """
    rows = _Rows()
    try:
        for batch in table.batches(columns.names):
            _add_batch(rows, batch, columns)
    except ValueError as error:
        raise NotPlainError from error
    return rows.interactions(columns)


def _add_batch(rows: _Rows, batch: Any, columns: _Columns) -> None:
    kept = np.ones(len(batch), bool)
    weights = np.ones(len(batch))
    if columns.weight is not None:
        weights = _numbers(batch.column(columns.weight), weight_of, columns.weight)
        if columns.at_least is not None:
            kept = weights >= columns.at_least
    whole = bool(kept.all())
    cells = {name: batch.column(name) if whole else batch.column(name).filter(kept) for name in columns.names}
    if columns.time is not None:
        when = _numbers(cells[columns.time], moment_of, columns.time)
        rows.times.frombytes(when.tobytes())
    rows.users.extend(Encoded.of(cells[columns.user]))
    rows.items.extend(Encoded.of(cells[columns.item]))
    rows.weights.frombytes(weights[kept].astype(np.float32).tobytes())
    rows.low += int((~kept).sum())


def _numbers(column: Any, number: Callable[[Any, str], float], name: str) -> npt.NDArray[np.float64]:
    encoded = Encoded.of(column)
    return np.array([number(cell, name) for cell in encoded.distinct], np.float64)[encoded.places]


def _read(table: Table, columns: _Columns) -> Interactions:
    """Row by row."""
    rows = _Rows()
    skipped: list[Skipped] = []
    for row in table.rows():
        if isinstance(row, Skipped):
            skipped.append(row)
            continue
        cells = row.cells
        try:
            who, what = (
                id_of(cells.get(columns.user), columns.user),
                id_of(cells.get(columns.item), columns.item),
            )
            weight = 1.0 if columns.weight is None else weight_of(cells.get(columns.weight), columns.weight)
            when = 0.0 if columns.time is None else moment_of(cells.get(columns.time), columns.time)
        except ValueError as error:
            skipped.append(Skipped(table.place(row.number), str(error)))
            continue
        if columns.at_least is not None and weight < columns.at_least:
            rows.low += 1
            continue
        rows.users.add(who)
        rows.items.add(what)
        rows.weights.append(weight)
        if columns.time is not None:
            rows.times.append(when)
    return rows.interactions(columns, skipped)


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
