"""From what a person asks to a vector and to terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from firth.errors import DimensionError, UnknownNameError
from firth.search.corpus import Corpus
from firth.search.request import Example, Request
from firth.similarity import normalize
from firth.stores.base import vector_column
from firth.text import query_terms
from firth.types import FloatArray

__all__ = ["Question", "ask"]

AWAY = 0.5
"""How far a query moves away from its negative examples, as a share of how far it moves to the positive ones
(Rocchio 1971, relevance feedback)."""
ID = "id:"
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True)
class Question:
    """What the store is asked.

    Attributes:
        space: The named vector; None where full text alone can answer.
        vector: ``(d,)``, or None.
        modality: ``"text"`` or ``"image"``: what kind of input the vector came from.
        terms: For full text; empty where it takes no part.
        exclude: Ids that were examples and are no hits.
    """

    space: str | None
    vector: FloatArray | None
    modality: str
    terms: Sequence[str]
    exclude: frozenset[str] = frozenset()


def ask(request: Request, corpus: Corpus) -> Question:
    """Encode a request.

    Raises:
        UnknownNameError: An id, or the named vector, is not in the collection.
        EncoderMismatchError: The encoder installed here is not the one that made the vectors.
        DimensionError: A vector among the examples has another width.
    """
    words = (
        query_terms(request.text) if request.text and request.words_alone and request.mode != "vector" else []
    )
    pictures = [_is_picture(example) for example in request.wanted]
    modality = "image" if all(pictures) else "text"
    name = request.vector or corpus.suited(modality)
    if request.mode == "text" or not _can_encode(request, corpus, name):
        return Question(None, None, modality, words)
    wanted = _vectors(request.wanted, corpus, name)
    vector = wanted[0] if len(wanted) == 1 else normalize(wanted.mean(0))
    if request.negative:
        vector = _away(vector, _vectors(request.negative, corpus, name), corpus.calibration.center(name))
    given = [*request.positive, *request.negative]
    exclude = frozenset(example.removeprefix(ID) for example in given if _is_id(example))
    return Question(name, vector, modality, words, exclude)


def _can_encode(request: Request, corpus: Corpus, name: str) -> bool:
    """Words alone on a collection of the user's own vectors: full text answers, there is no encoder to ask."""
    if request.vector is None and request.words_alone and request.mode == "hybrid":
        return corpus.has(name) and corpus.space(name).takes("text")
    corpus.space(name)
    return True


def _away(vector: FloatArray, negative: FloatArray, center: FloatArray | None) -> FloatArray:
    """Move a query away from examples, seen from the middle of the collection."""
    middle = np.zeros_like(vector) if center is None else center
    return normalize(vector - AWAY * (negative.mean(0) - middle))


def _vectors(examples: Sequence[Example], corpus: Corpus, name: str) -> FloatArray:
    """Examples of any kind as vectors, ``(n, d)``."""
    return np.stack([_vector(example, corpus, name) for example in examples])


def _vector(example: Example, corpus: Corpus, name: str) -> FloatArray:
    space = corpus.space(name)
    if _is_id(example):
        return _stored(example.removeprefix(ID), corpus, name)
    if isinstance(example, np.ndarray | list | tuple):
        vector = np.asarray(example, np.float32)
        if vector.shape != (space.dim,):
            raise DimensionError(f"got a vector of shape {vector.shape}; {name!r} is ({space.dim},)")
        return vector
    if _is_picture(example):
        picture = Path(example) if isinstance(example, str) else example
        return np.asarray(space.encoder("image").encode_query([picture])[0])
    return np.asarray(space.encoder("text").encode_query([example])[0])


def _stored(id: str, corpus: Corpus, name: str) -> FloatArray:
    column = vector_column(name)
    for table in corpus.store.scan([column], ids=[id]):
        for value in table[column]:
            if value.as_py() is None:
                raise UnknownNameError(f"item {id!r} has no vector {name!r}. Next: name another with vector=")
            return np.array(value.as_py(), np.float32)
    raise UnknownNameError(f"no item has the id {id!r}. Next: firth ls shows ids")


def _is_id(example: Any) -> bool:
    return isinstance(example, str) and example.startswith(ID)


def _is_picture(example: Any) -> bool:
    """Whether an example is a picture: a path of one, bytes, or a PIL image."""
    if isinstance(example, str):
        return not _is_id(example) and Path(example).suffix.lower() in PICTURES and Path(example).is_file()
    return not isinstance(example, np.ndarray | list | tuple)
