"""Putting the bank of unrelated queries to a collection; what comes out is `firth.search.calibration`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from firth import sample
from firth.encoders.spaces import Space
from firth.search.calibration import Calibration, Moments, quantiles, unrelated_queries
from firth.search.corpus import Corpus
from firth.search.finding import calibration_key
from firth.search.question import Question
from firth.search.ranking import rank
from firth.similarity import Metric, normalize
from firth.stores.base import vector_column
from firth.text import query_terms
from firth.types import FloatArray

__all__ = ["calibrate"]

FEWEST = 20
"""With fewer items than this there is no saying what is chance."""


def calibrate(corpus: Corpus) -> Calibration:
    """Measure what unrelated queries score in a collection.

    Reads every vector once, in batches, and runs a few searches for each query of the bank.
    """
    texts = unrelated_queries()
    probes = {
        name: probe
        for name, space in corpus.spaces.items()
        if (probe := _probes(corpus, space, texts)) is not None
    }
    moments = {name: _moments(corpus, name, probe) for name, probe in probes.items()}
    items = corpus.store.count()
    measured = Corpus(corpus.store, corpus.spaces, Calibration(moments, items=items))
    best: dict[str, FloatArray] = {}
    if items >= FEWEST:
        best["text"] = _best(measured, [Question(None, None, "text", query_terms(text)) for text in texts])
        for name, probe in probes.items():
            modality = "text" if corpus.spaces[name].takes("text") else "image"
            bare = [Question(name, vector, modality, []) for vector in probe]
            best[calibration_key("vector", bare[0], Metric.COSINE)] = _best(measured, bare)
            if modality == "text":
                both = [
                    Question(name, v, modality, query_terms(t)) for v, t in zip(probe, texts, strict=True)
                ]
                best[calibration_key("hybrid", both[0], Metric.COSINE)] = _best(measured, both)
    return Calibration(moments, best, items)


def _probes(corpus: Corpus, space: Space, texts: Sequence[str]) -> FloatArray | None:
    """Unrelated queries in a space, ``(b, d)``: the bank's texts, or pictures where it takes no text."""
    if not corpus.has(space.name):
        return None
    if space.takes("text"):
        return space.encoder("text").encode_query(texts)
    if space.takes("image"):
        pictures = sorted((sample.path() / "pictures").iterdir())
        return space.encoder("image").encode_query(pictures[:: max(1, len(pictures) // len(texts))])
    return None


def _moments(corpus: Corpus, name: str, probes: FloatArray) -> dict[str, Moments]:
    """Center and spread of each modality's vectors, in one pass over the store."""
    sums: dict[str, Any] = {}
    for modality, vectors in _vectors(corpus, name):
        scores = (vectors @ probes.T).astype(np.float64)
        parts = (len(vectors), vectors.sum(0, dtype=np.float64), scores.sum(0), (scores**2).sum(0))
        sums[modality] = (
            [a + b for a, b in zip(sums[modality], parts, strict=True)] if modality in sums else list(parts)
        )
    moments = {}
    for modality, (count, total, first, second) in sums.items():
        variance = np.maximum(second / count - (first / count) ** 2, 0)
        deviation = max(float(np.sqrt(variance).mean()), 1e-3)  # one item alone has no spread
        moments[modality] = Moments((total / count).astype(np.float32), deviation, int(count))
    return moments


def _vectors(corpus: Corpus, name: str) -> Iterator[tuple[str, FloatArray]]:
    """All vectors of a name in batches ``(b, d)``, with the modality they were made from."""
    column = vector_column(name)
    for table in corpus.store.scan(["kind", "part", "text", "start", column], parts=True):
        table = table.filter(table[column].is_valid())
        if len(table) == 0:
            continue
        flat = np.concatenate(
            [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in table[column].chunks]
        )
        vectors = normalize(flat.reshape(len(table), -1))
        bare = np.array([text is None for text in table["text"].to_pylist()])
        picture = (np.array(table["kind"].to_pylist()) == "image") & bare
        picture &= np.array([start is None for start in table["start"].to_pylist()])
        for modality, chosen in (("image", picture), ("text", ~picture)):
            if chosen.any():
                yield modality, vectors[chosen]


def _best(corpus: Corpus, questions: Sequence[Question]) -> FloatArray:
    """Quantiles of the best score of each question; a question that finds nothing scores 0."""
    best = [rank(corpus, question, 1, metric=Metric.COSINE, where=None) for question in questions]
    return quantiles([found[0].score if found else 0.0 for found in best])
