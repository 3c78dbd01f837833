"""The seam behind which vectors are made: anything with a name, a width and one method is an encoder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal, TypeAlias

import numpy as np

from firth.errors import EncoderMismatchError, InputError
from firth.types import FloatArray

__all__ = [
    "Encoder",
    "Progress",
    "Role",
    "Stamp",
    "TextEncoder",
    "checked_inputs",
    "checked_texts",
    "encode_either",
]

Role: TypeAlias = Literal["query", "document"]
Progress: TypeAlias = Callable[[int], None]
"""Called with how many inputs were encoded since the last call."""

SLAB = 2048
"""Texts that are tokenized, sorted by length and encoded together: bounds memory, keeps padding small."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which encoder made a vector: what must be equal for two vectors to be comparable.

    Attributes:
        name: The encoder's name, for example ``"e5-small"``.
        dim: Its width.
        fingerprint: A digest of its weights and of the way they are applied.
    """

    name: str
    dim: int
    fingerprint: str

    def check(self, other: Stamp) -> None:
        """Refuse vectors of another encoder.

        Raises:
            EncoderMismatchError: ``other`` is not the same encoder.
        """
        if self != other:
            same = "the same name but other weights" if self.name == other.name else f"{other.name!r}"
            raise EncoderMismatchError(
                f"these vectors were made by {self.name!r} ({self.dim}-d, {self.fingerprint}); got {same} "
                f"({other.dim}-d, {other.fingerprint}). Query with {self.name!r}, or encode the collection "
                f"again with {other.name!r}"
            )


class Encoder(ABC):
    """Turns inputs into vectors. One method is abstract; the rest is written once.

    Attributes:
        name: What it is called in the registry and on every vector it makes.
        dim: The width ``d`` of its vectors.
        modalities: What it takes: ``"text"``, ``"image"``, or both in one space.
        fingerprint: A digest of its weights and its way of applying them.
        worth: What one standard deviation of its cosines weighs against full text that holds every word of the
            query; measured by benchmarks/retrieval.py.
    """

    name: str
    dim: int
    modalities: frozenset[str]
    fingerprint: str
    worth: float = 0.02

    @property
    def stamp(self) -> Stamp:
        """What is written beside every vector of this encoder."""
        return Stamp(self.name, self.dim, self.fingerprint)

    @abstractmethod
    def encode(
        self, inputs: Sequence[Any], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode inputs in the order they are given.

        Args:
            inputs: Texts, or pictures (files, bytes, PIL images, ``(h, w, 3)`` arrays).
            role: Whether a text asks or is to be found; encoders that make no difference take either.
            progress: Told how many are done, as they are done.

        Returns:
            ``(n, d)`` float32, rows of unit length unless the encoder says otherwise.

        Raises:
            InputError: An input is of a kind this encoder does not take.
        """

    def encode_query(self, inputs: Sequence[Any]) -> FloatArray:
        """Encode what asks: ``(n, d)``."""
        return self.encode(inputs, role="query")

    def encode_document(self, inputs: Sequence[Any]) -> FloatArray:
        """Encode what is to be found: ``(n, d)``."""
        return self.encode(inputs, role="document")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, dim={self.dim})"


class TextEncoder(Encoder):
    """An encoder of token ids: batches by length, splits what is longer than its window, averages the parts.

    A subclass brings `tokenize` and `forward`.

    Attributes:
        window: The most tokens that `forward` takes of one text; a longer text is encoded window by window
            and the vectors are averaged, weighted by length, so nothing is cut off.
        batch_tokens: How many tokens, with padding, go into one `forward`.
        passage_tokens: How long the passages are that long texts are best split into for search. A text of up to two
            passages is not split, so it must fit: ``2 * passage_tokens <= window``.
    """

    modalities = frozenset({"text"})
    window: int
    batch_tokens: int = 256
    passage_tokens: int

    @abstractmethod
    def tokenize(self, texts: Sequence[str], role: Role = "document") -> list[list[int]]:
        """Token ids of each text, without the marks that begin and end a sequence."""

    @abstractmethod
    def forward(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """Encode sequences of at most `window` ids: ``(n, d)``, unit length."""

    def encode(
        self, inputs: Sequence[str], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode texts; see `Encoder.encode`."""
        texts = checked_texts(inputs, self.name)
        vectors = np.empty((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), SLAB):
            ids = self.tokenize(texts[start : start + SLAB], role)
            vectors[start : start + len(ids)] = self._encode_ids(ids, progress)
        return vectors

    def _encode_ids(self, ids: list[list[int]], progress: Progress | None) -> FloatArray:
        pieces, owners = _windows(ids, self.window)
        lengths = np.array([max(len(piece), 1) for piece in pieces])
        vectors = np.empty((len(pieces), self.dim), np.float32)
        for batch in batches_by_length(lengths, self.batch_tokens):
            vectors[batch] = self.forward([pieces[i] for i in batch])
            if progress and len(pieces) == len(ids):
                progress(len(batch))
        if len(pieces) == len(ids):
            return vectors
        merged = np.zeros((len(ids), self.dim), np.float32)
        np.add.at(merged, owners, vectors * lengths[:, None])
        if progress:
            progress(len(ids))
        return np.asarray(merged / np.linalg.norm(merged, axis=1, keepdims=True), np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has for this encoder."""
        return [len(ids) for ids in self.tokenize(texts)]


def batches_by_length(lengths: np.ndarray[Any, Any], budget: int) -> Iterator[np.ndarray[Any, Any]]:
    """Indices in batches of similar length whose padded size stays within a budget of tokens.

    >>> [batch.tolist() for batch in batches_by_length(np.array([2, 9, 3, 1]), 9)]
    [[3, 0, 2], [1]]
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    for stop in range(1, len(order) + 1):
        full = stop == len(order) or (stop + 1 - start) * lengths[order[stop]] > budget
        if full:
            yield order[start:stop]
            start = stop


def _windows(ids: list[list[int]], window: int) -> tuple[list[list[int]], np.ndarray[Any, Any]]:
    pieces, owners = [], []
    for owner, sequence in enumerate(ids):
        for start in range(0, max(len(sequence), 1), window):
            pieces.append(sequence[start : start + window])
            owners.append(owner)
    return pieces, np.array(owners, np.int64)


def encode_either(
    inputs: Sequence[Any],
    dim: int,
    *,
    texts: Callable[[list[str]], FloatArray],
    pictures: Callable[[list[Any]], FloatArray],
) -> FloatArray:
    """Encode a mixture, texts (str) by one way and the rest, pictures, by another: ``(n, d)`` in their order."""
    inputs = checked_inputs(inputs)
    vectors = np.empty((len(inputs), dim), np.float32)
    read = np.array([isinstance(value, str) for value in inputs], bool)
    if read.any():
        vectors[read] = texts([value for value in inputs if isinstance(value, str)])
    if not read.all():
        vectors[~read] = pictures([value for value in inputs if not isinstance(value, str)])
    return vectors


def checked_inputs(inputs: Sequence[Any]) -> list[Any]:
    """Inputs as a list.

    Raises:
        InputError: It is one text, file or bytes, not a list of them: a str would be read letter by letter.
    """
    if isinstance(inputs, (str, bytes, PathLike)):
        raise InputError(
            f"got one {type(inputs).__name__}; expected a list. Next: encode([{str(inputs)[:20]!r}])"
        )
    return list(inputs)


def checked_texts(inputs: Sequence[str], name: str) -> list[str]:
    """Texts as a list.

    Raises:
        InputError: It is one text, or an input is no text, or not one that can be written as UTF-8.
    """
    texts = checked_inputs(inputs)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"input {i} is {type(text).__name__}; encoder {name!r} takes texts (str)")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"input {i} holds half a character ({error}); expected whole Unicode. "
                "Next: decode its source with errors='replace'"
            ) from error
    return texts
