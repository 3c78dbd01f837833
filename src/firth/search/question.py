"""From what a person asks to a vector and to terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from firth.data.pictures import PICTURES
from firth.errors import DimensionError, UnknownNameError, UnreadableError
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


@dataclass(frozen=True, slots=True)
class Question:
    """What the store is asked.

    Attributes:
        space: The named vector; None where full text alone can answer.
        vector: ``(d,)``, or None.
        by_words: Whether all that is wanted was put in words, as it is in the bank of unrelated queries.
        terms: For full text; empty where it takes no part.
        exclude: Ids that were examples and are no hits.
    """

    space: str | None
    vector: FloatArray | None
    by_words: bool
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
    wanted = _wanted(request)
    modality = "image" if all(_is_picture(example) for example in wanted) else "text"
    name = request.vector or corpus.suited(modality)
    if request.mode == "text" or not _can_encode(request, corpus, name):
        return Question(None, None, True, words)
    found = _vectors(wanted, corpus, name)
    vector = found[0] if len(found) == 1 else normalize(found.mean(0))
    if request.negative:
        unwanted = _vectors([_typed(example) for example in request.negative], corpus, name)
        vector = _away(vector, unwanted, corpus.calibration.center(name))
    given = [_typed(example) for example in (*request.positive, *request.negative)]
    exclude = frozenset(example.id for example in given if isinstance(example, _Id))
    by_words = all(isinstance(example, str) and not _is_picture(example) for example in wanted)
    return Question(name, vector, by_words, words, exclude)


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


@dataclass(frozen=True, slots=True)
class _Id:
    """An example that is an item of the collection."""

    id: str


def _wanted(request: Request) -> list[Any]:
    """What is asked for, each as what it is: a text (str), a picture, an `_Id`, or a vector."""
    found: list[Any] = [] if request.text is None else [request.text]
    if request.image is not None:
        found.append(Path(request.image).expanduser() if isinstance(request.image, str) else request.image)
    return found + [_typed(example) for example in request.positive]


def _typed(example: Example) -> Any:
    """An example as what it is; a text with a picture file's ending is that picture."""
    if not isinstance(example, str):
        return example
    if example.startswith(ID):
        return _Id(example.removeprefix(ID))
    path = Path(example).expanduser()
    if path.suffix.lower() not in PICTURES:
        return example
    if not path.is_file():
        raise UnreadableError(
            f"no picture {example!r}. Next: check the path; for these words leave the ending away"
        )
    return path


def _is_picture(example: Any) -> bool:
    return not isinstance(example, str | _Id | np.ndarray | list | tuple)


def _vectors(examples: Sequence[Any], corpus: Corpus, name: str) -> FloatArray:
    """Examples of any kind as vectors, ``(n, d)``."""
    return np.stack([_vector(example, corpus, name) for example in examples])


def _vector(example: Any, corpus: Corpus, name: str) -> FloatArray:
    space = corpus.space(name)
    if isinstance(example, _Id):
        return _stored(example.id, corpus, name)
    if isinstance(example, np.ndarray | list | tuple):
        vector = np.asarray(example, np.float32)
        if vector.shape != (space.dim,):
            raise DimensionError(f"got a vector of shape {vector.shape}; {name!r} is ({space.dim},)")
        return vector
    modality = "image" if _is_picture(example) else "text"
    return np.asarray(space.encoder(modality).encode_query([example])[0])


def _stored(id: str, corpus: Corpus, name: str) -> FloatArray:
    column = vector_column(name)
    for table in corpus.store.scan([column], ids=[id]):
        for value in table[column]:
            if value.as_py() is None:
                raise UnknownNameError(f"item {id!r} has no vector {name!r}. Next: name another with vector=")
            return np.array(value.as_py(), np.float32)
    raise UnknownNameError(f"no item has the id {id!r}. Next: firth ls shows ids")
