"""What is told while words are learned, and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from firth.training.listening import Listener
from firth.types import Skipped

__all__ = ["Speed", "WordsListener", "WordsReport"]


@dataclass(frozen=True, slots=True)
class Speed:
    """How far an epoch is.

    Attributes:
        epoch: Which, from 1.
        words: How many are done in it.
        total: Of how many.
        per_second: Words a second, in this epoch.
        loss: The mean loss of its steps; see `firth.training.skipgram.loss`.
    """

    epoch: int
    words: int
    total: int
    per_second: float
    loss: float


class WordsListener(Listener):
    """Hears nothing; a subclass overrides what it wants to hear."""

    def speed(self, speed: Speed) -> None:
        """Several times a second."""


@dataclass(frozen=True, slots=True)
class WordsReport:
    """What `firth.train.words` did.

    Attributes:
        output: The folder of the vectors.
        words: How many words have one.
        size: Their width.
        tokens: Occurrences of these words in the text.
        dropped_words: Different words that occurred too seldom.
        dropped_tokens: Their occurrences.
        phrases: Pairs that were made one.
        epochs: How many were done.
        losses: The mean loss of a step, by epoch.
        per_second: Words a second while it learned.
        seconds: How long everything took.
        stopped: Whether Ctrl-C ended it.
        skipped: What could not be read, and why.
        notes: What was decided for the user.
    """

    output: str
    words: int
    size: int
    tokens: int
    dropped_words: int
    dropped_tokens: int
    phrases: int
    epochs: int
    losses: Sequence[float]
    per_second: float
    seconds: float
    stopped: bool = False
    skipped: Sequence[Skipped] = ()
    notes: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)
