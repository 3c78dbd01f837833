"""A BERT encoder in int8: the Python face of the kernel's ``bert``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from firth.kernel.packing import join, pack_linear
from firth.kernel.paths import Scratch
from firth.types import FloatArray

__all__ = ["FINE_DEPTH", "Activation", "Bert", "BertShape", "pack_bert"]

Activation: TypeAlias = Literal["gelu", "relu"]
CODES = {"gelu": 1, "relu": 2}
"""As encode.h numbers them."""
FINE_DEPTH = 64
"""How many inputs of attention share a scale."""

_scratch = Scratch()


@dataclass(frozen=True, slots=True)
class BertShape:
    """The sizes of a BERT encoder.

    Attributes:
        layers: How many layers.
        width: The width ``d`` of a token's vector, a multiple of 64.
        inner: The width within a layer's second half, a multiple of 64.
        heads: How many heads attention has; each is a multiple of 16 wide, 128 at most.
        depth: How many activations share a scale: a multiple of 64 and of a head that divides `width` and `inner`.
            Those that queries, keys and values are made of come in groups of `FINE_DEPTH`.
        eps: What is added to the variance by the norms.
        activation: What the second half of a layer bends its inner width with.
    """

    layers: int
    width: int = 384
    inner: int = 1536
    heads: int = 12
    depth: int = 128
    eps: float = 1e-12
    activation: Activation = "gelu"

    def packed_size(self) -> int:
        """How many bytes `pack_bert` writes."""
        return int(import_module("firth.kernel._encode").bert_sizes(self.numbers(), 0, 0)[0])

    def numbers(self) -> tuple[Any, ...]:
        """As the kernel reads them."""
        activation = CODES[self.activation]
        return (self.width, self.inner, self.layers, self.heads, self.depth, activation, self.eps)


class Bert:
    """An encoder at work, on flat tokens: without padding, and of a text the same vectors in any batch.

    Args:
        shape: Its sizes.
        weights: What `pack_bert` wrote.
        path: One of `firth.kernel.paths.kernel_paths`.
    """

    def __init__(self, shape: BertShape, weights: npt.NDArray[np.uint8], path: str) -> None:
        self.shape, self.weights, self.path = shape, weights, path
        self._kernel = import_module("firth.kernel._encode")

    def __call__(self, states: FloatArray, lengths: npt.NDArray[np.int32]) -> None:
        """Replace embedded tokens ``(t, d)`` by those of the last layer; `lengths` are the texts' tokens."""
        numbers = self.shape.numbers()
        _, room = self._kernel.bert_sizes(numbers, len(states), int(lengths.max(initial=0)))
        self._kernel.bert(self.path, numbers, self.weights, states, lengths, _scratch.of(room))


def pack_bert(shape: BertShape, weights: Mapping[str, FloatArray]) -> bytes:
    """The bytes of an encoder's weights, in the kernel's order.

    Args:
        shape: Its sizes.
        weights: The tensors as `firth.encoders.bert_tensors` and scripts/make_graphs.py name them.
    """
    return join(_arrays(shape, weights))


def _arrays(shape: BertShape, weights: Mapping[str, FloatArray]) -> Iterator[npt.NDArray[Any]]:
    yield from _norm(weights, "emb.ln")
    for i in range(shape.layers):
        layer = {name.partition(".")[2]: w for name, w in weights.items() if name.startswith(f"l{i}.")}
        for end in "wb":
            layer[f"qkv.{end}"] = np.concatenate([layer[f"{n}.{end}"] for n in "qkv"], axis=-1)
        yield from _linear(layer, "qkv", FINE_DEPTH)
        yield from _linear(layer, "ao", shape.depth)
        yield from _norm(layer, "aln")
        yield from _linear(layer, "fi", shape.depth)
        yield from _linear(layer, "fo", shape.depth)
        yield from _norm(layer, "oln")


def _norm(weights: Mapping[str, FloatArray], name: str) -> Iterator[npt.NDArray[Any]]:
    yield weights[f"{name}.w"].astype(np.float32)
    yield weights[f"{name}.b"].astype(np.float32)


def _linear(layer: Mapping[str, FloatArray], name: str, depth: int) -> Iterator[npt.NDArray[Any]]:
    yield from pack_linear(layer[f"{name}.w"], layer[f"{name}.b"], depth=depth)
