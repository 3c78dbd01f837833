"""Small unigram models in which the ways to cut a text are many, and many of them equally likely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sentencepiece

from firth.encoders.sentencepieces import build_unigram_model
from firth.encoders.unigram_files import NORMALIZER, UNKNOWN, USER_DEFINED, fields

__all__ = ["CHARACTERS", "model", "pieces_of"]

CHARACTERS = (
    "abcA 　\u2581\u00a0\t\n\0\u0301\u200b\u200dé果蘋ａ①ﬁ㍿각\u1100\u1161나🍎👩🚀ष्ट्र\u0e33\ufdfa\ufffd\u00ad"
)


def model(
    pieces: Sequence[str],
    scores: Sequence[float],
    *,
    verbatim: Sequence[str] = (),
    normalizer: Mapping[str, object] | None = None,
) -> bytes:
    """A model file. Piece 0 is the unknown one; `normalizer` has the arguments of ``SentencePieceNormalizer``."""
    listed = ["<unk>", *verbatim, *pieces]
    kinds = {0: UNKNOWN} | dict.fromkeys(range(1, len(verbatim) + 1), USER_DEFINED)
    every = np.array([0.0] * (1 + len(verbatim)) + list(scores), np.float32)
    written = build_unigram_model([piece.encode() for piece in listed], every, kinds=kinds)
    if normalizer is None:
        return written
    rules = dict(fields(sentencepiece.SentencePieceNormalizer(**normalizer).serialized_model_proto()))[
        NORMALIZER
    ]
    kept = [field(number, value) for number, value in fields(written) if number != NORMALIZER]
    return b"".join([*kept, field(NORMALIZER, rules)])


def field(number: int, payload: bytes) -> bytes:
    """A field of a protobuf message."""
    size, written = len(payload), bytearray([number << 3 | 2])
    while size > 127:
        written.append(size & 127 | 128)
        size >>= 7
    return bytes([*written, size]) + payload


def pieces_of(text: str, longest: int = 4) -> list[str]:
    """Every stretch of a text of up to so many characters, once."""
    return sorted({text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)})
