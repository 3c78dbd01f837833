"""Weights as the encoders' kernel reads them: int8 with scales, in panels of 64 columns.

Packed once, they lie in a file that is mapped into memory: processes share it, and nothing is read before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.kernel.paths import ALIGNMENT
from firth.places import cached_file
from firth.types import FloatArray

__all__ = ["LARGEST", "LAYOUT", "PANEL", "join", "mapped", "pack_linear", "quantize_weights"]

LAYOUT = "int8-2"
"""Ends the names of files of packed weights; the number grows when their layout changes."""
PANEL = 64
LARGEST = 127
"""The largest code of a weight; -128 is left out, so that every path computes the same."""


_making = Lock()
"""A server's threads may all come with their first text at once."""


def mapped(name: str, size: int, make: Callable[[], bytes]) -> npt.NDArray[np.uint8]:
    """A file of the cache, mapped into memory; made if it is not there, and made again if its size is not `size`."""
    with _making:
        path = cached_file(name, make)
        if path.stat().st_size != size:
            path.unlink()
            path = cached_file(name, make)
    return np.memmap(path, np.uint8, "r")


def quantize_weights(weights: FloatArray, *, depth: int) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """A matrix ``(k, n)`` as codes ``(g, depth, n)`` and scales ``(g, n)``, g = k / depth: weights ~ codes * scales."""
    groups = weights.reshape(-1, depth, weights.shape[1])
    largest = np.abs(groups).max(1)
    scales = np.where(largest > 0, largest / LARGEST, 1).astype(np.float32)
    return np.rint(groups / scales[:, None]).astype(np.int8), scales


def pack_linear(weights: FloatArray, bias: FloatArray, *, depth: int) -> Iterator[npt.NDArray[Any]]:
    """The arrays of one product, in the order of the kernel's ``Linear``.

    Args:
        weights: ``(k, n)``, n a multiple of 64.
        bias: ``(n,)``.
        depth: How many of the k inputs share a scale, a multiple of 64 that divides k.
    """
    codes, scales = quantize_weights(weights, depth=depth)
    k, n = weights.shape
    yield codes.reshape(k // 4, 4, n // PANEL, PANEL).transpose(2, 0, 3, 1)
    yield scales
    yield bias.astype(np.float32)
    yield codes.sum(1, dtype=np.int32)


def join(arrays: Iterator[npt.NDArray[Any]]) -> bytes:
    """Arrays one after another, each begun at a multiple of 64 bytes."""
    parts = []
    for array in arrays:
        part = array.tobytes()
        parts += [part, bytes(-len(part) % ALIGNMENT)]
    return b"".join(parts)
