"""A word's vector in its context, and what is usual for such vectors.

An encoder that gives a vector to every token gives a word another vector in every sentence. These vectors share much
that says nothing: a few dimensions are large for all of them (Timkey and van Schijndel 2021, arXiv:2109.04404). So each
is compared with what is usual: the mean is taken off, and every dimension is measured in its own standard deviations.
On pairs of WordNet's examples that alone does what a middle layer does (benchmarks/words_asking.py).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from firth import sample
from firth.encoders import encoder as by_name
from firth.encoders.base import Encoder
from firth.encoders.transformer import TransformerEncoder
from firth.errors import InputError, UnreadableError
from firth.places import cached_file
from firth.text.characters import is_cjk
from firth.types import FloatArray

__all__ = ["STAND_INS", "Moments", "Usual", "alone", "context_encoder", "in_context", "is_chinese", "usual"]

REACH = 300
"""Characters on either side of a word that are read."""
SENTENCES = 60
"""Sentences of the bundled sample from which is learned what is usual."""
A_SENTENCE = 3
"""Words taken from each."""
STAND_INS = {False: ("it", "thing", "that"), True: ("它", "什麼", "這個")}
"""Words that say nothing of what they stand for, in English and in Chinese: where one stands, a word is missing."""
RECIPE = 1


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation of each dimension, ``(d,)``."""

    mean: FloatArray
    deviation: FloatArray

    def standardise(self, vectors: FloatArray) -> FloatArray:
        """Vectors ``(..., d)`` in standard deviations from the mean."""
        return np.asarray((vectors - self.mean) / self.deviation, np.float32)

    @classmethod
    def of(cls, vectors: FloatArray) -> Moments:
        """Those of some vectors ``(n, d)``."""
        return cls(vectors.mean(0), np.maximum(vectors.std(0), 1e-6))


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for the words of a language.

    Attributes:
        alone: Of words that stand alone.
        within: Of words in sentences.
        shift: Of the difference that its sentence makes to a word.
        stand_in: Of words that stand for a missing one.
    """

    alone: Moments
    within: Moments
    shift: Moments
    stand_in: Moments


def context_encoder(encoder: str | Encoder | None) -> TransformerEncoder:
    """The encoder, if it gives vectors to tokens.

    Raises:
        InputError: It reads a text as a whole only.
    """
    found = by_name(encoder or "e5-small")
    if not isinstance(found, TransformerEncoder):
        raise InputError(
            f"{found.name!r} gives a text one vector and its words none; expected an encoder with vectors of tokens. "
            "Next: e5-small"
        )
    return found


def in_context(
    encoder: TransformerEncoder, texts: Sequence[str], spans: Sequence[tuple[int, int]]
) -> FloatArray:
    """The vectors ``(n, d)`` of words in their texts: the mean of the tokens that each one touches."""
    near = [_clipped(text, span) for text, span in zip(texts, spans, strict=True)]
    tokens = encoder.encode_tokens([text for text, _ in near])
    rows = [found.pool(*span) for found, (_, span) in zip(tokens, near, strict=True)]
    return np.stack(rows) if rows else np.empty((0, encoder.dim), np.float32)


def alone(encoder: TransformerEncoder, words: Sequence[str]) -> FloatArray:
    """The vectors ``(n, d)`` of words with nothing around them."""
    return in_context(encoder, words, [(0, len(word)) for word in words])


def is_chinese(text: str) -> bool:
    """Whether any character is one of Chinese, Japanese or Korean."""
    return any(map(is_cjk, text))


def _clipped(text: str, span: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    start, end = span
    first = max(0, start - REACH)
    return text[first : end + REACH], (start - first, end - first)


@lru_cache(maxsize=8)
def usual(encoder: TransformerEncoder, *, chinese: bool) -> Usual:
    """What is usual for an encoder, from sentences of the bundled sample; kept in the cache folder."""
    name = f"usual-words-{RECIPE}-{encoder.fingerprint}-{'zh' if chinese else 'en'}.npy"
    path = cached_file(name, lambda: _written(_measure(encoder, chinese=chinese)))
    try:
        means, deviations = np.load(path)
    except (ValueError, EOFError) as error:
        raise UnreadableError(f"{path}: damaged ({error}). Next: delete it; it is made again") from error
    return Usual(*(Moments(mean, deviation) for mean, deviation in zip(means, deviations, strict=True)))


def _written(usual: Usual) -> bytes:
    every = (usual.alone, usual.within, usual.shift, usual.stand_in)
    file = io.BytesIO()
    np.save(file, np.array([[m.mean for m in every], [m.deviation for m in every]], np.float32))
    return file.getvalue()


def _measure(encoder: TransformerEncoder, *, chinese: bool) -> Usual:
    texts, spans = [], []
    for text in _sentences(chinese=chinese):
        for span in _words(encoder, text, chinese=chinese):
            texts.append(text)
            spans.append(span)
    within = in_context(encoder, texts, spans)
    single = alone(encoder, [text[a:b] for text, (a, b) in zip(texts, spans, strict=True)])
    stand_ins = STAND_INS[chinese]
    replaced = [(text[:a] + word + text[b:], (a, a + len(word)))
                for text, (a, b), word in zip(texts, spans, stand_ins * len(texts), strict=False)]  # fmt: skip
    missing = in_context(encoder, [text for text, _ in replaced], [span for _, span in replaced])
    return Usual(Moments.of(single), Moments.of(within), Moments.of(within - single), Moments.of(missing))


def _sentences(*, chinese: bool) -> Iterator[str]:
    """Sentences of the sample, evenly from all of its kinds; poems are left out, for nobody writes so today."""
    rows = (sample.path() / "items.jsonl").read_text("utf-8").splitlines()
    texts = [row["text"] for row in map(json.loads, rows) if row.get("text") and row["collection"] != "poem"]
    fitting = [text for text in texts if is_chinese(text) == chinese and len(text) >= 10 and "\n" not in text]
    step = max(1, len(fitting) // SENTENCES)
    yield from (text[:REACH] for text in fitting[::step][:SENTENCES])


def _words(encoder: TransformerEncoder, text: str, *, chinese: bool) -> list[tuple[int, int]]:
    """Some words of a sentence, evenly from its beginning to its end: pieces of the tokenizer that are words."""
    spans: Any = encoder.token_spans(text, "document")
    pieces = zip(spans.starts.tolist(), spans.ends.tolist(), strict=True)
    found = []
    for start, end in pieces:
        word = text[start:end].strip()
        start = end - len(word)
        whole = chinese or not (text[start - 1 : start].isalpha() or text[end : end + 1].isalpha())
        if end > start >= 0 and word.isalpha() and len(word) >= (2 if chinese else 4) and whole:
            found.append((start, end))
    step = max(1, len(found) // A_SENTENCE)
    return found[::step][:A_SENTENCE]
