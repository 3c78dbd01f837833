"""Texts as ids of pieces, as the package sentencepiece has them: the Python face of the kernel ``_pieces``.

SentencePiece reads all pieces of a model and builds its tables each time a process starts. Here they are built once and
lie in a file of the cache, mapped into memory: what a text does not touch is not even read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.kernel.packing import join
from firth.kernel.paths import ALIGNMENT
from firth.kernel.threads import parts
from firth.places import cached_file
from firth.types import FloatArray

__all__ = ["LAYOUT", "Pieces", "UnigramModel", "mapped_pieces", "pack_pieces"]

LAYOUT = "pieces-1"
"""Ends the names of files of packed tables; the number grows, here and in the kernel, when their layout changes."""
VERSION = 1
HEAD = "=IIQ4Iif"
UNKNOWN_PENALTY = 10
"""How much less likely than the least likely piece an unknown character is, as a difference of logarithms."""
DUMMY_PREFIX, EXTRA_SPACES_GO, SPACES_ARE_ESCAPED = 1, 2, 4
FEWEST = 1 << 15
"""Characters below which another thread is not worth its while: about a millisecond's work."""


@dataclass(frozen=True, slots=True)
class UnigramModel:
    """What a SentencePiece unigram model says.

    Attributes:
        pieces: The pieces a text can be cut into, UTF-8, with their ids.
        scores: Log probabilities by id.
        verbatim: The pieces among them that are always taken whole, with their ids ("user defined").
        unknown: The id of what is no piece.
        rules: ``(r,)`` What characters, and characters in a row, are replaced by: a double array as darts-clone writes
            it, whose values are places in `strings`.
        strings: What they are replaced by, UTF-8, each ended by a zero.
        dummy_prefix: A space is put before the text.
        extra_spaces_go: Spaces at both ends, and all but one in a row.
        spaces_are_escaped: A space is written as U+2581.
    """

    pieces: Mapping[bytes, int]
    scores: FloatArray
    verbatim: Mapping[bytes, int]
    unknown: int
    rules: npt.NDArray[np.uint32]
    strings: bytes
    dummy_prefix: bool
    extra_spaces_go: bool
    spaces_are_escaped: bool


class Pieces:
    """A tokenizer that gives the ids and the places that ``sentencepiece.SentencePieceProcessor`` gives.

    Args:
        tables: What `pack_pieces` wrote.
    """

    def __init__(self, tables: npt.NDArray[np.uint8]) -> None:
        self._tables, self._kernel = tables, import_module("firth.kernel._pieces")
        *_, self._unknown, _ = struct.unpack_from(HEAD, tables.data)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text; of many and long ones on all cores."""
        least = FEWEST * len(texts) // max(1, sum(map(len, texts)))
        found = parts(len(texts), lambda start, end: self._ids(texts[start:end]), least=max(1, least))
        return [ids for part in found for ids in part]

    def places(self, text: str) -> tuple[list[int], npt.NDArray[np.int64]]:
        """The ids of one text, and ``(t, 2)`` where in it, in characters, each of the pieces begins and ends."""
        ids, _, starts, ends = self._encode([text], placed=True)
        places = np.stack([np.frombuffer(starts, np.uint32), np.frombuffer(ends, np.uint32)], axis=1)
        return np.frombuffer(ids, np.int32).tolist(), places.astype(np.int64)

    def unk_id(self) -> int:
        """The id of characters in a row that are no piece."""
        return int(self._unknown)

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        ids, behind, _, _ = self._encode(texts, placed=False)
        flat = np.frombuffer(ids, np.int32).tolist()
        ends = np.frombuffer(behind, np.int64).tolist()
        return [flat[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def _encode(self, texts: Sequence[str], *, placed: bool) -> tuple[bytes, bytes, bytes, bytes]:
        try:
            found: tuple[bytes, bytes, bytes, bytes] = self._kernel.encode(self._tables, texts, placed)
        except UnicodeEncodeError as error:
            raise InputError(
                f"a text holds half a character ({error}); expected whole Unicode. "
                "Next: decode its source with errors='replace'"
            ) from error
        return found


_making = Lock()


def mapped_pieces(name: str, make: Callable[[], bytes]) -> Pieces:
    """The tokenizer whose tables are a file of the cache; `make` packs them if they are not there, or not whole."""
    with _making:
        path = cached_file(name, make)
        if not _whole(path):
            path.unlink()
            path = cached_file(name, make)
    return Pieces(np.memmap(path, np.uint8, "r"))


def _whole(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(struct.calcsize(HEAD))
    if len(head) < struct.calcsize(HEAD):
        return False
    version, _, size, *_ = struct.unpack(HEAD, head)
    return (version, size) == (VERSION, path.stat().st_size)


def pack_pieces(model: UnigramModel) -> bytes:
    """The kernel's tables of a model: a head, two tries, the rules and their strings."""
    scores = model.scores.astype(np.float32)
    ordinary = [i for piece, i in model.pieces.items() if piece not in model.verbatim]
    unknown_score = scores[ordinary].min() - np.float32(UNKNOWN_PENALTY)
    for piece, i in model.verbatim.items():
        scores[i] = 0.1 * (len(piece) - 1)  # SentencePiece's bonus, so that they win
    pieces, verbatim = _trie(model.pieces, scores), _trie(model.verbatim, scores)
    strings = np.frombuffer(model.strings or b"\0", np.uint8)
    body = join(iter([*pieces, *verbatim, model.rules, strings]))
    flags = (
        DUMMY_PREFIX * model.dummy_prefix
        | EXTRA_SPACES_GO * model.extra_spaces_go
        | SPACES_ARE_ESCAPED * model.spaces_are_escaped
    )
    counts = [len(pieces[1]), len(verbatim[1]), len(model.rules), len(strings)]
    head = struct.pack(
        HEAD, VERSION, flags, ALIGNMENT + len(body), *counts, model.unknown, float(unknown_score)
    )
    return head.ljust(ALIGNMENT, b"\0") + body


def _trie(
    ids: Mapping[bytes, int], scores: FloatArray
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """The units and the ids of a trie's nodes."""
    keys = sorted(ids)
    values = np.array([ids[key] for key in keys], np.int32)
    ends = np.cumsum([len(key) for key in keys], dtype=np.int64)
    units, found = import_module("firth.kernel._pieces").trie(b"".join(keys), ends, values, scores[values])
    return np.frombuffer(units, np.uint64), np.frombuffer(found, np.int32)
