"""Names for regions: the words that their texts hold and those of the other regions do not.

c-TF-IDF (Grootendorst 2022, arXiv:2203.05794): how often a word stands in a region's texts, times
log(1 + A / f), with f how often it stands in all of them and A the mean number of words of a region. A word counts
once for a text, so that one text that repeats itself names nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
import numpy.typing as npt

from firth.maps.words import Vocabulary

__all__ = ["name_regions"]

WORDS = 3
"""For each region."""
LEAST = 2
"""Texts of a region that must hold a word which names it."""


def name_regions(
    texts: Sequence[str | None], region_of: npt.NDArray[np.int32]
) -> list[list[tuple[str, ...]]]:
    """Words for every region of every level; no word names two regions of one level.

    Args:
        texts: A text or caption for each item, none where it has none.
        region_of: ``(levels, n)``: the region of each item.

    Returns:
        For each level, for each region, up to three words as its texts write them, the most telling first.

    >>> texts = ["紅蘋果很甜", "買蘋果", "蘋果汁", "the red king", "a king", "kings and queens"]
    >>> name_regions(texts, np.array([[0, 0, 0, 1, 1, 1]], np.int32))
    [[('蘋果',), ('king',)]]
    """
    vocabulary = Vocabulary(text or "" for text in texts)
    return [_name_level(vocabulary, regions) for regions in region_of]


def _name_level(vocabulary: Vocabulary, regions: npt.NDArray[np.int32]) -> list[tuple[str, ...]]:
    count = int(regions.max(initial=-1)) + 1
    inside: list[Counter[str]] = [Counter() for _ in range(count)]
    for region, words in zip(regions.tolist(), vocabulary.words, strict=True):
        inside[region].update(words)
    total: Counter[str] = Counter()
    for counts in inside:
        total.update(counts)
    sizes = [max(words.total(), 1) for words in inside]
    mean = total.total() / max(count, 1)
    scores = [
        (times / sizes[region] * log(1 + mean / total[word]), word, region)
        for region, words in enumerate(inside)
        for word, times in words.items()
        if times >= LEAST
    ]
    chosen: list[list[str]] = [[] for _ in range(count)]
    taken: set[str] = set()
    for _, word, region in sorted(scores, key=lambda score: (-score[0], -len(score[1]), score[1], score[2])):
        if len(chosen[region]) < WORDS and word not in taken and not _overlaps(word, chosen[region]):
            chosen[region].append(word)
            taken.add(word)
    texts = [set(np.flatnonzero(regions == region).tolist()) for region in range(count)]
    return [
        tuple(vocabulary.form(word, inside) for word in words)
        for words, inside in zip(chosen, texts, strict=True)
    ]


def _overlaps(word: str, others: Sequence[str]) -> bool:
    """Whether it is a part of one of the others, or one of them a part of it."""
    return any(word in other or other in word for other in others)
