"""Memory that maintenance has used and freed goes back to the system, not to the next maintenance."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

__all__ = ["give_back"]


def give_back() -> None:
    """Return what is free: glibc keeps pages between what is still used, Arrow's pool what it may need again."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:  # else another C library
        trim(0)
