"""One writer at a time: what a turn is, how it is kept, and how a folder's writers take theirs."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from firth.errors import StoreError

__all__ = ["LASTS", "PATIENCE", "FolderTurns", "Turn", "Turns"]

PATIENCE = 600.0
"""Seconds to wait for another writer's commit or maintenance."""

LASTS = 20.0
"""Seconds without a sign of life after which others take a writer on object storage to be dead."""

_RENEWED = 1 / 5  # of LASTS: how often a writer shows that it lives
_SAFE = 2 / 3  # of LASTS: it gives up earlier: ages are told in whole seconds, and answers take their time


class Turns(Protocol):
    """How the writers of one store take turns."""

    def take(self) -> AbstractContextManager[Turn | None]:
        """A turn, for as long as the context lasts; None where the system itself keeps it."""
        ...


class Turn:
    """The right to write to object storage, which lasts as long as its holder shows signs of life.

    Args:
        location: Of what.
        sign: Shows a sign of life; says whether the turn still is ours.
        certain: Whether the sign is a conditional put, so that what it says is certain however late it comes.
        inherited: Whether the writer before never gave the turn back: it died, or stands still. Whoever has shut it
            out of the tables sets this to False.
    """

    def __init__(
        self, location: str, sign: Callable[[], bool], *, certain: bool, inherited: bool = False
    ) -> None:
        self.inherited = inherited
        self._location, self._sign, self._certain = location, sign, certain
        self._shown = _clock()
        self._lost = False
        self._signing = threading.Lock()

    def renew(self) -> None:
        """Show a sign of life."""
        with self._signing:
            asked = _clock()
            ours = self._sign()
            if ours and (self._certain or not self._is_late()):
                self._shown = asked
            else:
                self._lost = True

    def is_over(self) -> bool:
        """Whether another may write by now."""
        if self._certain and self._is_late() and not self._lost:
            self.renew()
        return self._lost or self._is_late()

    def check(self) -> None:
        """Raise if it is over.

        Raises:
            StoreError: It is.
        """
        if self.is_over():
            raise StoreError(
                f"this process gave no sign of life at {self._location} for too long (asleep, or the network was "
                "away), and another may write by now. Next: do it again; only what was reported done is certain"
            )

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Show signs of life beside what is done meanwhile."""
        done = threading.Event()

        def keep() -> None:
            while not done.wait(_RENEWED * LASTS) and not self._lost:
                # where no answer comes, the turn is over by and by, unless a later one does
                with contextlib.suppress(StoreError):
                    self.renew()

        thread = threading.Thread(target=keep, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _is_late(self) -> bool:
        return _clock() - self._shown > _SAFE * LASTS


class FolderTurns:
    """Turns by a lock file, which the system takes from a process that dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the lock, hold it."""
        import filelock

        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            lock = filelock.FileLock(self._folder / ".lock", timeout=PATIENCE)
            with lock.acquire():
                yield
        except filelock.Timeout:
            raise StoreError(
                f"waited {PATIENCE:.0f} s for another process that writes to {self._folder}. "
                "Next: let it finish, or end it"
            ) from None


def _clock() -> float:
    """Seconds that also pass while the machine sleeps, where the system can tell."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)
