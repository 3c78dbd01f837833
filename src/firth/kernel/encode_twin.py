"""What encode*.c computes, in numpy: for reading, and for tests that both agree. Slow.

Codes are the kernel's, one by one; what is float may differ in the last digits, for sums run in another order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.kernel.bert import FINE_DEPTH, Activation, BertShape
from firth.kernel.packing import PANEL
from firth.kernel.paths import ALIGNMENT
from firth.types import FloatArray

__all__ = ["Linear", "Reader", "bert", "gelu", "multiply", "quantize", "relu", "use"]

Codes = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]
TAPS = {2: 0, 3: 1, 5: 2}
"""The convolutions of `use`: how many tokens wide, and how many of these stand before the token itself."""
EPS = 1e-12
LEVELS = 4095
"""The largest code of queries and keys."""
WHOLE = 32000
"""The largest code of values, and what the weights of a query are together."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A product's weights: codes ``(g, depth, n)``, scales ``(g, n)``, bias ``(n,)``."""

    codes: npt.NDArray[np.int8]
    scales: FloatArray
    bias: FloatArray


class Reader:
    """Reads packed weights, array after array."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def array(self, dtype: str, *shape: int) -> npt.NDArray[Any]:
        """The next array."""
        array = np.frombuffer(self.data, dtype, math.prod(shape), self.at).reshape(shape)
        self.at += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
        return array

    def norm(self, width: int) -> tuple[FloatArray, FloatArray]:
        """A norm's scale and shift."""
        return self.array("f4", width), self.array("f4", width)

    def linear(self, columns: int, depth: int, groups: int) -> Linear:
        """A product's weights, out of their panels."""
        panels = self.array("i1", columns // PANEL, depth * groups // 4, PANEL, 4)
        codes = panels.transpose(1, 3, 0, 2).reshape(groups, depth, columns)
        scales, bias = self.array("f4", groups, columns), self.array("f4", columns)
        sums = self.array("i4", groups, columns)
        if not np.array_equal(sums, codes.sum(1, dtype=np.int32)):
            raise ValueError("the sums of the columns are not theirs")
        return Linear(codes, scales, bias)


def quantize(x: FloatArray, depth: int) -> tuple[Codes, FloatArray, FloatArray]:
    """Rows ``(t, k)`` as codes ``(t, g, depth)``, scales and low ends ``(t, g)``: x ~ scale * code + low."""
    groups = x.reshape(len(x), -1, depth)
    low = groups.min(2)
    span = groups.max(2) - low
    span = np.where(span > 1e-30, span, 0).astype(np.float32)
    with np.errstate(divide="ignore"):
        unit = np.where(span > 0, np.float32(255) / span, 0).astype(np.float32)
    codes = np.rint((groups - low[..., None]) * unit[..., None]).astype(np.uint8)
    return codes, np.asarray(span / np.float32(255), np.float32), low


def multiply(w: Linear, codes: Codes, scale: FloatArray, low: FloatArray) -> FloatArray:
    """Rows of codes ``(t, g, depth)`` times weights: ``(t, n)``."""
    integers = np.einsum("tgk,gkn->tgn", codes.astype(np.int32), w.codes.astype(np.int32))
    by_group = scale[..., None] * integers + low[..., None] * w.codes.sum(1, dtype=np.int32)
    return np.asarray((by_group * w.scales).sum(1) + w.bias, np.float32)


def gelu(x: FloatArray) -> FloatArray:
    """Each x times the share of a normal distribution that lies below it."""
    return np.asarray(x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2, np.float32)


def relu(x: FloatArray) -> FloatArray:
    """Each x that is above zero."""
    return np.maximum(x, 0)


BENDS: dict[Activation, Callable[[FloatArray], FloatArray]] = {"gelu": gelu, "relu": relu}


def _pass(w: Linear, x: FloatArray) -> FloatArray:
    return multiply(w, *quantize(x, w.codes.shape[1]))


def _norm(x: FloatArray, norm: tuple[FloatArray, FloatArray], eps: float = EPS) -> FloatArray:
    centred = x - x.mean(1, keepdims=True)
    return np.asarray(
        centred / np.sqrt((centred**2).mean(1, keepdims=True) + eps) * norm[0] + norm[1], np.float32
    )


def bert(shape: BertShape, weights: bytes, states: FloatArray, lengths: Sequence[int]) -> FloatArray:
    """Embedded tokens ``(t, d)`` of all texts to those of the last layer."""
    reader, width, depth = Reader(weights), shape.width, shape.depth
    narrow, wide = width // depth, shape.inner // depth
    x = _norm(states, reader.norm(width), shape.eps)
    for _ in range(shape.layers):
        projected = _pass(reader.linear(3 * width, FINE_DEPTH, width // FINE_DEPTH), x)
        bounds = np.cumsum([0, *lengths])
        context = [_attend(projected[a:b], shape.heads) for a, b in pairwise(bounds)]
        x = x + _pass(reader.linear(width, depth, narrow), np.concatenate(context))
        x = _norm(x, reader.norm(width), shape.eps)
        inner = BENDS[shape.activation](_pass(reader.linear(shape.inner, depth, narrow), x))
        x = x + _pass(reader.linear(width, depth, wide), inner)
        x = _norm(x, reader.norm(width), shape.eps)
    return x


def _attend(projected: FloatArray, heads: int) -> FloatArray:
    by_head = projected.reshape(len(projected), 3, heads, -1).transpose(1, 2, 0, 3)
    (q, q_unit), (k, k_unit), (v, v_unit) = map(_levels, by_head, (LEVELS, LEVELS, WHOLE))
    scores = q @ k.transpose(0, 2, 1) * (q_unit * k_unit / math.sqrt(q.shape[2]))
    weights = np.exp(scores - scores.max(2, keepdims=True))
    shares = np.rint(weights * (WHOLE / weights.sum(2, keepdims=True)))
    mixed = shares @ v * (v_unit / WHOLE)
    return np.asarray(mixed.transpose(1, 0, 2).reshape(len(projected), -1), np.float32)


def _levels(x: FloatArray, levels: int) -> tuple[Doubles, Doubles]:
    """Of each head codes from -levels to levels, and what one is worth: whole numbers, so their sums are exact."""
    largest = np.abs(x).max((1, 2), keepdims=True)
    unit = np.where(largest > 1e-30, levels / np.maximum(largest, np.float32(1e-30)), 0).astype(np.float32)
    return np.rint(x * unit).astype(np.float64), largest.astype(np.float64) / levels


def use(
    weights: bytes, codes: Codes, scale: FloatArray, low: FloatArray, lengths: Sequence[int]
) -> FloatArray:
    """Rows of the embedding table ``(t, 512)``, each with its scale and low end, to vectors ``(n, 512)``."""
    reader = Reader(weights)
    projection = reader.linear(768, 128, 4)
    x = multiply(projection, codes.reshape(-1, 4, 128), scale[:, None], low[:, None])
    x = _norm(x, reader.norm(768))
    features = [np.asarray(codes * scale[:, None] + low[:, None], np.float32)]
    for i, (taps, left) in enumerate(TAPS.items()):
        branch = x[:, 256 * i : 256 * (i + 1)]
        for _ in range(2):
            w = reader.linear(256, 128, 2 * taps)
            branch = branch + np.maximum(_convolve(w, branch, left, lengths), 0)
        features.append(branch)
    tokens = _norm(np.concatenate(features, axis=1), reader.norm(1280))
    roots = np.sqrt(np.asarray(lengths, np.float32))[:, None]
    starts = np.cumsum([0, *lengths])[:-1]
    return _tail(reader, np.asarray(np.add.reduceat(tokens, starts) / roots, np.float32), roots)


def _convolve(w: Linear, x: FloatArray, left: int, lengths: Sequence[int]) -> FloatArray:
    """Each token with its neighbours in its own text; outside of it stand rows of zeros."""
    codes, scale, low = quantize(x, 128)
    taps, rows, start = len(w.codes) // 2, [], 0
    for length in lengths:
        around = np.arange(start, start + length)[:, None] + np.arange(taps) - left
        inside = (around >= start) & (around < start + length)
        around = np.where(inside, around, start)
        parts = codes[around], scale[around] * inside[..., None], low[around] * inside[..., None]
        rows.append(multiply(w, *(part.reshape(length, 2 * taps, *part.shape[3:]) for part in parts)))
        start += length
    return np.concatenate(rows)


def _tail(reader: Reader, sums: FloatArray, roots: FloatArray) -> FloatArray:
    mean = _pass(reader.linear(512, 64, 20), sums) + roots * reader.array("f4", 512)
    first = np.maximum(_fine_pass(reader, 320, mean), 0)
    second = _fine_pass(reader, 320, first)
    second = np.maximum(second + _fine_pass(reader, 320, mean), 0)
    third = np.maximum(_fine_pass(reader, 512, second), 0)
    out = _fine_pass(reader, 512, second)
    out = np.tanh(out + _fine_pass(reader, 512, third))
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), np.float32)


def _fine_pass(reader: Reader, columns: int, x: FloatArray) -> FloatArray:
    """Weights as a sum of two matrices."""
    most, rest = (reader.linear(columns, 64, x.shape[1] // 64) for _ in range(2))
    return _pass(most, x) + _pass(rest, x)
