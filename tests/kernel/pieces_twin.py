"""The readable twin of the kernel's search for the likeliest pieces (pieces_path.h)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["likeliest"]


def likeliest(text: str, scores: Mapping[str, float], unknown: float) -> list[str]:
    """The pieces of a normalized text whose scores add up to most, in float32; characters that are none stand alone.

    >>> likeliest("蘋果和apple", {"蘋": -2, "果": -2, "蘋果": -3, "apple": -3}, unknown=-20)
    ['蘋果', '和', 'apple']
    """
    longest = max(map(len, scores), default=1)
    best: dict[int, tuple[np.float32, int]] = {
        0: (np.float32(0), 0)
    }  # by a piece's end: the sum, and its begin
    for begin in range(len(text)):
        for end in range(begin + 1, min(begin + max(longest, 1), len(text)) + 1):
            score = scores.get(text[begin:end], unknown if end == begin + 1 else None)
            if score is None:
                continue
            total = np.float32(score) + best[begin][0]
            if end not in best or total > best[end][0]:  # of equals the one that begins first, found first
                best[end] = (total, begin)
    pieces, end = [], len(text)
    while end:
        begin = best[end][1]
        pieces.append(text[begin:end])
        end = begin
    return pieces[::-1]
