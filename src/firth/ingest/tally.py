"""The count of what became of everything, as it grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from firth.data.seen import Seen
from firth.data.strings import Strings
from firth.types import Skipped

__all__ = ["Listener", "Tally"]


class Listener(Protocol):
    """Is told what became of items, after it is true: what was reported as added is in the store."""

    def done(self, status: str, ids: Sequence[str]) -> None:
        """Items were ``"added"``, ``"updated"``, found ``"unchanged"``, or ``"removed"``."""
        ...

    def skipped(self, skip: Skipped) -> None:
        """Something could not be added."""
        ...


@dataclass
class Tally:
    """What became of everything so far.

    Attributes:
        listener: Is told of each.
        added: Ids, as `firth.types.AddReport` has them; the next two likewise.
        updated: Ids.
        unchanged: Ids.
        skips: What could not be added.
        seen: All ids that came.
        sources: All sources that they came from.
        unread: What the reader skipped, by name.
    """

    listener: Listener | None
    added: Strings = field(default_factory=Strings)
    updated: Strings = field(default_factory=Strings)
    unchanged: Strings = field(default_factory=Strings)
    skips: list[Skipped] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    sources: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)

    def done(self, status: str, ids: Sequence[str]) -> None:
        """Count items under their status."""
        getattr(self, status).extend(ids)
        if self.listener and ids:
            self.listener.done(status, ids)

    def skip(self, skips: Iterable[Skipped]) -> None:
        """Count what was skipped."""
        for skip in skips:
            self.skips.append(skip)
            if self.listener:
                self.listener.skipped(skip)
