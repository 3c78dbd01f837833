"""The head and the text adapter while they learn: forward, and backward by hand.

The same functions as in `firth.encoders.heads`, with two differences that make one learning rate fit all arrays: what
comes out is measured in units of the captions' own spread about their mean, and features may be dropped. `exported`
gives the arrays that `firth.encoders.heads` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from firth.types import FloatArray

__all__ = [
    "Frame",
    "Pass",
    "adapter_backward",
    "adapter_forward",
    "exported",
    "head_backward",
    "head_forward",
]

Arrays = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stays as it is while a head learns.

    Attributes:
        center: The features' mean, ``(1280,)``.
        scale: Their standard deviation, ``(1280,)``.
        origin: The captions' mean, ``(d,)``.
        spread: The standard deviation of a caption's coordinate about it.
    """

    center: FloatArray
    scale: FloatArray
    origin: FloatArray
    spread: float

    def standardized(self, features: FloatArray) -> FloatArray:
        """Features ``(..., 1280)`` with mean 0 and deviation 1."""
        return np.asarray((np.asarray(features, np.float32) - self.center) / self.scale)


@dataclass(frozen=True, slots=True)
class Pass:
    """What a forward pass leaves for the way back: vectors (b, d), their lengths (b, 1), and what went in."""

    vectors: FloatArray
    length: FloatArray
    z: FloatArray
    names: FloatArray
    hidden: FloatArray | None = None


def head_forward(arrays: Arrays, frame: Frame, z: FloatArray, names: FloatArray) -> Pass:
    """Pictures to vectors.

    Args:
        arrays: ``w b names``, and ``hidden.w hidden.b hidden.out`` where there is a hidden layer.
        frame: What does not learn.
        z: Standardized features, ``(b, 1280)``.
        names: Mixtures of class names, ``(b, d)``.
    """
    hidden = _hidden(arrays, z)
    moved = head_moved(arrays, z, hidden)
    return _to_unit(frame.origin + frame.spread * moved + arrays["names"] * names, z, names, hidden)


def head_moved(arrays: Arrays, z: FloatArray, hidden: FloatArray | None = None) -> FloatArray:
    """Where the head moves pictures from the captions' mean, in units of the captions' spread, ``(b, d)``."""
    hidden = _hidden(arrays, z) if hidden is None else hidden
    moved = z @ arrays["w"] + arrays["b"]
    return np.asarray(moved if hidden is None else moved + hidden @ arrays["hidden.out"])


def _hidden(arrays: Arrays, z: FloatArray) -> FloatArray | None:
    if "hidden.w" not in arrays:
        return None
    return np.asarray(np.maximum(z @ arrays["hidden.w"] + arrays["hidden.b"], 0))


def head_backward(arrays: Arrays, frame: Frame, done: Pass, gradient: FloatArray) -> dict[str, FloatArray]:
    """The gradient by the arrays, from that by the vectors, ``(b, d)``."""
    by_sum = _before_unit(done, gradient)
    by_moved = frame.spread * by_sum
    found = {"w": done.z.T @ by_moved, "b": by_moved.sum(0)}
    found["names"] = np.array([(by_sum * done.names).sum()], np.float32)
    if done.hidden is not None:
        by_hidden = (by_moved @ arrays["hidden.out"].T) * (done.hidden > 0)
        found["hidden.out"] = done.hidden.T @ by_moved
        found["hidden.w"], found["hidden.b"] = done.z.T @ by_hidden, by_hidden.sum(0)
    return found


def adapter_forward(arrays: Arrays, frame: Frame, texts: FloatArray) -> Pass:
    """Captions ``(b, d)`` through the adapter; as they are where there is none."""
    if "text.w" not in arrays:
        return Pass(texts, np.ones((len(texts), 1), np.float32), texts, texts)
    moved = (texts - frame.origin) @ arrays["text.w"] + frame.spread * arrays["text.b"]
    return _to_unit(texts + moved, texts - frame.origin, texts, None)


def adapter_backward(arrays: Arrays, frame: Frame, done: Pass, gradient: FloatArray) -> dict[str, FloatArray]:
    """The gradient by the adapter's arrays; empty where there is none."""
    if "text.w" not in arrays:
        return {}
    by_sum = _before_unit(done, gradient)
    return {"text.w": done.z.T @ by_sum, "text.b": frame.spread * by_sum.sum(0)}


def _to_unit(raw: FloatArray, z: FloatArray, names: FloatArray, hidden: FloatArray | None) -> Pass:
    length = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), np.float32(1e-12))
    return Pass(raw / length, length, z, names, hidden)


def _before_unit(done: Pass, gradient: FloatArray) -> FloatArray:
    """Of v = u / |u|: the part of the gradient along v does nothing."""
    along = (gradient * done.vectors).sum(1, keepdims=True)
    return np.asarray((gradient - along * done.vectors) / done.length)


def exported(arrays: Arrays, frame: Frame, shift: FloatArray) -> dict[str, FloatArray]:
    """The arrays as `firth.encoders.heads` takes them, the spread multiplied in."""
    spread = np.float32(frame.spread)
    found = {"center": frame.center, "scale": frame.scale, "shift": shift, "names": arrays["names"]}
    found |= {"w": spread * arrays["w"], "b": frame.origin + spread * arrays["b"]}
    if "hidden.w" in arrays:
        found |= {name: arrays[name] for name in ("hidden.w", "hidden.b")}
        found["hidden.out"] = spread * arrays["hidden.out"]
    if "text.w" in arrays:
        found |= {
            "text.center": frame.origin,
            "text.w": arrays["text.w"],
            "text.b": spread * arrays["text.b"],
        }
    return {name: np.asarray(array, np.float32) for name, array in found.items()}
