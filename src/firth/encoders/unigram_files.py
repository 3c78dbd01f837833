"""What stands in a SentencePiece model file (sentencepiece_model.proto), read without SentencePiece."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.errors import UnreadableError
from firth.kernel.pieces import UnigramModel

__all__ = ["CONTROL", "NORMAL", "NORMALIZER", "UNKNOWN", "fields", "read_unigram_model"]

# Types of pieces
NORMAL, UNKNOWN, CONTROL, USER_DEFINED = 1, 2, 3, 4
# Fields of the model
PIECES, TRAINER, NORMALIZER = 1, 2, 3
# Fields of the trainer's settings that change how a text is cut
MODEL_TYPE, SPACE_AS_SUFFIX, BYTE_FALLBACK = 3, 24, 35
UNIGRAM = 1
UNKNOWN_WAYS = (SPACE_AS_SUFFIX, BYTE_FALLBACK)
# Fields of the normalizer's settings
CHARSMAP, DUMMY_PREFIX, EXTRA_SPACES_GO, SPACES_ARE_ESCAPED = 2, 3, 4, 5

Value = Any
"""bytes, an int, or a float where the file has 32 bits"""


def read_unigram_model(model: bytes) -> UnigramModel:
    """What a model file says.

    Raises:
        UnreadableError: It is damaged, or asks for what the kernel does not do: another algorithm, bytes for unknown
            characters, spaces behind words.
    """
    try:
        return _read(model)
    except (ValueError, LookupError, struct.error) as error:
        raise UnreadableError(
            f"the SentencePiece model cannot be read ({error}). Next: reinstall the package that brings it, or set "
            "FIRTH_KERNEL=off"
        ) from error


def _read(model: bytes) -> UnigramModel:
    told: dict[int, dict[int, Value]] = {TRAINER: {}, NORMALIZER: {}}
    listed = []
    for number, value in fields(model):
        if number == PIECES:
            listed.append(_piece(value))
        elif number in told:
            told[number].update(fields(value))
    trainer, normalizer = told[TRAINER], told[NORMALIZER]
    if trainer.get(MODEL_TYPE, UNIGRAM) != UNIGRAM or any(trainer.get(field) for field in UNKNOWN_WAYS):
        raise ValueError("it is no plain unigram model")
    rules, strings = _rules(normalizer.get(CHARSMAP, b""))
    return UnigramModel(
        pieces=_ids(listed, NORMAL, USER_DEFINED),
        scores=np.array([score for _, score, _ in listed], np.float32),
        verbatim=_ids(listed, USER_DEFINED),
        unknown=[kind for _, _, kind in listed].index(UNKNOWN),
        rules=rules,
        strings=strings,
        dummy_prefix=bool(normalizer.get(DUMMY_PREFIX, True)),
        extra_spaces_go=bool(normalizer.get(EXTRA_SPACES_GO, True)),
        spaces_are_escaped=bool(normalizer.get(SPACES_ARE_ESCAPED, True)),
    )


def _ids(listed: list[tuple[bytes, float, int]], *kinds: int) -> dict[bytes, int]:
    return {piece: i for i, (piece, _, kind) in enumerate(listed) if kind in kinds}


def _piece(message: bytes) -> tuple[bytes, float, int]:
    told = dict(fields(message))
    return told[1], told.get(2, 0.0), told.get(3, NORMAL)


def _rules(charsmap: bytes) -> tuple[npt.NDArray[np.uint32], bytes]:
    """A ``precompiled_charsmap``: the size of a double array in bytes, the array, and the strings it points at."""
    if not charsmap:
        return np.empty(0, np.uint32), b""
    (size,) = struct.unpack_from("<I", charsmap)
    return np.frombuffer(charsmap, "<u4", size // 4, 4).astype(np.uint32), charsmap[4 + size :]


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """The fields of a protobuf message, by number: integers, 32-bit floats and whatever has a length."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 2:
            size, at = _varint(message, at)
            if at + size > end:
                raise ValueError(f"got {end - at} bytes of a field of {size}")
            yield number, message[at : at + size]
            at += size
        elif kind == 0:
            value, at = _varint(message, at)
            yield number, value
        elif kind == 5:
            yield number, struct.unpack_from("<f", message, at)[0]
            at += 4
        else:
            raise ValueError(f"got a field of kind {kind} at {at}; expected an integer, a float or bytes")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = message[at]
    at += 1
    if value < 128:
        return value, at
    value &= 127
    shift = 7
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
