"""What a training tells at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from firth.training.recall import Gap, Recall
from firth.types import Skipped

__all__ = ["PairsReport", "TowerReport"]


@dataclass(frozen=True, slots=True)
class TowerReport:
    """How well pictures came to one text encoder.

    Attributes:
        tower: The text encoder.
        before: Recall by the model that comes with firth, `joint`.
        after: Recall by what was learned.
        gap_before: How far held-out pictures and captions lie apart by that one.
        gap_after: By what was learned.
        epochs: How many were done.
        best_epoch: Which was kept; 0 is the ridge regression that training starts from.
        stopped: Whether Ctrl-C ended it.
    """

    tower: str
    before: Sequence[Recall]
    after: Sequence[Recall]
    gap_before: Gap
    gap_after: Gap
    epochs: int
    best_epoch: int
    stopped: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PairsReport:
    """What `firth.train.pairs` did.

    Attributes:
        output: The folder of the model.
        pictures: How many pictures had a caption and could be read.
        captions: How many captions, by column.
        towers: How each text encoder's head came out.
        seconds: How long it took.
        skipped: What could not be used, and why.
        notes: What was decided for the user.
    """

    output: str
    pictures: int
    captions: Mapping[str, int]
    towers: Sequence[TowerReport]
    seconds: float
    skipped: Sequence[Skipped] = ()
    notes: Sequence[str] = ()

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C ended it; the same call goes on from there."""
        return any(tower.stopped for tower in self.towers)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {**asdict(self), "stopped": self.stopped}
