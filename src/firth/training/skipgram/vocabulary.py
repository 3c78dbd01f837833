"""Which words are kept, how often each is skipped, and how negatives are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.training.skipgram.spool import END, Counted, Spool

__all__ = ["Noise", "Vocabulary", "trim"]

FEWEST = 2
"""Words; fewer have no neighbours."""
FULL = 2.0**32


@dataclass(frozen=True)
class Vocabulary:
    """The words that are trained, the most frequent first.

    Attributes:
        words: ``n`` of them.
        counts: ``(n,)`` int64.
        distinct: How many different words the text has.
        dropped: Occurrences of those that were left out.
    """

    words: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    distinct: int
    dropped: int

    @property
    def total(self) -> int:
        """Occurrences of the words that were kept."""
        return int(self.counts.sum())

    def keep(self, sample: float) -> npt.NDArray[np.uint32]:
        """The chance that an occurrence is looked at, of 2^32: ``sqrt(t / f) + t / f`` of a word's share f.

        The formula is that of word2vec's code, which the paper gives without its second term.
        """
        if not sample:
            return np.full(len(self.words), FULL - 1).astype(np.uint32)
        ratio = sample * self.total / self.counts
        return _of_full(np.sqrt(ratio) + ratio)

    def noise(self, power: float) -> Noise:
        """What negatives are drawn from."""
        return Noise.of(self.counts.astype(float) ** power)


@dataclass(frozen=True)
class Noise:
    """A distribution from which a draw costs two numbers: Walker's alias method (doi:10.1145/355744.355749).

    Attributes:
        accept: ``(n,)`` uint32: the chance, of 2^32, that a place gives its own word.
        alias: ``(n,)`` int32: the word that it gives otherwise.
    """

    accept: npt.NDArray[np.uint32]
    alias: npt.NDArray[np.int32]

    @classmethod
    def of(cls, weights: npt.NDArray[np.float64]) -> Noise:
        """The distribution in proportion to weights.

        >>> noise = Noise.of(np.array([3.0, 1.0]))
        >>> (noise.accept / 2**32).round(2).tolist(), noise.alias.tolist()
        ([1.0, 0.5], [0, 0])
        """
        n = len(weights)
        share = (weights * n / weights.sum()).tolist()
        accept, alias = [1.0] * n, list(range(n))
        poor = [i for i in range(n) if share[i] < 1]
        rich = [i for i in range(n) if share[i] >= 1]
        while poor and rich:
            taker, giver = poor.pop(), rich[-1]
            accept[taker], alias[taker] = share[taker], giver
            share[giver] -= 1 - share[taker]
            if share[giver] < 1:
                poor.append(rich.pop())
        return cls(_of_full(np.array(accept)), np.array(alias, np.int32))

    def draw(self, rng: np.random.Generator, shape: int | tuple[int, ...]) -> npt.NDArray[np.int64]:
        """Words by chance."""
        places = rng.integers(len(self.alias), size=shape)
        own = rng.integers(2**32, size=shape, dtype=np.uint64) < self.accept[places]
        return np.asarray(np.where(own, places, self.alias[places]), np.int64)


def trim(
    spool: Spool, counted: Counted, path: Path, *, min_count: int, most: int
) -> tuple[Spool, Vocabulary]:
    """Keep the words that occur often enough, number them by frequency, and write the text anew.

    Raises:
        InputError: None, or only one, is left.
    """
    counts = counted.counts
    order = np.lexsort((np.arange(len(counts)), -counts))
    kept = order[counts[order] >= min_count][:most]
    if len(kept) < FEWEST:
        raise InputError(
            f"got {len(kept)} words that occur {min_count} times or more, of {len(counts):,} in the text; expected "
            f"{FEWEST} at least. Next: more text, or a smaller --min-count"
        )
    number = np.full(len(counts) + 1, END - 1, np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    number[END] = END  # the last row: where an index of -1 leads

    def renumbered(ids: Any) -> Any:
        new = number[ids]
        return new[new >= END]

    words = counted.words
    vocabulary = Vocabulary(
        tuple(words[i] for i in kept.tolist()),
        counts[kept],
        len(counts),
        int(counts.sum() - counts[kept].sum()) + counted.uncounted,
    )
    return spool.rewritten(path, renumbered), vocabulary


def _of_full(share: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    return np.asarray(np.minimum(share * FULL, FULL - 1), np.uint32)
