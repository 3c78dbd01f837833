"""What a person asks to be recommended by, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from firth.errors import InputError

__all__ = ["Taste"]


@dataclass(frozen=True, slots=True)
class Taste:
    """What is asked.

    Attributes:
        user: A user of the collection.
        positive: Ids of items that are liked, beside what the user took.
        negative: Ids of items that are not.
        k: How many.
        where: A filter.
        seen: Whether what was taken or liked may come back.
        diversity: From 0, the best, to 1, each as unlike the others as can be (maximal marginal relevance, Carbonell
            and Goldstein 1998, doi:10.1145/290941.291025), by ``behaviour``.
        popularity: Scores are multiplied with the number of an item's users to this power; None for what suited
            held-out users best; less, as -0.5, for what few know.
        new: How many of the k are items that nobody took yet; None for one in five, where there are any.
    """

    user: str | None = None
    positive: Sequence[str] = ()
    negative: Sequence[str] = ()
    k: int = 10
    where: str | Mapping[str, Any] | None = None
    seen: bool = False
    diversity: float = 0.0
    popularity: float | None = None
    new: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.positive, str) or isinstance(self.negative, str):
            raise InputError("got likes as one str; expected a list of ids")
        if self.user is None and not self.positive:
            raise InputError("nothing to go by. Next: name a user, or things that are liked")
        if self.k < 1:
            raise InputError(f"got k={self.k}; expected 1 or more")
        if not 0 <= self.diversity <= 1:
            raise InputError(f"got diversity={self.diversity}; expected 0 to 1")
        if self.new is not None and not 0 <= self.new <= self.k:
            raise InputError(f"got new={self.new}; expected 0 to {self.k}")
