"""What BERT-like encoders share: marks around a text, padding, the mean of token vectors, and the token vectors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from firth.encoders.base import Role, TextEncoder
from firth.encoders.engine import Engine
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


class TransformerEncoder(TextEncoder):
    """A BERT-like encoder: a subclass brings the tokenizer, the weights and the embedding of ids."""

    window = POSITIONS - 2
    layers: int
    begin: int
    end: int
    pad: int

    @abstractmethod
    def _load_engine(self) -> Engine: ...

    @abstractmethod
    def _embed(self, ids: np.ndarray[Any, Any]) -> FloatArray:
        """Ids ``(b, l)`` to the network's input ``(b, l, d)``: pieces, positions and segment added up."""

    @cached_property
    def _engine(self) -> Engine:
        return self._load_engine()

    def forward(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """The mean of the token vectors: ``(n, d)``, unit length."""
        hidden, mask = self._hidden(ids)
        return normalize(np.einsum("bld,bl->bd", hidden, mask))

    def _hidden(self, ids: Sequence[Sequence[int]]) -> tuple[FloatArray, FloatArray]:
        longest = max(len(sequence) for sequence in ids) + 2
        padded = np.full((len(ids), longest), self.pad, np.int64)
        mask = np.zeros((len(ids), longest), np.float32)
        for row, sequence in enumerate(ids):
            marked = [self.begin, *sequence, self.end]
            padded[row, : len(marked)] = marked
            mask[row, : len(marked)] = 1
        (hidden,) = self._engine(["hidden"], x=self._embed(padded), mask=mask)
        return hidden, mask

    def encode_tokens(self, texts: Sequence[str], *, role: Role = "document") -> list[TokenVectors]:
        """The vector of every token of each text in its context, with offsets in characters.

        The same word gets another vector in another context: that is how senses are told apart. The marks
        and the prefix of the role are left out. A text longer than the window is read window by window.
        """
        return [self._text_tokens(text, role) for text in texts]

    def _text_tokens(self, text: str, role: Role) -> TokenVectors:
        spans = self.token_spans(text, role)
        ids = spans.ids
        parts = [ids[i : i + self.window] for i in range(0, max(len(ids), 1), self.window)]
        vectors = np.concatenate([self._hidden([part])[0][0, 1 : len(part) + 1] for part in parts])
        own = spans.ends > 0
        return TokenVectors(spans.starts[own], spans.ends[own], vectors[own])

    @abstractmethod
    def token_spans(self, text: str, role: Role) -> TokenSpans:
        """The tokens of a text and their places in it; tokens of a prefix end at 0 or before."""
