"""Connecting: is there a server, does it let us in, is it new enough, does it know vectors."""

from __future__ import annotations

from typing import Any

from firth.errors import StoreError
from firth.stores.postgres.address import Address, quoted

__all__ = ["check_server", "connect", "create_extension"]

OLDEST_SERVER = 15
OLDEST_PGVECTOR = (0, 8)

_PATIENCE = 10  # seconds for a server to answer
_LOOK = """
select current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),
       e.extversion, n.nspname, n.nspname = any(current_schemas(true))
from (select) as always left join pg_extension e on e.extname = 'vector'
left join pg_namespace n on n.oid = e.extnamespace
"""
_NEXT = {
    "password": "Next: check user and password in the location, or keep the password in ~/.pgpass",
    "role": "Next: check the user's name in the location, or CREATE ROLE it",
    "pg_hba": "Next: let this machine and user in by pg_hba.conf on the server",
    "does not exist": "Next: CREATE DATABASE it, or name another one in the location",
    "too many": "Next: end other programs' connections, or raise max_connections on the server",
    "connection slots": "Next: end other programs' connections, or raise max_connections on the server",
    "URI": "Expected postgresql://user:password@host:port/database?collection=NAME",
    "connection option": "Expected options of libpq, such as sslmode=require",
}


def connect(engine: Any, address: Address) -> Any:
    """A new connection in autocommit mode, whose statements have parameters ``$1``, ``$2``, ...

    Args:
        engine: The module `psycopg`.
        address: Of the server.

    Raises:
        StoreError: No server, not let in, or too old a server.
    """
    try:
        options = engine.conninfo.conninfo_to_dict(address.conninfo)
        missing = {"connect_timeout": _PATIENCE, "fallback_application_name": "firth"}
        connection = engine.connect(
            address.conninfo,
            autocommit=True,
            prepare_threshold=None,  # a prepared plan outlives changes of the columns
            cursor_factory=engine.RawCursor,
            **{name: value for name, value in missing.items() if name not in options},
        )
    except engine.Error as error:
        raise _not_connected(str(error), address) from None  # the cause could show the password
    try:
        check_server(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


def check_server(connection: Any, address: Address) -> None:
    """Refuse what is too old, and make the extension's names known to this connection.

    Raises:
        StoreError: PostgreSQL below 15, pgvector below 0.8, or a database that is not in UTF-8.
    """
    server, encoding, pgvector, schema, visible = connection.execute(_LOOK).fetchone()
    if server < OLDEST_SERVER:
        raise StoreError(f"{address} is PostgreSQL {server}; expected {OLDEST_SERVER} or newer")
    if encoding != "UTF8":
        raise StoreError(f"{address} keeps text as {encoding}; expected a database with ENCODING 'UTF8'")
    if pgvector is None:
        return  # to be made with the first write
    if tuple(int(number) for number in pgvector.split(".")[:2]) < OLDEST_PGVECTOR:
        raise StoreError(
            f"{address} has the extension vector {pgvector}; expected 0.8 or newer. Next: let its owner run "
            "ALTER EXTENSION vector UPDATE; (with pgvector 0.8 or newer installed on the server)"
        )
    if not visible:
        connection.execute(
            "select set_config('search_path', current_setting('search_path') || $1, false)",
            [f", {quoted(schema)}"],
        )


def create_extension(engine: Any, connection: Any, address: Address) -> None:
    """``CREATE EXTENSION vector``, if this user may; inside a transaction.

    Raises:
        StoreError: It is not installed on the server, or the user may not.
    """
    try:
        connection.execute("create extension if not exists vector")
    except engine.Error as error:
        if error.sqlstate not in ("42501", "58P01", "0A000"):
            raise
        who = "a superuser, or the owner of the database, must run there"
        if error.sqlstate != "42501":
            who = "pgvector 0.8 or newer must be installed on the server; then a superuser must run there"
        said = str(error).splitlines()[0]
        raise StoreError(
            f"{address} lacks the extension vector, and it could not be made ({said}). "
            f"Next: {who}: CREATE EXTENSION vector;"
        ) from None


def _not_connected(said: str, address: Address) -> StoreError:
    for password in address.passwords:
        said = said.replace(password, "***")
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    step = next((step for sign, step in _NEXT.items() if sign in said), None)
    step = step or "Next: check host and port in the location, and that the server runs"
    return StoreError(f"could not connect to {address}: {lines[-1] if lines else 'no answer'}. {step}")
