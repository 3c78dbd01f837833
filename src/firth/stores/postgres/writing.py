"""Putting rows: to the server by binary COPY, into their places in one statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from firth.errors import SchemaError, UnknownNameError
from firth.stores.columns import field_name
from firth.stores.postgres.address import fitted, quoted
from firth.stores.postgres.kinds import LARGEST_WIDTH, WIRE, encoded, kind_of
from firth.stores.postgres.layout import Layout, View
from firth.stores.postgres.session import lock_items
from firth.stores.postgres.words import counted
from firth.stores.rows import widened

__all__ = ["check_fits", "drop_vector", "forget", "merge", "send", "widen", "write_notes"]

LONGEST_ID = 2000
"""Bytes of an id that an index of PostgreSQL holds for certain."""

_LARGEST_FLOAT = 2**53  # integers up to here are the same as floats
_HIDDEN = {"n": "int", "words": "bigint[]", "counts": "int[]"}
_ROWS_AT_ONCE = 1000


def check_fits(rows: pa.Table) -> None:
    """Refuse what PostgreSQL cannot hold.

    Raises:
        SchemaError: A text with U+0000, an id above 2,000 bytes, a vector above 16,000 dimensions.
    """
    for name in rows.column_names:
        kind = rows[name].type
        if pa.types.is_fixed_size_list(kind) and kind.list_size > LARGEST_WIDTH:
            raise SchemaError(
                f"vector {name!r} has {kind.list_size} dimensions; pgvector holds {LARGEST_WIDTH}"
            )
        if "\0" in name:
            raise SchemaError(f"got the column {name!r}; PostgreSQL holds no U+0000. Next: rename it")
        _check_no_nul(rows, name)
    longest = pc.max(pc.binary_length(rows["id"])).as_py() or 0
    if longest > LONGEST_ID:
        raise SchemaError(f"got an id of {longest} bytes; expected up to {LONGEST_ID}. Next: shorten it")


def _check_no_nul(rows: pa.Table, name: str) -> None:
    column = rows[name]
    if pa.types.is_list(column.type):
        column = pc.list_flatten(column)
    if not pa.types.is_string(column.type) or not pc.any(pc.match_substring(column, "\0")).as_py():
        return
    for row in rows.select(list(dict.fromkeys(["id", name]))).to_pylist():
        if "\0" in str(row[name]) or any("\0" in (text or "") for text in _listed(row[name])):
            said = field_name(name) if name.startswith("f_") else name
            raise SchemaError(
                f"id {row['id']!r}, column {said!r}: got text with U+0000 in it, which PostgreSQL cannot hold. "
                "Next: remove the character"
            )


def _listed(value: Any) -> list[str | None]:
    return value if isinstance(value, list) else []


def send(connection: Any, rows: pa.Table) -> None:
    """Copy rows into the temporary table ``incoming``, with what the search by words needs; in a transaction.

    Columns keep the names they have in ``rows``, shortened as `fitted` does; those of nulls alone stay away.
    """
    rows = rows.select([name for name in rows.column_names if not pa.types.is_null(rows[name].type)])
    kinds = {fitted(field.name): kind_of(field.type) for field in rows.schema} | _HIDDEN
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in kinds.items())
    connection.execute(f"create temp table incoming ({columns}) on commit drop")
    wire = [WIRE[kind.partition("(")[0]] for kind in kinds.values()]
    with connection.cursor().copy("copy pg_temp.incoming from stdin (format binary)") as copy:
        copy.set_types(wire)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            for row in _rows_of(rows.slice(start, _ROWS_AT_ONCE)):
                copy.write_row(row)


def _rows_of(rows: pa.Table) -> Any:
    terms: Sequence[str | None] = [None] * len(rows)
    if "terms" in rows.column_names:
        terms = rows["terms"].to_pylist()
    numbers, words = zip(*map(counted, terms), strict=True)
    return zip(*map(encoded, rows.columns), numbers, *zip(*words, strict=True), strict=True)


def widen(view: View, incoming: pa.Schema) -> Layout:
    """Add the columns the collection lacks, turn integers to floats; in a writer's turn.

    Raises:
        SchemaError: A column has another type than before, or integers that floats cannot hold.
    """
    connection, tables, before = view.connection, view.tables, view.layout.schema
    after = widened(before, incoming)
    if after.equals(before):
        return view.layout
    lock_items(view)
    stored = dict(view.layout.stored)
    for field in after:
        kind = kind_of(field.type)
        if field.name not in before.names:
            stored[field.name] = fitted(field.name)
            _add_column(view, field, kind)
        elif not field.type.equals(before.field(field.name).type):
            _check_floats(view, field.name)
            column = quoted(stored[field.name])
            connection.execute(f"alter table {tables.items} alter column {column} type {kind}")
            connection.execute(f"update {tables.columns} set kind = $2 where name = $1", [field.name, kind])
    return Layout(view.layout.version, view.layout.documents, view.layout.terms, after, stored)


def _add_column(view: View, field: pa.Field, kind: str) -> None:
    column, items = quoted(fitted(field.name)), view.tables.items
    collation = ' collate "C"' if kind in ("text", "text[]") else ""
    view.connection.execute(f"alter table {items} add column {column} {kind}{collation}")
    if pa.types.is_fixed_size_list(field.type):  # beside the row, not elsewhere: a scan reads every vector
        view.connection.execute(f"alter table {items} alter column {column} set storage main")
    sql = f"insert into {view.tables.columns} (name, stored, kind) values ($1, $2, $3)"
    view.connection.execute(sql, [field.name, fitted(field.name), kind])


def _check_floats(view: View, name: str) -> None:
    column = view.layout.column(name)
    sql = (
        f"select exists(select from {view.tables.items} where {column} not between $1::bigint and $2::bigint)"
    )
    if view.connection.execute(sql, [-_LARGEST_FLOAT, _LARGEST_FLOAT]).fetchone()[0]:
        raise SchemaError(f"column {name!r} holds integers beyond 2**53, which floats cannot; got floats")


def merge(view: View, layout: Layout, incoming: pa.Schema) -> None:
    """Put what `send` brought in the place of what stood under its ids; in a writer's turn."""
    tables = view.tables
    forget(view, "id in (select id from pg_temp.incoming)")
    names = [name for name in layout.schema.names if name in incoming.names]
    names = [name for name in names if not pa.types.is_null(incoming.field(name).type)]
    view.connection.execute(
        f"insert into {tables.items} ({layout.columns(names)}) "
        f"select {', '.join(quoted(fitted(name)) for name in names)} from pg_temp.incoming"
    )
    come = f"""insert into {tables.words} (id, part, n, words, counts)
        select id, part, n, words, counts from pg_temp.incoming where n is not null returning n, words"""
    _move_words(view, come, sign=1)


def forget(view: View, which: str, values: Sequence[Any] = ()) -> int:
    """Remove rows, and what the search by words knows of them; in a writer's turn.

    Args:
        view: Of the collection.
        which: A condition in SQL on the column ``id``.
        values: Its parameters.

    Returns:
        How many items were there.
    """
    _move_words(view, f"delete from {view.tables.words} where {which} returning n, words", values, sign=-1)
    sql = f"""with gone as (delete from {view.tables.items} where {which} returning id)
        select count(distinct id) from gone"""
    found: int = view.connection.execute(sql, values).fetchone()[0]
    return found


def _move_words(view: View, change: str, values: Sequence[Any] = (), *, sign: int) -> None:
    """Change the table of words, and all counts with it."""
    tables = view.tables
    view.connection.execute(
        f"""with moved as ({change}),
        counted as (insert into {tables.frequencies} as f (word, n)
            select word, {sign} * count(*) from (select unnest(words) as word from moved) as w group by word
            on conflict (word) do update set n = f.n + excluded.n)
        update {tables.state} set documents = documents + {sign} * (select count(*) from moved),
            terms = terms + {sign} * (select coalesce(sum(n), 0) from moved)""",
        values,
    )


def drop_vector(view: View, column: str) -> None:
    """Remove a vector column, and its index with it; in a writer's turn."""
    if column not in view.layout.stored:  # somebody else was quicker
        raise UnknownNameError(f"no vector {column.removeprefix('v_')!r} in this store")
    lock_items(view)
    view.connection.execute(f"alter table {view.tables.items} drop column {view.layout.column(column)}")
    view.connection.execute(f"delete from {view.tables.columns} where name = $1", [column])


def write_notes(view: View, changes: Mapping[str, str | None]) -> None:
    """Merge notes, JSON text by key; None removes one. In a writer's turn."""
    gone = [key for key, value in changes.items() if value is None]
    new = {key: value for key, value in changes.items() if value is not None}
    view.connection.execute(f"delete from {view.tables.notes} where key = any($1::text[])", [gone])
    sql = f"""insert into {view.tables.notes} (key, value) select * from unnest($1::text[], $2::json[])
        on conflict (key) do update set value = excluded.value"""
    view.connection.execute(sql, [list(new), list(new.values())])
