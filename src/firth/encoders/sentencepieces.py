"""SentencePiece tokenizers: run by firth's kernel from packed tables or, where it is missing or off, by the package."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from firth.encoders.unigram_files import CONTROL, NORMAL, NORMALIZER, UNKNOWN, fields, read_unigram_model
from firth.kernel.paths import OFF, SETTING
from firth.kernel.pieces import LAYOUT, mapped_pieces, pack_pieces
from firth.types import FloatArray

__all__ = ["CONTROL", "UNKNOWN", "SentencePieces", "Tokenizer", "build_unigram_model", "load", "tokenizer"]


class Tokenizer(Protocol):
    """What `tokenizer` gives."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text."""

    def places(self, text: str) -> tuple[list[int], npt.NDArray[np.int64]]:
        """The ids of one text, and ``(t, 2)`` where in it, in characters, each of the pieces begins and ends."""

    def unk_id(self) -> int:
        """The id of characters in a row that are no piece."""


class SentencePieces:
    """The package's tokenizer, with the calls that are made here."""

    def __init__(self, model: Path) -> None:
        self._processor = load(model)
        self.unk_id = self._processor.unk_id

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """See `Tokenizer.encode`."""
        ids: list[list[int]] = self._processor.encode(list(texts))
        return ids

    def places(self, text: str) -> tuple[list[int], npt.NDArray[np.int64]]:
        """See `Tokenizer.places`."""
        found = self._processor.encode(text, return_type="offset_mapping")
        return found["ids"], np.array(found["offsets"], np.int64).reshape(-1, 2)


def tokenizer(name: str, model: Callable[[], Path]) -> Tokenizer:
    """The tokenizer of a ``.model`` file: at once from the cache if the kernel has packed it before.

    Args:
        name: What the file of packed tables is called; another one for another model.
        model: Where the model is; asked only when it must be read.

    Raises:
        UnreadableError: See `read_unigram_model`.
    """
    if not _kernel_is_on():
        return SentencePieces(model())
    return mapped_pieces(f"{name}.{LAYOUT}", lambda: pack_pieces(read_unigram_model(model().read_bytes())))


def _kernel_is_on() -> bool:
    if os.environ.get(SETTING) == OFF:
        return False
    try:
        import_module("firth.kernel._pieces")
    except ImportError:
        return False
    return True


def load(model: Path) -> Any:
    """The package's own tokenizer of a ``.model`` file."""
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
    rules = dict(fields(normalizer.serialized_model_proto()))[NORMALIZER]
    unknown = next(i for i, kind in kinds.items() if kind == UNKNOWN)
    trainer = _varint(3 << 3) + _varint(1) + _varint(40 << 3) + _varint(unknown)  # unigram; the unknown's id
    body = [
        _field(1, _piece(p, float(s), kinds.get(i, NORMAL)))
        for i, (p, s) in enumerate(zip(pieces, scores, strict=True))
    ]
    return b"".join([*body, _field(2, trainer), _field(NORMALIZER, rules)])


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
