"""Indexes and statistics, made while others read and write."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from firth.stores.postgres.address import quoted
from firth.stores.postgres.connections import psycopg
from firth.stores.postgres.layout import View, index_name
from firth.stores.postgres.sql import BEGINNING
from firth.stores.postgres.vectors import WIDEST_INDEX, hnsw_expression, hnsw_name

__all__ = ["EXACT_BELOW", "maintain"]

EXACT_BELOW = 20_000
"""Below so many vectors an exact scan is fast and no index is made."""

_ATTEMPTS = 6
_MEMORY = "1GB"  # for the graph of an index; 100,000 x 384 take 110 MB, and above it the making is slow


def maintain(view: View) -> None:
    """Bring indexes up to date; outside any transaction."""
    connection, tables = view.connection, view.tables
    for name, stored in view.layout.stored.items():
        kind = view.layout.schema.field(name).type
        if pa.types.is_fixed_size_list(kind):
            _index_vectors(view, name)
        elif not pa.types.is_boolean(kind):  # an index of two values helps nobody
            _create(view, index_name(stored), _access(quoted(stored), kind))
    connection.execute(f"delete from {tables.frequencies} where n = 0")
    # the rows' own dead are autovacuum's: to clean an HNSW index takes as long as to make it
    connection.execute(f"analyze {tables.items}")
    for table in (tables.words, tables.frequencies, tables.state, tables.notes):
        connection.execute(f"vacuum (analyze) {table}")


def _access(column: str, kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"gin ({column})"
    return f"btree (left({column}, {BEGINNING}))" if pa.types.is_string(kind) else f"btree ({column})"


def _index_vectors(view: View, name: str) -> None:
    d, column = view.layout.schema.field(name).type.list_size, view.layout.column(name)
    n = view.connection.execute(f"select count({column}) from {view.tables.items}").fetchone()[0]
    if n < EXACT_BELOW or d > WIDEST_INDEX:
        return
    access = f"hnsw (({hnsw_expression(column, d)}) halfvec_cosine_ops)"
    try:
        _create(view, hnsw_name(view, name), access, memory=_MEMORY)
    except (psycopg().errors.DiskFull, psycopg().errors.OutOfMemory):
        # a container's /dev/shm is often too small for workers beside this one, or the memory for the graph
        _create(view, hnsw_name(view, name), access, memory=None)


def _create(view: View, name: str, access: str, *, memory: str | None = None) -> None:
    """Make an index if there is none, without keeping writers waiting."""
    connection, full = view.connection, f"{view.tables.schema}.{quoted(name)}"
    sql = "select indisvalid from pg_index where indexrelid = to_regclass($1)"
    statement = f"create index concurrently {quoted(name)} on {view.tables.items} using {access}"
    for attempt in range(_ATTEMPTS):
        if (found := connection.execute(sql, [full]).fetchone()) and found[0]:
            return
        try:
            if found:  # an earlier attempt broke off
                connection.execute(f"drop index concurrently {full}")
            return _with_settings(connection, statement, memory)
        except psycopg().errors.DeadlockDetected:  # with a writer that changes a column, and gives way soon
            if attempt == _ATTEMPTS - 1:
                raise


def _with_settings(connection: Any, statement: str, memory: str | None) -> None:
    """Run a statement with so much memory, or alone and with what the server gives."""
    given = {"maintenance_work_mem": memory} if memory else {"max_parallel_maintenance_workers": "0"}
    for name, value in given.items():
        connection.execute("select set_config($1, $2, false)", [name, value])
    try:
        connection.execute(statement)
    finally:
        for name in given:
            connection.execute(f"reset {name}")
