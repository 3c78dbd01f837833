"""Universal Sentence Encoder, multilingual v3, in int8: the Python face of the kernel's ``use``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.kernel.packing import join, pack_linear, quantize_weights
from firth.kernel.paths import Scratch
from firth.types import FloatArray

__all__ = ["Use", "pack_use", "packed_size"]

DIM = 512
EPS = 1e-12
DEPTH, TAIL_DEPTH = 128, 64
"""How many inputs share a scale: of tokens, and of the dense layers behind the mean."""
TAIL = ("d0", "d1", "p1", "d2", "p3", "d3")
"""The dense layers behind the mean, in the kernel's order; they have no bias."""

_scratch = Scratch()


class Use:
    """The encoder at work, on flat tokens: of a text the same vector in any batch.

    Args:
        weights: What `pack_use` wrote.
        path: One of `firth.kernel.paths.kernel_paths`.
    """

    def __init__(self, weights: npt.NDArray[np.uint8], path: str) -> None:
        self.weights, self.path = weights, path
        self._kernel = import_module("firth.kernel._encode")

    def __call__(
        self, codes: npt.NDArray[np.uint8], scale: FloatArray, low: FloatArray, lengths: npt.NDArray[np.int32]
    ) -> FloatArray:
        """Vectors ``(n, 512)`` of unit length.

        Args:
            codes: ``(t, 512)`` rows of the embedding table, the tokens of all texts.
            scale: ``(t,)`` what a row's codes are to be multiplied with.
            low: ``(t,)`` what is to be added then.
            lengths: ``(n,)`` the texts' tokens, at least one each.
        """
        vectors = np.empty((len(lengths), DIM), np.float32)
        _, room = self._kernel.use_sizes(len(codes), len(lengths))
        self._kernel.use(self.path, EPS, self.weights, codes, scale, low, lengths, vectors, _scratch.of(room))
        return vectors


def packed_size() -> int:
    """How many bytes `pack_use` writes."""
    return int(import_module("firth.kernel._encode").use_sizes(0, 0)[0])


def pack_use(weights: Mapping[str, FloatArray]) -> bytes:
    """The bytes of the weights, in the kernel's order; they are named as in scripts/make_graphs.py."""
    return join(_arrays(weights))


def _arrays(weights: Mapping[str, FloatArray]) -> Iterator[npt.NDArray[Any]]:
    yield from pack_linear(weights["proj.w"], weights["proj.b"], depth=DEPTH)
    yield from _norm(weights, "branches")
    for taps in "235":
        for step in "12":
            name = f"conv{taps}.{step}"
            yield from pack_linear(weights[f"{name}.w"], weights[f"{name}.b"], depth=DEPTH)
    yield from _norm(weights, "tokens")
    yield from pack_linear(weights["cnn.w"], np.zeros(DIM, np.float32), depth=TAIL_DEPTH)
    yield weights["cnn.b"].astype(np.float32)
    for name in TAIL:
        yield from _fine(weights[name])


def _norm(weights: Mapping[str, FloatArray], name: str) -> Iterator[npt.NDArray[Any]]:
    yield weights[f"{name}.w"].astype(np.float32)
    yield weights[f"{name}.b"].astype(np.float32)


def _fine(matrix: FloatArray) -> Iterator[npt.NDArray[Any]]:
    """A matrix as a sum of two: codes, and codes of what these leave; one alone is too coarse for these layers."""
    none = np.zeros(matrix.shape[1], np.float32)
    codes, scales = quantize_weights(matrix, depth=TAIL_DEPTH)
    yield from pack_linear(matrix, none, depth=TAIL_DEPTH)
    yield from pack_linear(matrix - (codes * scales[:, None]).reshape(matrix.shape), none, depth=TAIL_DEPTH)
