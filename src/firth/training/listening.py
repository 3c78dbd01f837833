"""Who wants to know how far a training is."""

from __future__ import annotations

from firth.training.fitting import Epoch

__all__ = ["Listener"]


class Listener:
    """Hears nothing; a subclass overrides what it wants to hear."""

    def begin(self, phase: str, total: int) -> None:
        """A phase begins, of so many pictures, captions or epochs."""

    def advance(self, count: int) -> None:
        """So many of them are done."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch of a head is done."""

    def note(self, text: str) -> None:
        """Something worth a line."""
