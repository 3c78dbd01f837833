"""Which of the encoders' kernels is used: the fastest that this processor can run, or the one that is asked for."""

from __future__ import annotations

import os
import threading
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.errors import UnknownNameError

__all__ = ["ALIGNMENT", "OFF", "Scratch", "aligned", "best_path", "in_words", "kernel_paths"]

SETTING = "FIRTH_KERNEL"
OFF = "off"
PLAIN = "plain"
ALIGNMENT = 64


def kernel_paths() -> tuple[str, ...]:
    """The ways of computing that this processor can take, the fastest first; none where the kernel is missing."""
    try:
        return tuple(import_module("firth.kernel._encode").paths())
    except ImportError:
        return ()


def best_path() -> str | None:
    """The way that encoders take: ``FIRTH_KERNEL`` if it is set, else the fastest; None for "without the kernel".

    Plain C must be asked for: where a processor can do nothing better, ONNX Runtime is faster.

    Raises:
        UnknownNameError: ``FIRTH_KERNEL`` names a way that this processor cannot take.
    """
    known, asked = kernel_paths(), os.environ.get(SETTING, "")
    if asked == OFF or (not asked and known in {(), (PLAIN,)}):
        return None
    if asked and asked not in known:
        raise UnknownNameError(f"got {SETTING}={asked}; expected one of {', '.join([*known, OFF])}")
    return asked or known[0]


class Scratch(threading.local):
    """Room that a kernel works in: each thread has its own and keeps it."""

    def __init__(self) -> None:
        self._bytes: npt.NDArray[np.uint8] = aligned(0)

    def of(self, size: int) -> npt.NDArray[np.uint8]:
        """At least so many bytes, with anything in them."""
        if len(self._bytes) < size:
            self._bytes = aligned(size + size // 4)
        return self._bytes


def aligned(size: int) -> npt.NDArray[np.uint8]:
    """So many bytes, from an address on that the kernels' widest registers like."""
    array: npt.NDArray[Any] = np.empty(size + ALIGNMENT, np.uint8)
    start = -array.ctypes.data % ALIGNMENT
    return array[start : start + size]


def in_words() -> str:
    """One line on which kernel encodes, for a person."""
    path = best_path()
    if path:
        return f"kernel: {path}"
    if os.environ.get(SETTING) == OFF:
        return f"kernel: off ({SETTING}={OFF}); ONNX Runtime encodes in its place"
    why = "none for this processor" if kernel_paths() else "not built here"
    return f"kernel: {why}; ONNX Runtime encodes in its place, with the same vectors, a few times slower"
