"""Pairs of words that are one: "new york" is no new kind of york.

Mikolov et al. 2013 (arXiv:1310.4546, section 4): a pair is a phrase where it occurs far more often than its words would
meet by chance, ``(n(ab) - discount) * total / (n(a) * n(b)) > THRESHOLD``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from firth.encoders.words.tokens import JOINT
from firth.training.skipgram.spool import Counted, Ids, Spool

__all__ = ["THRESHOLD", "find_phrases", "join_phrases"]

THRESHOLD = 100.0
Keys = npt.NDArray[np.int64]


def find_phrases(spool: Spool, counted: Counted, *, discount: int) -> Keys:
    """The pairs of numbers that are phrases, each as ``first * words + second``, in order."""
    n, counts = len(counted.words), counted.counts
    keys, found = np.empty(0, np.int64), np.empty(0, np.int64)
    for ids in spool.stretches():
        first, second = ids[:-1].astype(np.int64), ids[1:].astype(np.int64)
        both = (first >= 0) & (second >= 0)
        often = (counts[first] > discount) & (counts[second] > discount) & both
        more, times = np.unique(first[often] * n + second[often], return_counts=True)
        keys, inverse = np.unique(np.concatenate([keys, more]), return_inverse=True)
        found = np.bincount(inverse, np.concatenate([found, times]), minlength=len(keys)).astype(np.int64)
    a, b = np.divmod(keys, n)
    score = (found - discount) * float(counts.sum()) / (counts[a] * counts[b]).astype(float)
    return np.asarray(keys[score > THRESHOLD])


def join_phrases(
    spool: Spool, counted: Counted, keys: Keys, path: Path
) -> tuple[Spool, frozenset[tuple[str, str]]]:
    """Write the text anew with each phrase as one word, from left to right, and count again."""
    words = counted.words
    n = len(words)
    pairs = [
        (words[a], words[b]) for a, b in zip(*(part.tolist() for part in np.divmod(keys, n)), strict=True)
    ]
    numbers = np.array([counted.add(JOINT.join(pair)) for pair in pairs], np.int32)
    spool = spool.rewritten(path, lambda ids: _joined(ids, keys, numbers, n))
    counted.count(spool)
    return spool, frozenset(pairs)


def _joined(ids: Ids, keys: Keys, numbers: Ids, n: int) -> Ids:
    if not len(keys):
        return ids
    here = np.where((ids[:-1] >= 0) & (ids[1:] >= 0), ids[:-1].astype(np.int64) * n + ids[1:], -1)
    at = np.searchsorted(keys, here).clip(max=len(keys) - 1)
    places, last = [], -2
    for place in np.flatnonzero(keys[at] == here).tolist():
        if place > last + 1:  # a word that was taken by the phrase before it is gone
            places.append(place)
            last = place
    ids[places] = numbers[at[places]]
    return np.delete(ids, np.array(places, np.int64) + 1)
