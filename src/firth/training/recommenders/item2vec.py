"""Vectors of items by the trainer of words: what a user took is a sentence, and everything in it is near."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import numpy as np

from firth.data.sparse import Sparse
from firth.similarity import normalize
from firth.training.recommenders.nearness import near_taken
from firth.training.skipgram import Settings
from firth.training.skipgram.fitting import Fitting
from firth.training.skipgram.rows import Rows
from firth.training.skipgram.spool import END, Ids, Spool
from firth.training.skipgram.steps import steps
from firth.training.skipgram.vocabulary import Vocabulary
from firth.types import FloatArray

__all__ = ["Item2Vec"]

WHOLE = 1000
"""The window: what one user took is a set, so each thing in it predicts each other one."""


class Item2Vec:
    """Skip-gram with negative sampling over what each user took (Barkan and Koenigstein 2016, arXiv:1603.04259).

    Args:
        dim: How wide the vectors are.
        epochs: Passes over all users.
        negative: Items by chance that a true one is told from.
        rate: The learning rate at the start.
        sample: Items of a larger share of all pairs than this are skipped by chance.
        power: Chance draws items by their number of users raised to this.
        near: A cosine's power when the items near several are summed up.
        threads: How many at once; 0 for as many as there are cores. With one, the same seed gives the same vectors.
        seed: Where chance comes from.
    """

    def __init__(
        self,
        *,
        dim: int = 128,
        epochs: int = 15,
        negative: int = 5,
        rate: float = 0.05,
        sample: float = 1e-3,
        power: float = 0.75,
        near: float = 4.0,
        threads: int = 0,
        seed: int = 0,
    ) -> None:
        self.settings = Settings(
            size=dim,
            window=WHOLE,
            negative=negative,
            epochs=epochs,
            min_count=1,
            rate=rate,
            sample=sample,
            power=power,
            threads=threads,
            seed=seed,
        )
        self.near = near
        self.name = f"item2vec {dim}"

    def fit(self, matrix: Sparse) -> Self:
        """Run the epochs."""
        taken = matrix.transposed.counts
        order = np.argsort(-taken, kind="stable")[: int((taken > 0).sum())].astype(np.int32)
        names = tuple(map(str, order.tolist()))
        vocabulary = Vocabulary(names, taken[order], len(order), 0)
        rows = Rows.begin(names, self.settings)
        with TemporaryDirectory() as folder:
            spool = _spool(Path(folder) / "taken", matrix, order, self.settings.seed)
            learn = steps(rows, vocabulary, self.settings)
            fitting = Fitting(rows, spool, learn, self.settings, total=vocabulary.total)
            while not fitting.over:
                fitting.run_epoch(lambda speed: None)
        self.losses_ = fitting.losses
        self.item_vectors_: FloatArray = np.zeros((matrix.shape[1], self.settings.size), np.float32)
        self.item_vectors_[order] = normalize(rows.vectors(len(order), self.settings.size))
        return self

    def scores(self, rows: Sparse) -> FloatArray:
        """``(people, items)``: the sum over what was taken of each cosine, where it is positive, to the power."""
        return near_taken(rows, self.item_vectors_, power=self.near)


def _spool(path: Path, matrix: Sparse, order: Ids, seed: int) -> Spool:
    """A sentence a user, in an order by chance, of items numbered by how many took them."""
    number = np.full(matrix.shape[1], END, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    rng = np.random.default_rng(seed)
    shuffled = np.lexsort((rng.random(len(matrix.columns)), matrix.rows))
    ends = matrix.starts[1:]
    np.insert(number[matrix.columns[shuffled]], ends, END).astype(np.int32).tofile(path)
    return Spool(path)
