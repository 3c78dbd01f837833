"""The tables of a collection: how they are laid out, made, brought up to date and read.

A collection is a PostgreSQL schema ``firth_NAME`` with

======================  =======================================================================================
``items``               the rows, with the columns of `firth.stores.base` under their own names
``columns``             the ``v_`` and ``f_`` columns in order of arrival, and what PostgreSQL calls them
``notes``               the collection's notes: a key, a JSON value
``state``               one row: the layout's number, the version, how many texts and terms there are
``words``               for each row with terms: their number, and a hash and a count of every distinct one
``frequencies``         in how many rows a term stands, by its hash
======================  =======================================================================================

All text is compared by code points (collation "C").
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from firth.errors import StoreError
from firth.stores.columns import COLUMNS
from firth.stores.postgres.address import Address, fitted, quoted
from firth.stores.postgres.kinds import arrow_type

__all__ = ["MIGRATIONS", "Layout", "OutdatedError", "Tables", "View", "index_name", "migrate"]

MIGRATIONS: tuple[str, ...] = (
    """
    create table {columns} (
        position int generated always as identity, name text collate "C" primary key,
        stored text collate "C" not null unique, kind text not null);
    create table {notes} (key text collate "C" primary key, value json not null);
    create table {state} (
        layout int not null, collection text not null, version bigint not null default 0,
        documents bigint not null default 0, terms bigint not null default 0,
        one boolean primary key default true check (one));
    create table {items} (
        id text collate "C" not null, part int not null, kind text collate "C", text text collate "C",
        start bigint, "end" bigint, path text collate "C", source text collate "C", hash text collate "C",
        terms text collate "C", thumb bytea, primary key (id, part));
    create table {words} (
        id text collate "C" not null, part int not null, n int not null, words bigint[] not null,
        counts int[] not null, primary key (id, part));
    create index words_words on {words} using gin (words);
    create table {frequencies} (word bigint primary key, n bigint not null);
    """,
)
"""What makes layout n of layout n - 1, in order. Released ones are never changed."""


class Tables:
    """The tables of a collection as SQL identifiers."""

    def __init__(self, address: Address) -> None:
        self.schema = quoted(address.schema)
        self.items, self.columns, self.notes, self.state, self.words, self.frequencies = (
            f"{self.schema}.{name}" for name in ("items", "columns", "notes", "state", "words", "frequencies")
        )


@dataclass(frozen=True)
class Layout:
    """What a collection's tables held at one moment.

    Attributes:
        version: How many writes there were.
        documents: How many rows have terms.
        terms: How many terms they have together.
        schema: The Arrow columns.
        stored: What PostgreSQL calls the ``v_`` and ``f_`` columns.
    """

    version: int
    documents: int
    terms: int
    schema: pa.Schema
    stored: dict[str, str]

    @staticmethod
    def read(connection: Any, address: Address, tables: Tables) -> Layout:
        """The layout now.

        Raises:
            StoreError: It is newer than this version of firth knows, or of another collection.
        """
        sql = f"""select layout, collection, version, documents, terms,
            (select json_agg(json_build_array(name, stored, kind) order by position)::text
             from {tables.columns}) from {tables.state}"""
        layout, collection, version, documents, terms, columns = connection.execute(sql).fetchone()
        if layout > len(MIGRATIONS):
            raise StoreError(
                f"{address} has layout {layout}; this version of firth reads up to {len(MIGRATIONS)}. "
                "Next: pip install --upgrade firth"
            )
        if layout < len(MIGRATIONS):
            raise OutdatedError
        if collection != address.collection:
            raise StoreError(f"{address} holds the collection {collection!r}. Next: use another name")
        rows: list[tuple[str, str, str]] = json.loads(columns or "[]")
        schema = pa.schema([*COLUMNS, *((name, arrow_type(kind)) for name, _, kind in rows)])
        stored = {name: column for name, column, _ in rows}
        return Layout(version, documents, terms, schema, stored)

    def column(self, name: str) -> str:
        """What PostgreSQL calls a column, as an SQL identifier."""
        return quoted(self.stored.get(name, name))

    def columns(self, names: Sequence[str]) -> str:
        """Several columns, with commas between."""
        return ", ".join(map(self.column, names))


@dataclass(frozen=True)
class View:
    """A collection inside one transaction.

    Attributes:
        connection: On which the transaction runs.
        tables: The names of the tables.
        layout: What they hold.
    """

    connection: Any
    tables: Tables
    layout: Layout


class OutdatedError(Exception):
    """The layout must be brought up to date first; never leaves this package."""


def migrate(connection: Any, address: Address, tables: Tables) -> None:
    """Bring the tables up to date, or make them; in a transaction under a lock of all collections."""
    found = _found(connection, tables)
    if not found:
        connection.execute(f"create schema if not exists {tables.schema}")
    for number, statements in enumerate(MIGRATIONS[found:], found + 1):
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(statement.format(**vars(tables)))
        if number == 1:
            sql = f"insert into {tables.state} (layout, collection) values (1, $1)"
            connection.execute(sql, [address.collection])
    if found < len(MIGRATIONS):
        connection.execute(f"update {tables.state} set layout = $1", [len(MIGRATIONS)])


def _found(connection: Any, tables: Tables) -> int:
    """The number of the layout there is, 0 for none."""
    if connection.execute("select to_regclass($1)", [tables.state]).fetchone()[0] is None:
        return 0
    number: int = connection.execute(f"select layout from {tables.state}").fetchone()[0]
    return number


def index_name(name: str) -> str:
    """The name of an index of ``items``, not quoted."""
    return fitted(f"items_{name}")
