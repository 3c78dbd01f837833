"""How far a projection has come: the steps of a long computation, so that it can be watched and left.

A computation here is a generator: it yields a `Frame` now and then and returns its result. Who watches shows the
frames; who has seen enough stops asking for more, and nothing goes on in the background.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from firth.maps.map import Map
from firth.types import FloatArray

__all__ = ["Frame", "Steps", "finish"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One look at a projection under way.

    Attributes:
        stage: ``"neighbours"``, ``"layout"``, ``"placing"``, ``"measuring"``, ``"regions"`` or ``"done"``.
        share: How much of this stage is done, in 0..1.
        positions: Where the items are now, ``(m, 2)`` or ``(m, 3)``, not yet aligned to an earlier map; none
            where the stage moves nothing.
        rows: Which items those are, ``(m,)``; none where they are all.
        map: The map, in the last frame.
    """

    stage: str
    share: float
    positions: FloatArray | None = None
    rows: npt.NDArray[np.int64] | None = None
    map: Map | None = None


Steps: TypeAlias = Generator[Frame, None, T]
"""A computation that yields frames and returns a `T`."""


def finish(steps: Steps[T]) -> T:
    """Run a computation to its end, unwatched, and give its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
