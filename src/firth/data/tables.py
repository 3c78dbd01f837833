"""What every kind of table becomes: named columns of a known kind, and rows that come one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from firth.data.options import COLUMNS, Columns
from firth.types import Skipped

__all__ = ["Column", "Kind", "Row", "Table", "guess_text"]

TITLE_NAMES = ("title", "標題", "标题", "name", "名稱", "名称", "question", "caption")
KNOWN_NAMES = (*TITLE_NAMES, "text", "文字", "content", "內容", "内容", "body", "description")


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    TIME = "time"
    LIST = "list of text"
    JSON = "nested values"
    VECTOR = "list of numbers"
    BYTES = "bytes"

    @property
    def is_field(self) -> bool:
        """Whether such cells can be kept as a field of an item."""
        return self not in (Kind.VECTOR, Kind.BYTES)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its name in the table.
        kind: What its cells hold.
        to_field: From a cell as it is read to the value that is kept as a field.
    """

    name: str
    kind: Kind
    to_field: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number, from 1, and its cells by column as they were read."""

    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is read row by row.

    Attributes:
        name: How it is called in ids and reports.
        columns: In order.
        rows: Starts reading; what cannot be read comes as `Skipped`, in its place.
        path: The file, absolute; None for a table in memory.
        unit: What a row is called in reports: "row", or "line" where rows are lines.
    """

    name: str
    columns: Sequence[Column]
    rows: Callable[[], Iterator[Row | Skipped]]
    path: Path | None = None
    unit: str = "row"

    def place(self, number: int) -> str:
        """A row's name in reports: ``books.csv row 17``."""
        return f"{self.name} {self.unit} {number}"


def guess_text(table: Table, columns: Columns = COLUMNS) -> tuple[str, ...]:
    """The columns that are read where the user did not say which.

    Those called like a title (title, name, question, caption; 標題, 名稱), then those called like a body
    (text, content, body, description; 文字, 內容); without any of these names the only column of text.

    Returns:
        Their names; empty where there is nothing to go by.
    """
    taken = {columns.id, columns.image, *columns.vectors.values(), id_column(table, columns)}
    names = [c.name for c in table.columns if c.kind is Kind.TEXT and c.name not in taken]
    known = [name for wanted in KNOWN_NAMES for name in names if name.strip().lower() == wanted]
    if known or len(names) != 1:
        return tuple(known)
    return tuple(names)


def id_column(table: Table, columns: Columns) -> str | None:
    """The user's column of ids, or the first that is called ``id`` in any case, or None."""
    if columns.id is not None:
        return columns.id
    return next((c.name for c in table.columns if c.name.lower() == "id"), None)
