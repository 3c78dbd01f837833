"""How word vectors are trained: everything that can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from firth.errors import InputError

__all__ = ["MODELS", "Chinese", "Model", "Settings"]

Model: TypeAlias = Literal["skipgram", "cbow"]
MODELS: tuple[Model, ...] = ("skipgram", "cbow")
Chinese: TypeAlias = Literal["words", "characters", "spaces"]
CHINESE: tuple[Chinese, ...] = ("words", "characters", "spaces")
RATES = {"skipgram": 0.05, "cbow": 0.075}
"""Twice word2vec's: on texts of 1 to 15 million words this is measurably better (benchmarks/words.py --rate)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; all but the rate begin as in word2vec.

    Attributes:
        model: ``"skipgram"`` predicts each neighbour from a word, ``"cbow"`` a word from the mean of its neighbours:
            several times as fast, and better only for frequent words.
        size: The width ``d`` of the vectors.
        window: The most words to either side; each time as many as chance says, so that near ones count more.
        negative: Words by chance that a true one is told from.
        epochs: Passes over the text.
        min_count: Words that occur less often are left out.
        subwords: Learn vectors of the words' pieces too, so that words that never occurred have one; slower.
        rate: The learning rate at the start, from where it falls to nothing; None for that of the model.
        sample: Words of a larger share of the text than this are skipped by chance.
        power: Negatives are drawn by counts raised to this.
        phrases: Passes that look for pairs of words that are one, ``new_york``.
        fold: Take Traditional and Simplified Chinese as one, and letters without their accents.
        chinese: ``"words"`` cuts Chinese by a dictionary that is learned from the text, or by `dictionary`;
            ``"characters"`` takes each by itself; ``"spaces"``: the text has spaces between its words already, of
            whatever language, and is left as it is.
        dictionary: A file of Chinese words, one a line, a count after it if there is one; ``""`` to learn them.
        most_words: The most words that are kept, the most frequent.
        buckets: Rows that hold the pieces; pieces that meet in one share it.
        threads: How many at once; 0 for as many as there are cores. With one, the same seed gives the same vectors to
            the last bit; with several they write into the same rows and only the quality is the same.
        seed: Where chance comes from.
        fresh: New negatives a step; the others are taken again, by chance, from the last 64.
    """

    model: Model = "skipgram"
    size: int = 100
    window: int = 5
    negative: int = 5
    epochs: int = 5
    min_count: int = 5
    subwords: bool = False
    rate: float | None = None
    sample: float = 1e-3
    power: float = 0.75
    phrases: int = 0
    fold: bool = True
    chinese: Chinese = "words"
    dictionary: str = ""
    most_words: int = 2_000_000
    buckets: int = 200_000
    threads: int = 0
    seed: int = 0
    fresh: int = 2

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name, known in (("model", MODELS), ("chinese", CHINESE)):
            if getattr(self, name) not in known:
                raise InputError(f"got {name}={getattr(self, name)!r}; expected one of {', '.join(known)}")
        bounds = {"size": (1, 4096), "window": (1, 1000), "negative": (1, 1000), "epochs": (0, 10**6)}
        bounds |= {"min_count": (1, 2**31), "phrases": (0, 10), "most_words": (1, 2**31 - 1)}
        bounds |= {"buckets": (1, 2**31 - 1), "threads": (0, 1024), "fresh": (0, 1000)}
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise InputError(f"got {name}={getattr(self, name)}; expected {least} to {most:,}")
        if not self.start_rate > 0 or not self.sample >= 0:
            raise InputError(
                f"got rate={self.rate}, sample={self.sample}; expected a rate > 0 and sample >= 0"
            )

    @property
    def start_rate(self) -> float:
        """The learning rate at the start."""
        return RATES[self.model] if self.rate is None else self.rate
