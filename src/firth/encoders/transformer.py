"""What BERT-like encoders share: marks around a text, padding, the mean of token vectors, and the token vectors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from firth.encoders.base import Role
from firth.encoders.engine import Engine
from firth.encoders.flat import FlatEncoder, in_threads, join_ids
from firth.kernel.bert import Bert, BertShape, pack_bert
from firth.kernel.packing import LAYOUT, mapped
from firth.kernel.paths import best_path
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["TokenSpans", "TokenVectors", "TransformerEncoder"]

POSITIONS = 512
"""How many places in a sequence the models were trained for, two of them for the marks around it."""


@dataclass(frozen=True, slots=True)
class TokenSpans:
    """Tokens and where they stand: ids, and ``(t,)`` starts and ends in characters of the text."""

    ids: list[int]
    starts: np.ndarray[Any, Any]
    ends: np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The vectors of one text's tokens, in its own context.

    Attributes:
        starts: ``(t,)`` where each token begins in the text, in characters.
        ends: ``(t,)`` where it ends.
        vectors: ``(t, d)``, not normalized.
    """

    starts: np.ndarray[Any, Any]
    ends: np.ndarray[Any, Any]
    vectors: FloatArray

    def pool(self, start: int, end: int) -> FloatArray:
        """The mean vector ``(d,)`` of the tokens that touch the characters from ``start`` to ``end``."""
        touching = (self.starts < end) & (self.ends > start)
        return np.asarray(self.vectors[touching].mean(0))


class TransformerEncoder(FlatEncoder):
    """A BERT-like encoder: a subclass brings the tokenizer, the weights and the embedding of ids.

    It runs in firth's own kernel, int8, or in ONNX Runtime, fp32, where the kernel is missing or off: the mean cosine
    of the vectors is over .999, so they count as the same encoder's and may stand in one collection.
    """

    window = POSITIONS - 2
    pooling: Literal["mean", "cls"] = "mean"
    layers: int
    begin: int
    end: int
    pad: int

    @abstractmethod
    def _weights(self) -> dict[str, FloatArray]:
        """The tensors that the graph of so many layers names, contiguous float32."""

    @property
    @abstractmethod
    def _positions(self) -> FloatArray:
        """What is added to the first, second, ... token of a sequence, ``(l, d)``."""

    @abstractmethod
    def _embed_pieces(self, ids: np.ndarray[Any, Any]) -> FloatArray:
        """Rows of the embedding table for ids of any shape ``(...)``: a new array ``(..., d)``."""

    @property
    def _shape(self) -> BertShape:
        return BertShape(layers=self.layers)

    @cached_property
    def _engine(self) -> Engine:
        return Engine(f"bert{self.layers}", self._weights())

    @cached_property
    def _kernel(self) -> Bert | None:
        path = best_path()
        if path is None:
            return None
        shape = self._shape
        name = f"{Path(self.name.replace(':', '/')).name}-{self.fingerprint}.{LAYOUT}"
        weights = mapped(name, shape.packed_size(), lambda: pack_bert(shape, self._weights()))
        return Bert(shape, weights, path)

    def forward(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """The mean of the token vectors, or the first mark's: ``(n, d)``, unit length."""
        states, lengths = self._states(ids)
        starts = np.cumsum(lengths) - lengths
        if self.pooling == "cls":
            return normalize(states[starts])
        return normalize(np.add.reduceat(states, starts, axis=0))

    def _states(self, ids: Sequence[Sequence[int]]) -> tuple[FloatArray, np.ndarray[Any, Any]]:
        """The tokens' vectors, marks among them, ``(t, d)``, all sequences in one; and their lengths ``(n,)``."""
        marked = [[self.begin, *sequence, self.end] for sequence in ids]
        if self._kernel is None:
            return self._padded_states(marked)
        flat, lengths = join_ids(marked)
        places = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        states = self._embed_pieces(flat)
        states += self._positions[places]
        self._kernel(states, lengths)
        return states, lengths

    def _padded_states(self, marked: list[list[int]]) -> tuple[FloatArray, np.ndarray[Any, Any]]:
        lengths = np.array([len(sequence) for sequence in marked])
        mask = np.arange(lengths.max()) < lengths[:, None]
        padded = np.full(mask.shape, self.pad, np.int64)
        padded[mask] = join_ids(marked)[0]
        embedded = self._embed_pieces(padded)
        embedded += self._positions[: mask.shape[1]]
        (hidden,) = self._engine(["hidden"], x=embedded, mask=mask.astype(np.float32))
        return hidden[mask], lengths

    def encode_tokens(self, texts: Sequence[str], *, role: Role = "document") -> list[TokenVectors]:
        """The vector of every token of each text in its context, with offsets in characters.

        The same word gets another vector in another context: that is how senses are told apart. The marks
        and the prefix of the role are left out. A text longer than the window is read window by window.
        """
        return list(in_threads(lambda text: self._text_tokens(text, role), texts))

    def _text_tokens(self, text: str, role: Role) -> TokenVectors:
        spans = self.token_spans(text, role)
        ids = spans.ids
        parts = [ids[i : i + self.window] for i in range(0, max(len(ids), 1), self.window)]
        vectors = np.concatenate([self._states([part])[0][1:-1] for part in parts])
        own = spans.ends > 0
        return TokenVectors(spans.starts[own], spans.ends[own], vectors[own])

    @abstractmethod
    def token_spans(self, text: str, role: Role) -> TokenSpans:
        """The tokens of a text and their places in it; tokens of a prefix end at 0 or before."""
