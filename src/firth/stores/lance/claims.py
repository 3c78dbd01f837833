"""One writer at a time on object storage without conditional put: claims, of which only one may stand."""

from __future__ import annotations

import atexit
import contextlib
import logging
import threading
import uuid
from collections.abc import Iterator

from firth.errors import StoreError
from firth.stores.lance import turns
from firth.stores.lance.object_storage import ObjectStorage
from firth.stores.lance.turns import PATIENCE, Turn

__all__ = ["Claims"]

_START = ".writers/claim-"
LINGERS = 120.0
"""Seconds for which a claim is kept after a write, for the next one."""

_LITTER = 20  # times LASTS, after which a dead writer's claim is cleared away
_log = logging.getLogger("firth")


class Claims:
    """A second writer is refused, since without conditional put its commits would overwrite those of the first.

    A writer first puts a claim, an object of its own that nobody else writes, and then lists all claims. Where
    another stands that is alive, it withdraws and refuses. Whichever of two lists last sees both claims, so two that
    start at the same moment may both refuse, but never both write. The claim stands from the first write until the
    process ends, or for `LINGERS` seconds after its last write: so no other comes in between two writes of an import.

    Assumes of the endpoint: a list sees every put that was answered before, and its clock, by which ages are told,
    runs evenly. Assumes of a writer: it does not stand still for longer than `LASTS` seconds in the middle
    of a commit (a laptop asleep) and then go on, for nothing could stop that commit. With conditional put neither
    writers nor sleep do harm.
    """

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._mine = threading.Lock()  # between the threads of this process
        self._name = ""
        self._turn: Turn | None = None
        self._keeping = contextlib.ExitStack()
        self._end: threading.Timer | None = None
        atexit.register(self._withdraw)

    @contextlib.contextmanager
    def take(self) -> Iterator[Turn]:
        """Claim the address, or go on with a claim that is alive."""
        if not self._mine.acquire(timeout=PATIENCE):
            raise StoreError(
                f"waited {PATIENCE:.0f} s for another thread that writes to {self._storage.location}"
            )
        try:
            if self._turn is None or self._turn.is_over():
                self._turn = self._claim()
            try:
                yield self._turn
            except (KeyboardInterrupt, SystemExit):
                self._abandon()  # a commit may still be under way, so the claim has to die by itself
                raise
            finally:
                self._end_later()
        finally:
            self._mine.release()

    def _claim(self) -> Turn:
        self._withdraw()
        self._name, turn = f"{_START}{uuid.uuid4()}", Turn(self._storage.location, self._put, certain=False)
        self._put()
        ages = self._storage.ages(_START)
        ours = ages.pop(self._name, None)
        living = [age for age in ages.values() if age <= turns.LASTS]
        if living or ours is None:
            self._withdraw()
            raise self._refusal(min(living, default=0.0))
        for name in (name for name, age in ages.items() if age > _LITTER * turns.LASTS):
            self._storage.remove(name)
        self._keeping.enter_context(turn.kept())
        return turn

    def _put(self) -> bool:
        return bool(self._storage.write(self._name, str(uuid.uuid4()).encode()))

    def _withdraw(self) -> None:
        """Remove our claim, if there is one; where that fails, it dies by itself."""
        name = self._name
        self._abandon()
        if name:
            try:
                self._storage.remove(name)
            except StoreError as error:
                _log.warning(f"firth: the next writer will be refused for {turns.LASTS:.0f} s, since {error}")

    def _abandon(self) -> None:
        self._keeping.close()
        self._name, self._turn = "", None

    def _end_later(self) -> None:
        """Withdraw after `LINGERS` seconds in which nothing was written."""

        def end() -> None:
            with self._mine:
                if self._end is timer:  # nothing was written since
                    self._withdraw()

        if self._end is not None:
            self._end.cancel()
        timer = self._end = threading.Timer(LINGERS, end)
        timer.daemon = True
        timer.start()

    def _refusal(self, age: float) -> StoreError:
        return StoreError(
            f"another process writes to {self._storage.location} (its last sign of life was {age:.0f} s ago), and "
            f"{self._storage.endpoint} has no conditional put, without which only one may. Next: wait for it to end; "
            f"one that died is forgotten after {turns.LASTS:.0f} s"
        )
