"""Where items lie densely: the hills of a map, and which of them belong together on a coarser look.

The density is counted on a grid and smoothed. From the highest cell down, a cell beside a hill joins it, a cell
beside none begins one, and where two meet the lower ends: what it held above the pass is its excess of mass
(Mueller and Sawitzki 1991, doi:10.1080/01621459.1991.10475103), which says how much of a hill it is. A level of m
regions keeps the m greatest; every other hill belongs to the one that it ended in. So levels are nested, any
shape will do, and no item is left out. What stays much larger than the others is divided by k-means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from firth.maps.splitting import split_large
from firth.types import FloatArray

__all__ = ["nested_regions"]

Numbers = npt.NDArray[np.int32]
Flat = npt.NDArray[np.int64]

CELLS = {2: 96, 3: 32}
"""Along each axis of a map of so many dimensions."""
BLUR = 1.5
"""Standard deviation of the smoothing, in cells."""
REACH = 5
"""How far the smoothing reaches, in cells."""
SMALLEST = 4
"""A hill with less excess of mass, in items, is none."""


@dataclass(slots=True)
class Hill:
    """A peak and what lies about it.

    Attributes:
        peak: Its highest cell.
        mass: The density over its cells, in items.
        cells: How many.
        parent: The hill that it ended in; itself for the greatest, which ends in none.
        excess: Its mass above the pass where it ended.
    """

    peak: int
    mass: float
    cells: int
    parent: int
    excess: float


def nested_regions(positions: FloatArray, levels: Sequence[int], *, seed: int = 0) -> Numbers:
    """The region of every item on every level: ``(levels, n)``, numbered by size, the largest 0.

    Args:
        positions: ``(n, 2)`` or ``(n, 3)``.
        levels: About how many regions each level should have, the coarsest first.
        seed: Where the division of large regions begins.
    """
    numbers = np.zeros((len(levels), len(positions)), np.int32)
    if not len(positions):
        return numbers
    hill_of, hills = _hills(positions)
    rank = np.empty(len(hills), np.int64)
    rank[np.argsort([-hill.excess for hill in hills], kind="stable")] = np.arange(len(hills))
    rng = np.random.default_rng(seed)
    coarser = np.zeros(len(positions), np.int64)
    for level, most in enumerate(levels):
        kept = np.array([_kept(hills, rank, hill, most) for hill in range(len(hills))])
        within = _without_slivers(coarser, kept[hill_of])
        coarser = split_large(positions, within, most, rng)
        numbers[level] = _by_size(coarser)
    return numbers


def _without_slivers(coarser: Flat, hills: Flat) -> Flat:
    """The hills within each coarser region; scraps, cut off where that one ends, go to its largest part."""
    within = coarser * (hills.max() + 1) + hills
    numbers, inverse, sizes = np.unique(within, return_inverse=True, return_counts=True)
    whole = numbers // (hills.max() + 1)
    largest = {whole[number]: number for number in np.argsort(sizes, kind="stable")}
    kept = [number if sizes[number] >= SMALLEST else largest[whole[number]] for number in range(len(numbers))]
    return np.array(kept)[inverse]


def _kept(hills: list[Hill], rank: Flat, hill: int, most: int) -> int:
    """The hill itself, or the first that it ended in which is among the ``most`` greatest and large enough."""
    while hills[hill].parent != hill and (rank[hill] >= most or hills[hill].excess < SMALLEST):
        hill = hills[hill].parent
    return hill


def _by_size(labels: Flat) -> Numbers:
    _, numbers, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return rank[numbers]


def _hills(positions: FloatArray) -> tuple[Flat, list[Hill]]:
    """The hill of each item, ``(n,)``, and all hills, joined to one tree."""
    dim = positions.shape[1]
    size, margin = CELLS[dim], REACH + 1  # so that the grid's outermost cells stay empty
    width = max(float(np.ptp(positions, axis=0).max()), 1e-12)
    inside = np.round((positions - positions.min(0)) / width * (size - 2 * margin - 1)).astype(np.int64)
    cells = np.ravel_multi_index(tuple(inside.T + margin), (size,) * dim)
    counts = np.bincount(cells, minlength=size**dim).reshape((size,) * dim)
    owner, hills = _climb(_smooth(counts).ravel(), _neighbours(size, dim))
    _join(hills, size, dim)
    return owner[cells], hills


def _smooth(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    bell = np.exp(-0.5 * (np.arange(-REACH, REACH + 1) / BLUR) ** 2)
    density = counts.astype(np.float64)
    for axis in range(counts.ndim):
        density = np.apply_along_axis(np.convolve, axis, density, bell / bell.sum(), mode="same")
    return density


def _neighbours(size: int, dim: int) -> Flat:
    """From a cell to those beside it, corners too, in the flat grid."""
    steps = [sum(s * size**axis for axis, s in enumerate(step)) for step in product((-1, 0, 1), repeat=dim)]
    return np.array([step for step in steps if step])


def _climb(density: npt.NDArray[np.float64], neighbours: Flat) -> tuple[Flat, list[Hill]]:
    """The hill of each cell, -1 where nothing is, and the hills; those that never meet have no parent yet."""
    owner = np.full(len(density), -1)
    hills: list[Hill] = []
    order = np.argsort(-density, kind="stable")
    for cell in order[: np.count_nonzero(density > density.max() * 1e-9)]:
        height, beside = float(density[cell]), cell + neighbours
        beside = beside[owner[beside] >= 0]
        if not len(beside):
            owner[cell] = len(hills)
            hills.append(Hill(int(cell), height, 1, len(hills), 0.0))
            continue
        owner[cell] = owner[beside[density[beside].argmax()]]
        highest, *ending = sorted({_top(hills, int(hill)) for hill in owner[beside]})
        for hill in ending:
            _end(hills, hill, highest, height)
        hills[highest].mass += height
        hills[highest].cells += 1
    return owner, hills


def _top(hills: list[Hill], hill: int) -> int:
    while hills[hill].parent != hill:
        hill = hills[hill].parent
    return hill


def _end(hills: list[Hill], hill: int, parent: int, height: float) -> None:
    """A hill meets a higher one, at a pass of some height."""
    ending, going_on = hills[hill], hills[parent]
    ending.parent, ending.excess = parent, ending.mass - ending.cells * height
    going_on.mass += ending.mass
    going_on.cells += ending.cells


def _join(hills: list[Hill], size: int, dim: int) -> None:
    """Islands, which meet no other hill, end in the nearest that has more mass."""
    islands = sorted((i for i, hill in enumerate(hills) if hill.parent == i), key=lambda i: -hills[i].mass)
    peaks = np.stack(np.unravel_index([hills[i].peak for i in islands], (size,) * dim), axis=1)
    hills[islands[0]].excess = hills[islands[0]].mass
    for place in range(1, len(islands)):
        nearest = int(((peaks[:place] - peaks[place]) ** 2).sum(1).argmin())
        island = hills[islands[place]]
        island.parent, island.excess = islands[nearest], island.mass
