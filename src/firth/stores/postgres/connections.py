"""Connections to a PostgreSQL server: checked when made, kept for the next call, replaced when they break."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import weakref
from collections.abc import Iterator
from typing import Any

from firth.errors import StoreError, require
from firth.stores.postgres.address import Address
from firth.stores.postgres.server import connect

__all__ = ["Connections"]

_KEPT = 8  # idle connections; a busier process opens more and closes them again


class Connections:
    """What threads share: each call borrows a connection for itself.

    Every connection is in autocommit mode; who wants a transaction says ``begin``.

    Args:
        address: Of the server. Nothing is connected before the first call.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._idle: list[Any] = []
        self._process = os.getpid()
        weakref.finalize(self, _close_all, self._idle, self._process)

    @contextlib.contextmanager
    def borrow(self, doing: str) -> Iterator[Any]:
        """A connection of one's own; what is open in it at the end is rolled back.

        Args:
            doing: What for, as in "could not ...".

        Raises:
            StoreError: PostgreSQL could not do it.
        """
        engine = psycopg()
        try:
            connection = self._take() or connect(engine, self.address)
            try:
                yield connection
            finally:
                self._give_back(connection)
        except engine.Error as error:
            raise _told(error, doing, self.address) from error

    def _take(self) -> Any | None:
        with self._lock:
            if self._process != os.getpid():  # a fork must not speak on its parent's connections
                self._start()
            while self._idle:
                connection = self._idle.pop()
                if not _has_ended(connection):
                    return connection
                connection.close()
        return None

    def _give_back(self, connection: Any) -> None:
        status = connection.info.transaction_status.name
        if status in ("INTRANS", "INERROR"):
            with contextlib.suppress(psycopg().Error):  # it was broken, then; the next line sees it
                connection.execute("rollback")
            status = connection.info.transaction_status.name
        with self._lock:
            if status == "IDLE" and len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()


def psycopg() -> Any:
    """The module `psycopg`."""
    return require("psycopg", extra="postgres", purpose="for collections in PostgreSQL")


def _has_ended(connection: Any) -> bool:
    """Whether the server has hung up: an idle connection has nothing to read but a farewell."""
    if connection.closed:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([connection.fileno()], [], [], 0)[0])
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _close_all(connections: list[Any], process: int) -> None:
    while connections and process == os.getpid():
        connections.pop().close()


_NEXT = {
    "42501": "Next: GRANT the right to this user, or connect as another one",
    "25006": "Next: write to the primary server, not to a replica",
    "53100": "Next: free space on the server's disk",
    "57014": "Next: raise statement_timeout for this user",
    "55P03": "Next: try again when other writers, readers and maintenance are done",
    "40P01": "Next: try again",
}


def _told(error: Any, doing: str, address: Address) -> StoreError:
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    hint = _NEXT.get(error.sqlstate or "")
    if hint is None and isinstance(error, psycopg().OperationalError):
        hint = "The connection was lost while it was done. Next: look whether it was, or do it again"
    return StoreError(f"could not {doing} in {address}: {said}" + (f". {hint}" if hint else ""))
