"""The regions of a map, on several levels, with names from the texts of their items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from firth.maps.density import nested_regions
from firth.maps.map import Region
from firth.maps.naming import name_regions
from firth.types import FloatArray

__all__ = ["LEVELS", "find_regions"]

LEVELS = (6, 18, 54)
"""How many regions each level may have, the coarsest first."""
ITEMS = 8
"""A level is left out where its regions would have fewer items on average; the coarsest never is."""
READ = 10_000
"""Texts that are read for names, drawn by chance where there are more."""


def find_regions(
    positions: FloatArray,
    texts: Sequence[str | None] | None,
    *,
    levels: Sequence[int] = LEVELS,
    seed: int = 0,
) -> tuple[tuple[Region, ...], npt.NDArray[np.int32]]:
    """The regions of all levels, and the number of each item's region ``(levels, n)``.

    Args:
        positions: ``(n, 2)`` or ``(n, 3)``.
        texts: A text or caption for each item; without, regions have no words.
        levels: How many regions each level may have.
        seed: Which texts are read where there are more than `READ`.
    """
    n = len(positions)
    used = [most for place, most in enumerate(levels) if place == 0 or n >= ITEMS * most]
    region_of = nested_regions(positions, used if n else [], seed=seed)
    words = _words(texts, region_of, seed)
    regions: list[Region] = []
    for level, numbers in enumerate(region_of):
        for number in range(int(numbers.max(initial=-1)) + 1):
            inside = positions[numbers == number]
            center = tuple(float(value) for value in np.median(inside, axis=0))
            regions.append(Region(level, number, words[level][number], center, len(inside)))
    return tuple(regions), region_of


def _words(
    texts: Sequence[str | None] | None, region_of: npt.NDArray[np.int32], seed: int
) -> list[list[tuple[str, ...]]]:
    n = region_of.shape[1]
    if texts is None:
        return [[()] * (int(numbers.max(initial=-1)) + 1) for numbers in region_of]
    read = np.sort(np.random.default_rng(seed).choice(n, min(READ, n), replace=False))
    named = name_regions([texts[row] for row in read], region_of[:, read])
    # a region of which no text was read has no words
    return [
        words + [()] * (int(numbers.max(initial=-1)) + 1 - len(words))
        for words, numbers in zip(named, region_of, strict=True)
    ]
