"""Which column of a table becomes what: the user's word, checked, and a guess where there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from firth.data.encodings import why_not_storable
from firth.data.options import Columns
from firth.data.tables import Column, Kind, Table, guess_text, id_column
from firth.errors import SchemaError, UnreadableError
from firth.types import Skipped

__all__ = ["Plan", "plan_columns"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made of each column.

    Attributes:
        id: The column of ids, or None where rows are numbered.
        text: The columns that make the text, in order.
        image: The column of pictures.
        vectors: Columns by the vector's name.
        rest: All other columns.
    """

    id: str | None
    text: tuple[str, ...]
    image: str | None
    vectors: Mapping[str, str]
    rest: tuple[Column, ...]

    @property
    def fields(self) -> list[Column]:
        """The columns that are kept as fields."""
        return [column for column in self.rest if column.kind.is_field]

    def left_out(self, table: Table) -> Iterator[Skipped]:
        """A report for each column of which nothing is kept, or one if there is no content at all."""
        if not (self.text or self.image or self.vectors):
            yield Skipped(table.name, _nothing_to_read(table))
            return
        for column in self.rest:
            if not column.kind.is_field:
                option = "image" if column.kind is Kind.BYTES else "vectors"
                reason = (
                    f"holds {column.kind}, which cannot be a field. Next: name it as {option} if it is that"
                )
                yield Skipped(f"{table.name} column {column.name!r}", reason)


def plan_columns(table: Table, columns: Columns) -> Plan:
    """Decide what becomes of each column.

    Raises:
        SchemaError: A column that the user named is not there.
        UnreadableError: A column's name cannot be stored.
    """
    _check_names(table, columns)
    key, text = id_column(table, columns), columns.text or guess_text(table, columns)
    joined = columns.text if len(columns.text) > 1 else ()  # by each of these the user can still filter
    used = {key, columns.image, *columns.vectors.values(), *(name for name in text if name not in joined)}
    rest = tuple(column for column in table.columns if column.name not in used)
    return Plan(id=key, text=text, image=columns.image, vectors=columns.vectors, rest=rest)


def _check_names(table: Table, columns: Columns) -> None:
    known = [column.name for column in table.columns]
    if reason := why_not_storable("".join(known)):
        raise UnreadableError(f"a column's name holds {reason}. Next: rename it")
    named = (columns.id, *columns.text, columns.image, *columns.vectors.values())
    for name in filter(None, named):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise SchemaError(f"{table.name} has no column {name!r}. {hint}It has: {', '.join(known)}")


def _nothing_to_read(table: Table) -> str:
    names = ", ".join(f"{column.name} ({column.kind})" for column in table.columns)
    return (
        f"which column is the text? It has: {names or 'no columns'}. Next: name one or more, on the command "
        "line --text COLUMN, in Python text=['COLUMN']"
    )
