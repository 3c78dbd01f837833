"""Putting the bank of unrelated queries to a collection; what comes out is `firth.search.calibration`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from firth import sample
from firth.encoders.base import Encoder
from firth.encoders.spaces import Space
from firth.search.calibration import Calibration, Moments, quantiles, share_below, unrelated_queries
from firth.search.corpus import Corpus
from firth.search.question import Question
from firth.search.ranking import rank
from firth.similarity import Metric, normalize
from firth.stores.base import matrix, vector_column
from firth.text import query_terms
from firth.types import FloatArray

__all__ = ["calibrate"]

FEWEST = 20
"""With fewer items than this there is no saying what is chance."""
SAME = 0.9999
"""A cosine from here on is the very picture of the bank, and no chance."""


def calibrate(corpus: Corpus) -> Calibration:
    """Measure what unrelated queries score in a collection: one pass over its vectors, and a match for each query."""
    texts = unrelated_queries()
    moments: dict[str, dict[str, Moments]] = {}
    best: dict[str, FloatArray] = {}
    items = corpus.store.count()
    found = {
        name: _tallies(corpus, name, probes)
        for name, space in corpus.spaces.items()
        if (probes := _probes(corpus, space, texts)) is not None
    }
    words = _best_words(corpus, texts)
    for name, tallies in found.items():
        moments[name] = {modality: tally.moments() for modality, tally in tallies.items()}
        for modality, tally in tallies.items():
            best[f"{name} {modality}"] = quantiles(tally.standings())
        if corpus.spaces[name].takes("text"):
            best[f"either {name}"] = _either(tallies, words)
    best["words"] = quantiles(words)
    return Calibration(moments, best if items >= FEWEST else {}, items)


def _probes(corpus: Corpus, space: Space, texts: Sequence[str]) -> FloatArray | None:
    """Unrelated queries in a space, ``(b, d)``: the bank's texts, or pictures where it takes no text."""
    if not corpus.has(space.name):
        return None
    if space.takes("text"):
        return space.encoder("text").encode_query(texts)
    return _pictures(space.encoder("image"), len(texts)) if space.takes("image") else None


@cache
def _pictures(encoder: Encoder, count: int) -> FloatArray:
    """About so many pictures of the sample as queries; encoded once, they are the same for every collection."""
    pictures = sorted((sample.path() / "pictures").iterdir())
    return encoder.encode_query(pictures[:: max(1, len(pictures) // count)])


@dataclass
class _Tally:
    """Sums over the vectors of one modality, against ``b`` probes."""

    count: int
    total: npt.NDArray[np.float64]
    first: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]
    best: npt.NDArray[np.float64]

    @staticmethod
    def of(vectors: FloatArray, probes: FloatArray) -> _Tally:
        scores = (vectors @ probes.T).astype(np.float64)
        best = np.where(scores < SAME, scores, -1).max(0)
        return _Tally(len(vectors), vectors.sum(0, dtype=np.float64), scores.sum(0), (scores**2).sum(0), best)

    def __add__(self, other: _Tally) -> _Tally:
        return _Tally(
            self.count + other.count,
            self.total + other.total,
            self.first + other.first,
            self.second + other.second,
            np.maximum(self.best, other.best),
        )

    def moments(self) -> Moments:
        """Center and spread."""
        variance = np.maximum(self.second / self.count - (self.first / self.count) ** 2, 0)
        deviation = max(float(np.sqrt(variance).mean()), 1e-3)  # one item alone has no spread
        return Moments((self.total / self.count).astype(np.float32), deviation, self.count)

    def standings(self) -> npt.NDArray[np.float64]:
        """The best similarity of each probe in standard deviations above its mean, ``(b,)``."""
        return (self.best - self.first / self.count) / self.moments().deviation


def _tallies(corpus: Corpus, name: str, probes: FloatArray) -> dict[str, _Tally]:
    tallies: dict[str, _Tally] = {}
    for modality, vectors in _vectors(corpus, name):
        tally = _Tally.of(vectors, probes)
        tallies[modality] = tallies[modality] + tally if modality in tallies else tally
    return tallies


def _vectors(corpus: Corpus, name: str) -> Iterator[tuple[str, FloatArray]]:
    """All vectors of a name in batches ``(b, d)``, with the modality they were made from."""
    column = vector_column(name)
    for table in corpus.store.scan(["kind", "part", "text", "start", column], parts=True):
        table = table.filter(table[column].is_valid())
        if len(table) == 0:
            continue
        vectors = normalize(matrix(table[column]))
        # a picture's vector stands on a row of neither text nor passage; a caption's on one with text
        bare = np.array([text is None for text in table["text"].to_pylist()])
        bare &= np.array([start is None for start in table["start"].to_pylist()])
        picture = (np.array(table["kind"].to_pylist()) == "image") & bare
        for modality, chosen in (("image", picture), ("text", ~picture)):
            if chosen.any():
                yield modality, vectors[chosen]


def _best_words(corpus: Corpus, texts: Sequence[str]) -> list[float]:
    """The best share of words that each query of the bank finds by full text."""
    best = []
    for text in texts:
        found = rank(
            corpus, Question(None, None, True, query_terms(text)), 1, metric=Metric.COSINE, where=None
        )
        best.append(found[0].words if found else 0.0)
    return best


def _either(tallies: Mapping[str, _Tally], words: Sequence[float]) -> FloatArray:
    """Quantiles of the larger percentile, of similarity in any modality or of words, of each query of the bank."""
    ranks = [_percentiles(tally.standings()) for tally in tallies.values()]
    return quantiles(np.max([*ranks, _percentiles(np.array(words))], axis=0))


def _percentiles(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return share_below(quantiles(values), values)
