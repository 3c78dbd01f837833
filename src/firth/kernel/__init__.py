"""Small kernels in C for the loops where firth spends its time; every one has a readable twin in numpy.

They are built when firth is installed. Where no compiler was at hand they are missing, and what would call them goes
the slower way with the same results within the tolerance it states: `missing` says which.
"""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["KERNELS", "missing"]

KERNELS = ("_words", "_scan", "_pieces", "_encode")


def missing() -> tuple[str, ...]:
    """The kernels that were not built here."""
    return tuple(name for name in KERNELS if find_spec(f"firth.kernel.{name}") is None)
