"""Arrays on the wire: the layout of safetensors, read by eight lines of JavaScript; coordinates as whole numbers.

A length of 8 bytes, a JSON header, then the buffers one after the other (github.com/huggingface/safetensors). The
header is padded, and each buffer too, so that all of them begin at a multiple of four.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.types import FloatArray

__all__ = ["Grid", "grid_of", "packed", "smallest"]

DTYPES = {"|u1": "U8", "<u2": "U16", "<u4": "U32", "<f4": "F32"}
ALIGNED = 4
STEPS = 65_535
FEW = 20_000
"""Up to so many items, coordinates are sent as they are."""


def packed(arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> bytes:
    r"""Arrays by name, with plain data beside them.

    >>> content = packed({"a": np.array([1, 2], np.uint8)}, {"名": "蘋果"})
    >>> length = struct.unpack("<Q", content[:8])[0]
    >>> header = json.loads(content[8 : 8 + length])
    >>> header["a"], json.loads(header["__metadata__"]["firth"]), content[8 + length :][:2]
    ({'dtype': 'U8', 'shape': [2], 'data_offsets': [0, 2]}, {'名': '蘋果'}, b'\x01\x02')
    """
    header: dict[str, Any] = {"__metadata__": {"firth": json.dumps(meta, ensure_ascii=False)}}
    parts, place = [], 0
    for name, array in arrays.items():
        content = np.ascontiguousarray(array).tobytes()
        end = place + len(content)
        header[name] = {
            "dtype": DTYPES[array.dtype.newbyteorder("<").str],
            "shape": list(array.shape),
            "data_offsets": [place, end],
        }
        padding = -end % ALIGNED
        parts += [content, b"\0" * padding]
        place = end + padding
    told = json.dumps(header, ensure_ascii=False).encode()
    told += b" " * (-len(told) % 8)
    return b"".join([struct.pack("<Q", len(told)), told, *parts])


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Whole numbers for coordinates: code ``c`` on axis ``j`` is ``lo[j] + c * step[j]``; one step for all axes."""

    lo: FloatArray
    step: float

    def codes(self, positions: FloatArray) -> npt.NDArray[np.uint16]:
        """The nearest codes of positions ``(n, dim)``."""
        found = np.rint((positions - self.lo) / np.float32(self.step))
        return np.asarray(np.clip(found, 0, STEPS), np.uint16)

    def told(self) -> dict[str, Any]:
        """For the page."""
        return {"lo": [float(value) for value in self.lo], "step": [self.step] * len(self.lo)}

    def sent(self, positions: FloatArray) -> npt.NDArray[Any]:
        """Positions as they go on the wire: as they are, or, of many items, as codes."""
        return positions if len(positions) <= FEW else self.codes(positions)


def grid_of(positions: FloatArray) -> Grid:
    """The finest grid that holds positions ``(n, dim)``, n > 0."""
    lo = positions.min(0)
    width = float((positions.max(0) - lo).max())
    return Grid(lo, max(width, 1e-9) / STEPS)


def smallest(codes: npt.ArrayLike) -> npt.NDArray[Any]:
    """Whole numbers in the smallest type that holds them all."""
    array = np.asarray(codes)
    return array.astype(np.min_scalar_type(int(array.max(initial=0))), copy=False)
