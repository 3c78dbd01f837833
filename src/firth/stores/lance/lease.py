"""Turns of writers on object storage that has conditional put: one object, the lease, held by one at a time."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator

from firth.errors import InputError, StoreError
from firth.stores.lance import turns
from firth.stores.lance.object_storage import Found, ObjectStorage
from firth.stores.lance.turns import PATIENCE, Turn

__all__ = ["Lease"]

_NAME = ".writers/lease"
_QUIET = 2.0  # seconds of waiting that are not worth a word
_log = logging.getLogger("firth")


class Lease:
    """Writers of one address take turns, as they do by the lock file of a folder; the rest wait.

    The lease is made with ``If-None-Match: *`` and changed only with ``If-Match``, so of several that reach for it
    one gets it. Its holder writes it anew every few seconds. When it has not done so for `LASTS` seconds, it is
    taken to be dead, and the next writer takes over. One that was only standing still (a laptop asleep) must
    not go on from there: what took over is told by `Turn.inherited`, and shuts it out of the tables. The same goes
    for a writer that was interrupted or failed, since a commit of its own may still be under way: it keeps the lease.

    Assumes of the endpoint: reads see the last write, and its clock, by which ages are told, runs evenly. The
    clocks of the writers' machines do not matter.
    """

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._mine = threading.Lock()  # between the threads of this process
        self._me = f"process {os.getpid()} on {socket.gethostname()}"

    @contextlib.contextmanager
    def take(self) -> Iterator[Turn]:
        """Wait for the lease, hold it, give it back."""
        if not self._mine.acquire(timeout=PATIENCE):
            raise self._too_long("another thread of this process")
        try:
            held = self._wait()
            try:
                with held.turn.kept():
                    yield held.turn
            except InputError:  # refused before anything was under way
                held.give_back()
                raise
            held.give_back()
        finally:
            self._mine.release()

    def _wait(self) -> _Held:
        start, said = time.monotonic(), False
        while True:
            found = self._storage.read(_NAME)
            if held := self._reach(found):
                return held
            waited, holder = time.monotonic() - start, _holder(found)
            if waited > PATIENCE:
                raise self._too_long(holder)
            if waited > _QUIET and holder and not said:
                said = True
                _log.warning(
                    f"firth: {holder} is writing to {self._storage.location}; waiting for it. "
                    f"If it died, its turn ends {turns.LASTS:.0f} s after its last sign of life"
                )
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311

    def _reach(self, found: Found | None) -> _Held | None:
        """The lease, if it can be had now."""
        holder = _holder(found)
        if found is not None and holder and found.age <= turns.LASTS:
            return None
        held = _Held(self._storage, self._me, inherited=bool(holder))
        return held if held.put(replacing=None if found is None else found.etag) else None

    def _too_long(self, holder: str) -> StoreError:
        return StoreError(
            f"waited {PATIENCE:.0f} s for {holder or 'others'} to finish writing to {self._storage.location}. "
            "Next: let it finish, or end it"
        )


class _Held:
    """The lease in the hands of this process."""

    def __init__(self, storage: ObjectStorage, me: str, *, inherited: bool) -> None:
        self._storage, self._me = storage, me
        self._etag: str | None = None
        self.turn = Turn(storage.location, self._renew, certain=True, inherited=inherited)

    def put(self, *, replacing: str | None, holder: str | None = None) -> bool:
        """Write the lease with its holder's name; says whether the condition held."""
        body = {"holder": self._me if holder is None else holder, "id": str(uuid.uuid4())}
        text = json.dumps(body).encode()
        etag = self._storage.write(_NAME, text, replacing=replacing, new=replacing is None)
        self._etag = etag or self._etag
        return etag is not None

    def _renew(self) -> bool:
        return self.put(replacing=self._etag)

    def give_back(self) -> None:
        """Let the next one have it at once. What was written stands, even where this fails."""
        if self.turn.inherited:
            return  # the one before has not been shut out, so the next one has to
        try:
            self.put(replacing=self._etag, holder="")
        except StoreError as error:
            _log.warning(f"firth: the next writer will have to wait {turns.LASTS:.0f} s, since {error}")


def _holder(found: Found | None) -> str:
    """Who holds the lease; "" while it is free."""
    return "" if found is None else str(json.loads(found.body)["holder"])
