"""Transactions on a collection: readers see one moment, writers take turns."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from firth.errors import StoreError
from firth.stores.postgres.address import Address
from firth.stores.postgres.connections import Connections, psycopg
from firth.stores.postgres.layout import Layout, OutdatedError, Tables, View, migrate
from firth.stores.postgres.server import check_server, create_extension

__all__ = ["Session", "lock_items"]

Result = TypeVar("Result")

PATIENCE = 600
"""Seconds to wait for other writers, or for readers when a column is changed."""

_ABSENT = ("42P01", "3F000")  # no such table, no such schema


class Session:
    """How one collection is read and written.

    Writers of a collection take turns, from when their rows have reached the server to the commit: so they cannot
    deadlock, and the counts that every write keeps stay right. A writer that goes silent in its turn is ended by
    the server after a minute.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.tables = Tables(address)
        self._connections = Connections(address)
        self._seen = False

    @contextlib.contextmanager
    def borrow(self, doing: str) -> Iterator[Any]:
        """A connection outside any transaction."""
        with self._connections.borrow(doing) as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self, doing: str) -> Iterator[View | None]:
        """A look at one moment of the collection; None where nothing was ever written."""
        with self.borrow(doing) as connection:
            view = self._look(connection)
            yield view
            connection.execute("commit")

    def write(
        self,
        doing: str,
        work: Callable[[View], Result],
        *,
        before: Callable[[Any], None] = lambda connection: None,
    ) -> Result:
        """A transaction whose end is this writer's turn; made again from the start where others were in the way.

        Args:
            doing: What, as in "could not ...".
            work: To be done in the turn.
            before: To be done before, while others have theirs; gets the connection.

        Raises:
            StoreError: Others were in the way all the time.
        """
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(InTheWayError), self.borrow(doing) as connection:
                connection.execute("begin")
                before(connection)
                result = self._turn(connection, work)
                connection.execute("commit")
                return result
            if time.monotonic() > end:
                raise StoreError(
                    f"could not {doing}: waited {PATIENCE} s to change a column of {self.tables.items} while it is "
                    "read, indexed or backed up. Next: let that finish, or end it"
                )
            time.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - no secret

    def _turn(self, connection: Any, work: Callable[[View], Result]) -> Result:
        connection.execute(
            f"set local lock_timeout = '{PATIENCE}s'; set local idle_in_transaction_session_timeout = '60s'"
        )
        try:
            connection.execute(f"lock table {self.tables.state} in exclusive mode")
            result = work(View(connection, self.tables, Layout.read(connection, self.address, self.tables)))
            connection.execute(f"update {self.tables.state} set version = version + 1")
        except psycopg().errors.DeadlockDetected:
            raise InTheWayError from None
        return result

    @contextlib.contextmanager
    def maintaining(self, doing: str, layout: Layout) -> Iterator[View | None]:
        """Outside any transaction, and None while another process is at it."""
        key = self.address.lock("maintain")
        with self.borrow(doing) as connection:
            if not connection.execute("select pg_try_advisory_lock($1)", [key]).fetchone()[0]:
                yield None
                return
            try:
                yield View(connection, self.tables, layout)
            finally:
                if not connection.closed:
                    connection.execute("select pg_advisory_unlock($1)", [key])

    def create(self, doing: str) -> None:
        """Make the extension and the tables, or bring them up to date."""
        with self.borrow(doing) as connection:
            connection.execute("begin")
            # one lock for all collections: two must not make the extension at once
            connection.execute("select pg_advisory_xact_lock($1)", [_EVERYWHERE])
            create_extension(psycopg(), connection, self.address)
            check_server(connection, self.address)
            migrate(connection, self.address, self.tables)
            connection.execute("commit")

    def _look(self, connection: Any) -> View | None:
        # The lock comes first: a moment from before another's change of a column would show an empty table.
        if not self._seen:  # a failed lock would stand in the server's log
            found = connection.execute("select to_regclass($1)", [self.tables.items]).fetchone()[0]
            self._seen = found is not None
            if found is None:
                connection.execute("begin")
                return None
        begin = "begin isolation level repeatable read read only"
        try:
            connection.execute(f"{begin}; lock table {self.tables.items} in access share mode")
            return View(connection, self.tables, Layout.read(connection, self.address, self.tables))
        except psycopg().Error as error:
            if error.sqlstate not in _ABSENT:
                raise
            connection.execute("rollback; begin")  # somebody removed it
            return None
        except OutdatedError:
            connection.execute("rollback")
            self.create(f"bring the layout of {self.address} up to date")
            return self._look(connection)


_EVERYWHERE = 0x6669727468  # "firth"


class InTheWayError(Exception):
    """Others use the table that is to be changed; never leaves this package."""


def lock_items(view: View) -> None:
    """Keep all others from the table of rows, so that its columns can be changed; in a writer's turn.

    Not for long: whoever comes later waits behind this, and an index in the making waits for the writers that
    wait for this one, so that to wait here for the index is a deadlock.

    Raises:
        InTheWayError: Somebody uses it.
    """
    view.connection.execute("set local lock_timeout = '500ms'")
    try:
        view.connection.execute(f"lock table {view.tables.items} in access exclusive mode")
    except psycopg().errors.LockNotAvailable:
        raise InTheWayError from None
