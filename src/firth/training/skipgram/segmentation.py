"""Words of Chinese learned from the text itself: no dictionary has to be brought.

A stretch of characters is a candidate where its parts occur together far more often than by chance (pointwise mutual
information, at its weakest seam) and where many different characters stand on both sides of it (branching entropy).
Candidates become a unigram model: text is cut where the product of probabilities is highest, words are counted in what
was cut, and again, so that a candidate that better words explain goes. After Sproat and Shih 1990 (mutual information),
Jin and Tanaka-Ishii 2006 (branching entropy) and Kudo 2018 (unigram model).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from firth.encoders.words.tokens import Tokens
from firth.text.characters import is_cjk

__all__ = ["learn_dictionary", "read_dictionary"]

Ints = npt.NDArray[np.int64]
LONGEST = 4
"""Characters of a word; longer names are left to phrases."""
LEAST_COHESION = 2.5
"""Nats of mutual information at the weakest seam."""
LEAST_FREEDOM = 0.7
"""Nats of entropy of the characters before, and of those after."""
ROUNDS = 3


@dataclass(frozen=True)
class _Grams:
    """Stretches of `length` characters that occur often enough, in order.

    Attributes:
        at: ``(m,)``: for each place of the text, which of them begins there; -1 for none.
        counts: How often each occurs.
        first: A place of each.
    """

    length: int
    at: Ints
    counts: Ints
    first: Ints

    @cached_property
    def total(self) -> int:
        return max(int(self.counts.sum()), 1)


def learn_dictionary(runs: Sequence[str], *, min_count: int = 5) -> dict[str, float]:
    """Words of runs of Chinese characters, with their log probabilities.

    Args:
        runs: Stretches of characters without anything between them.
        min_count: How often a word of several characters must occur.

    Returns:
        Every character of the text, and words of 2 to 4.
    """
    if not runs:
        return {}
    text = "\n".join([*runs, ""])
    letters, codes = np.unique(np.array([ord(char) for char in text]), return_inverse=True)
    gap = int(np.searchsorted(letters, ord("\n")))
    codes = np.where(codes == gap, -1, codes).astype(np.int64)
    grams = [_characters(codes)]
    for _ in range(LONGEST):
        grams.append(_longer(grams[-1], codes, min_count))
    words = Counter({char: count for char, count in Counter(text).items() if char != "\n"})
    for shorter in range(1, LONGEST):
        for row in _candidates(grams, shorter, codes):
            place = grams[shorter].first[row]
            words[text[place : place + shorter + 1]] = int(grams[shorter].counts[row])
    for _ in range(ROUNDS):
        words = _recounted(runs, words, min_count)
    return _log_probabilities(words)


def read_dictionary(lines: Iterable[str]) -> dict[str, float]:
    """A dictionary of the user's, a word a line, with its count after it if there is one (as in jieba's dict.txt).

    >>> {word: round(score, 1) for word, score in read_dictionary(["蘋果 30 n", "公司 10"]).items()}
    {'蘋果': -0.3, '公司': -1.4}
    """
    words: Counter[str] = Counter()
    for line in lines:
        fields = line.split()
        if fields:
            words[fields[0]] += int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else 1
    return _log_probabilities(words)


def chinese_runs(texts: Iterable[str]) -> list[str]:
    """The stretches of Chinese in folded texts."""
    return [run for text in texts for run in _RUN.findall(text)]


_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd]+")


def _log_probabilities(words: Counter[str]) -> dict[str, float]:
    total = sum(words.values())
    return {word: float(np.log(max(count, 1) / total)) for word, count in words.items()}


def _characters(codes: Ints) -> _Grams:
    places = np.flatnonzero(codes >= 0)
    present, first = np.unique(codes[places], return_index=True)
    starts = np.zeros(int(codes.max()) + 1, np.int64)
    starts[present] = places[first]
    return _Grams(1, codes, np.bincount(codes[places]), starts)


def _longer(shorter: _Grams, codes: Ints, min_count: int) -> _Grams:
    """Stretches one character longer, by number of the shorter one and the character that follows."""
    n = shorter.length
    following = np.full(len(codes), -1, np.int64)
    following[:-n] = codes[n:] if len(codes) > n else -1
    places = np.flatnonzero((shorter.at >= 0) & (following >= 0))
    keys = shorter.at[places] * (int(codes.max()) + 1) + following[places]
    _, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    kept = counts >= min_count
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    at = np.full(len(codes), -1, np.int64)
    at[places] = number[inverse]
    return _Grams(n + 1, at, counts[kept], places[first[kept]])


def _candidates(grams: Sequence[_Grams], index: int, codes: Ints) -> Ints:
    """Which of ``grams[index]`` hold together and stand free."""
    these = grams[index]
    if not len(these.counts):
        return np.empty(0, np.int64)
    n, characters = these.length, grams[0].total
    log = np.log(these.counts / characters)
    cohesion = np.full(len(these.counts), np.inf)
    for seam in range(1, n):
        left, right = grams[seam - 1], grams[n - seam - 1]
        parts = left.counts[left.at[these.first]] * right.counts[right.at[these.first + seam]] / characters**2
        cohesion = np.minimum(cohesion, log - np.log(parts))
    free = np.minimum(_freedom(these, codes, n), _freedom(these, codes, -1))
    return np.flatnonzero((cohesion >= LEAST_COHESION) & (free >= LEAST_FREEDOM))


def _freedom(these: _Grams, codes: Ints, step: int) -> npt.NDArray[np.float64]:
    """The entropy of the characters at `step` from where each begins; the end of a run counts as ever new ones."""
    places = np.flatnonzero(these.at >= 0)
    beside = places + step
    inside = (beside >= 0) & (beside < len(codes))
    beside_code = np.where(inside, codes[np.clip(beside, 0, len(codes) - 1)], -1)
    # each end of a run is a neighbour of its own: words that often stand at commas are free
    beside_code = np.where(beside_code < 0, int(codes.max()) + 1 + places, beside_code)
    owners = these.at[places]
    keys = owners * (int(codes.max()) + 1 + len(codes)) + beside_code
    unique, counts = np.unique(keys, return_counts=True)
    owner = unique // (int(codes.max()) + 1 + len(codes))
    share = counts / these.counts[owner]
    return np.asarray(np.bincount(owner, -share * np.log(share), minlength=len(these.counts)), np.float64)


def _recounted(runs: Sequence[str], words: Counter[str], min_count: int) -> Counter[str]:
    tokens = Tokens(fold=False, dictionary=_log_probabilities(words))
    found: Counter[str] = Counter()
    for cut in tokens.many(runs):
        found.update(cut)
    kept = {word: n for word, n in found.items() if len(word) == 1 or n >= min_count}
    singles = {word: 1 for word in words if len(word) == 1 and is_cjk(word)}
    return Counter({**singles, **kept})
