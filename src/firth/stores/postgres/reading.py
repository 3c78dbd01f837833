"""Reading rows: few at once, many through a cursor that holds no lock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from firth.stores.filters import Filter
from firth.stores.postgres.connections import psycopg
from firth.stores.postgres.kinds import read, selected
from firth.stores.postgres.layout import View
from firth.stores.postgres.sql import Statement, to_sql
from firth.stores.scans import known_columns

__all__ = ["Asked", "batches", "count", "first_batch", "possible"]

ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class Asked:
    """What a scan is for; see `firth.stores.base.Store.scan`."""

    columns: Sequence[str]
    where: Filter | None = None
    ids: Sequence[str] | None = None
    parts: bool = False

    def sql(self, view: View, statement: Statement) -> str:
        """As a ``select``."""
        layout = view.layout
        chosen = (
            selected(f"i.{layout.column(name)}", layout.schema.field(name).type) for name in self.columns
        )
        conditions = [] if self.parts else ["i.part = 0"]
        if self.where is not None:
            conditions.append(to_sql(self.where, layout, statement))
        if self.ids is not None:
            conditions.append(f"i.id = any({statement.add(possible(self.ids))}::text[])")
        passing = f"where {' and '.join(conditions)}" if conditions else ""
        return f"select {', '.join(chosen)} from {view.tables.items} i {passing}"


def count(view: View, where: Filter | None) -> int:
    """How many items there are, or pass the filter."""
    statement = Statement()
    passing = "" if where is None else f"and {to_sql(where, view.layout, statement)}"
    sql = f"select count(*) from {view.tables.items} i where i.part = 0 {passing}"
    found: int = view.connection.execute(sql, statement.values).fetchone()[0]
    return found


def first_batch(view: View, asked: Asked) -> pa.Table | None:
    """All the rows if they are few, else None."""
    statement = Statement()
    sql = asked.sql(view, statement)
    sql += f" limit {statement.add(ROWS_AT_ONCE + 1)}"
    rows = view.connection.execute(sql, statement.values, binary=True).fetchall()
    return read(rows, asked.columns, view.layout.schema) if len(rows) <= ROWS_AT_ONCE else None


def batches(view: View, asked: Asked) -> Iterator[pa.Table]:
    """The rows in batches, as they were at one moment.

    The server keeps the result and ends the transaction, so that whoever reads slowly, or adds a column for what
    was read, stands in nobody's way.
    """
    known_columns(asked.columns, view.layout.schema)
    statement = Statement()
    sql = asked.sql(view, statement)
    with psycopg().RawServerCursor(view.connection, "scan", withhold=True) as cursor:
        cursor.execute(sql, statement.values, binary=True)
        view.connection.execute("commit")
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield read(rows, asked.columns, view.layout.schema)


def possible(ids: Sequence[str]) -> list[str]:
    """The ids that can be in PostgreSQL at all, each once."""
    return [id for id in dict.fromkeys(ids) if "\0" not in id]
