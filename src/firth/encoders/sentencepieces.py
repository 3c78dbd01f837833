"""SentencePiece tokenizers, loaded from a model file or put together from a list of pieces and scores."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from firth.types import FloatArray

__all__ = ["build_unigram_model", "load"]

# Types of pieces in SentencePiece's model file
NORMAL, UNKNOWN, CONTROL = 1, 2, 3


def load(model: Path) -> Any:
    """A tokenizer from a ``.model`` file."""
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=str(model))


def build_unigram_model(pieces: Sequence[bytes], scores: FloatArray, *, kinds: dict[int, int]) -> bytes:
    """The bytes of a SentencePiece unigram model (sentencepiece_model.proto) from its pieces.

    Normalisation is ``nmt_nfkc``, whose table SentencePiece itself gives.

    Args:
        pieces: The pieces, UTF-8; their place is their id.
        scores: ``(v,)`` log probabilities.
        kinds: The type of the pieces that are not `NORMAL`, by id.
    """
    import sentencepiece

    normalizer = sentencepiece.SentencePieceNormalizer(
        rule_name="nmt_nfkc", add_dummy_prefix=True, escape_whitespaces=True, remove_extra_whitespaces=True
    )
    rules = dict(_fields(normalizer.serialized_model_proto()))[3]
    unknown = next(i for i, kind in kinds.items() if kind == UNKNOWN)
    trainer = _varint(3 << 3) + _varint(1) + _varint(40 << 3) + _varint(unknown)  # unigram; the unknown's id
    body = [
        _field(1, _piece(p, float(s), kinds.get(i, NORMAL)))
        for i, (p, s) in enumerate(zip(pieces, scores, strict=True))
    ]
    return b"".join([*body, _field(2, trainer), _field(3, rules)])


def _piece(piece: bytes, score: float, kind: int) -> bytes:
    head = _field(1, piece) + b"\x15" + struct.pack("<f", score)
    return head if kind == NORMAL else head + b"\x18" + _varint(kind)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields at the top of a protobuf message."""
    at = 0
    while at < len(message):
        key, at = message[at], at + 1
        size = shift = 0
        while True:
            byte, at = message[at], at + 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        yield key >> 3, message[at : at + size]
        at += size
