"""The two ways to learn from a stretch of text: the kernel in C, and batches of numpy where it was not built.

The kernel goes word by word, as word2vec does; a step's negatives are taken from a small pool that changes as it goes,
so that rows are used again while they are near. numpy takes many steps at once, and all steps of a batch share their
negatives, each weighed so that they count as `negative` of them: on average, the gradient is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from firth.kernel import missing
from firth.training.skipgram.loss import loss, slopes
from firth.training.skipgram.rows import Pieces, Rows
from firth.training.skipgram.settings import Settings
from firth.training.skipgram.spool import Ids
from firth.training.skipgram.vocabulary import Vocabulary
from firth.types import FloatArray

__all__ = ["Batches", "Chance", "Kernel", "Learned", "Steps", "steps"]

Chance = npt.NDArray[np.uint64]
"""``(1,)``: where a thread's chance stands; moves as it is used, and can be kept."""
BATCH = 256
"""Steps of one product, at most; more are faster, and learn less from each word."""
TWICE = 2.0
"""How often the most frequent word comes in a batch, at most: its steps are taken from one place, and add up."""
ASK_EVERY = 16
"""Batches of which one is asked for its loss."""
SHARED = 64
"""Negatives that a batch shares."""
WIDEST = 512


@dataclass(frozen=True)
class Learned:
    """What a stretch gave: words that were met, steps that were asked for their loss, and its sum."""

    words: int
    asked: int
    loss: float


class Steps(Protocol):
    """A way to learn from a stretch of text."""

    def __call__(self, ids: Ids, rate: float, chance: Chance) -> Learned:
        """Learn from it; rows change in place."""


def steps(rows: Rows, vocabulary: Vocabulary, settings: Settings, *, kernel: bool | None = None) -> Steps:
    """The kernel where it was built, else numpy; or as is said."""
    if kernel is None:
        kernel = "_words" not in missing()
    return (Kernel if kernel else Batches)(rows, vocabulary, settings)


NO_PIECES = Pieces(np.empty(0, np.int64), np.empty(0, np.int32))


class Kernel:
    """Steps by ``kernel/words.c``; other threads run meanwhile.

    Args:
        rows: What is learned.
        vocabulary: Of the text.
        settings: How.
        widest: The most bits of a vector register that are used: 512, 256, or 0 for what every machine has.
    """

    def __init__(
        self, rows: Rows, vocabulary: Vocabulary, settings: Settings, *, widest: int = WIDEST
    ) -> None:
        self._train: Any = import_module("firth.kernel._words").train
        noise, pieces = vocabulary.noise(settings.power), rows.pieces or NO_PIECES
        keep = vocabulary.keep(settings.sample)
        self._before = rows.inputs, rows.outputs, keep, noise.accept, noise.alias, pieces.starts, pieces.rows
        self._after = (
            rows.inputs.shape[1],
            settings.window,
            settings.negative,
            settings.fresh,
            settings.model == "cbow",
        )
        self._widest = widest

    def __call__(self, ids: Ids, rate: float, chance: Chance) -> Learned:
        """See `Steps`."""
        return Learned(*self._train(ids, *self._before, chance, *self._after, rate, self._widest))


class Batches:
    """Steps by numpy, the readable twin."""

    def __init__(self, rows: Rows, vocabulary: Vocabulary, settings: Settings) -> None:
        self._rows, self._settings = rows, settings
        self._keep, self._noise = vocabulary.keep(settings.sample), vocabulary.noise(settings.power)
        kept = vocabulary.counts * self._keep.astype(float)
        self._batch = int(np.clip(TWICE * kept.sum() / kept.max(), 1, BATCH))

    def __call__(self, ids: Ids, rate: float, chance: Chance) -> Learned:
        """See `Steps`."""
        rng = np.random.default_rng(chance[0])
        chance[0] = rng.integers(2**63)
        words = int((ids >= 0).sum())
        kept = ids[(ids < 0) | (rng.integers(2**32, size=len(ids), dtype=np.uint64) <= self._keep[ids])]
        centres, others = pairs(kept, self._settings.window, rng)
        total, asked = 0.0, 0
        bags: Any = kept[others]
        targets = kept[centres]
        if self._settings.model == "cbow":
            starts = np.flatnonzero(np.diff(centres, prepend=-1))
            bags, targets = np.split(bags, starts[1:]), targets[starts]
        for turn, start in enumerate(range(0, len(targets), self._batch)):
            part = slice(start, start + self._batch)
            total += self._step(bags[part], targets[part], rate, rng, asked=turn % ASK_EVERY == 0)
            asked += len(targets[part]) * (turn % ASK_EVERY == 0)
        return Learned(words, asked, total)

    def _step(self, bags: Any, targets: Ids, rate: float, rng: np.random.Generator, *, asked: bool) -> float:
        """One batch: each bag of words against the word that was there and against the shared negatives."""
        inputs, outputs = self._rows.inputs, self._rows.outputs
        starts, rows = self._bags(bags)
        sizes = np.diff(starts)
        sums = np.add.reduceat(inputs[rows], starts[:-1])
        means: FloatArray = np.asarray(sums / sizes[:, None], np.float32)
        negatives = self._noise.draw(rng, SHARED)
        weights = np.where(negatives == targets[:, None], 0, self._settings.negative / SHARED).astype(
            np.float32
        )
        there, none = np.ones((len(targets), 1), np.float32), np.zeros((len(targets), SHARED), np.float32)
        true, drawn = outputs[targets][:, None], outputs[negatives]
        total = loss(means, true, there) + loss(means, drawn, none, weights) if asked else 0.0
        by_true, by_drawn = slopes(means, true, there), slopes(means, drawn, none, weights)
        both = rate * (by_true.inputs + by_drawn.inputs)
        descend(inputs, rows, np.asarray(np.repeat(both, sizes, axis=0)))
        descend(outputs, targets, rate * by_true.outputs[:, 0])
        descend(outputs, negatives, rate * by_drawn.outputs)
        return total

    def _bags(self, bags: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where each bag's rows start, with the end, and the rows: of the words, and of their pieces."""
        pieces = self._rows.pieces
        if pieces is None and isinstance(bags, np.ndarray):
            return np.arange(len(bags) + 1), bags.astype(np.int64)
        found = [self._made_of(np.atleast_1d(bag)) for bag in bags]
        return np.cumsum([0, *map(len, found)]), np.concatenate(found)

    def _made_of(self, words: Ids) -> npt.NDArray[np.int64]:
        pieces = self._rows.pieces
        if pieces is None:
            return words.astype(np.int64)
        parts = [pieces.rows[pieces.starts[word] : pieces.starts[word + 1]] for word in words]
        return np.concatenate([words, *parts]).astype(np.int64)


def descend(matrix: FloatArray, rows: npt.NDArray[Any], by: FloatArray) -> None:
    """Take from each row what belongs to it, all of it where a row comes more than once.

    >>> matrix = np.zeros((2, 1), np.float32)
    >>> descend(matrix, np.array([1, 1]), np.array([[1], [2]], np.float32))
    >>> matrix.tolist()
    [[0.0], [-3.0]]
    """
    order = np.argsort(rows, kind="stable")
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    matrix[rows[order[starts]]] -= np.add.reduceat(by[order], starts)


def pairs(
    ids: Ids, window: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places of words and of their neighbours, up to 1 to `window` away as chance says for each word.

    >>> centres, others = pairs(np.array([7, 8, -1, 9], np.int32), 1, np.random.default_rng(0))
    >>> centres.tolist(), others.tolist()
    ([0, 1], [1, 0])
    """
    reach = rng.integers(1, window + 1, size=len(ids))
    sentence = np.cumsum(ids < 0)
    centres, others = [], []
    for step in range(1, min(window, len(ids) - 1) + 1):
        together = np.flatnonzero(
            (sentence[:-step] == sentence[step:]) & (ids[:-step] >= 0) & (ids[step:] >= 0)
        )
        for centre, other in ((together, together + step), (together + step, together)):
            near = reach[centre] >= step
            centres.append(centre[near])
            others.append(other[near])
    if not centres:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = np.argsort(np.concatenate(centres), kind="stable")
    return np.concatenate(centres)[order], np.concatenate(others)[order]
