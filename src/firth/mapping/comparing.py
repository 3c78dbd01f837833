"""What moved between two spaces of the same items: their maps on one page, and whose neighbours changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.maps import Map, Material, procrustes
from firth.maps.aligning import shared_rows
from firth.maps.frames import Frame, Steps
from firth.maps.nearest import Points
from firth.maps.neighbours import graph_of
from firth.types import FloatArray

__all__ = ["Comparison", "comparing"]

FEWEST = 4


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two spaces of the same items.

    Attributes:
        ids: The n items that both have.
        a: ``(n, dim)``: where they are on the first map.
        b: ``(n, dim)``: where they are on the second, laid on the first.
        overlap: ``(n,)``: the share of each item's ``k`` nearest in the first space that are among its ``k``
            nearest in the second; counted in the spaces, not on the maps.
        moved: ``(n,)``: how far each one is from itself on the page.
        residual: See `firth.maps.Alignment`.
        k: How many neighbours were compared.
    """

    ids: Sequence[str]
    a: FloatArray
    b: FloatArray
    overlap: FloatArray
    moved: FloatArray
    residual: float
    k: int


def comparing(first: tuple[Material, Map], second: tuple[Material, Map], *, k: int = 15) -> Steps[Comparison]:
    """Compare two spaces, in steps.

    Args:
        first: The items of a space and their map.
        second: The same of another space.
        k: How many neighbours; at most one less than there are items.

    Raises:
        InputError: The maps have different dimensions, or too few items in common.
    """
    (items_a, map_a), (items_b, map_b) = first, second
    if map_a.positions.shape[1] != map_b.positions.shape[1]:
        raise InputError("got a map in two dimensions and one in three. Next: draw both alike")
    other = set(map_b.ids)
    ids = [id for id in map_a.ids if id in other]
    if len(ids) < FEWEST:
        raise InputError(
            f"the two spaces have {len(ids)} items in common; expected at least {FEWEST}. "
            "Next: choose spaces of the same items"
        )
    k = min(k, len(ids) - 1)
    near_a = yield from _neighbours(items_a, ids, k, 0.0)
    near_b = yield from _neighbours(items_b, ids, k, 0.5)
    overlap = np.array([np.isin(a, b).mean() for a, b in zip(near_a, near_b, strict=True)], np.float32)
    a = map_a.positions[shared_rows(ids, map_a.ids)]
    b = map_b.positions[shared_rows(ids, map_b.ids)]
    alignment = procrustes(b, a)
    b = alignment.apply(b)
    moved = np.sqrt(((a - b) ** 2).sum(1)).astype(np.float32)
    return Comparison(ids, a, b, overlap, moved, alignment.residual, k)


def _neighbours(found: Material, ids: Sequence[str], k: int, done: float) -> Steps[npt.NDArray[np.int32]]:
    vectors = found.vectors[shared_rows(ids, found.ids)]
    steps = graph_of(Points.of(vectors), k)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            indices: npt.NDArray[np.int32] = end.value.indices
            return indices
        yield Frame("comparing", done + step.share / 2)
