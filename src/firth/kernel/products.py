"""Products of one vector with many, at the speed at which memory hands them over."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from firth.kernel.threads import parts
from firth.types import FloatArray

__all__ = ["BUILT", "products"]

BUILT = find_spec("firth.kernel._scan") is not None
"""Whether the kernel is there; numpy does the work where it is not."""
ROWS_A_THREAD = 5_000


def products(
    vectors: FloatArray, query: FloatArray, places: npt.NDArray[np.int64] | None = None
) -> FloatArray:
    """The dot product of a query with every vector, or with those at some places.

    Args:
        vectors: ``(n, d)`` float32, contiguous.
        query: ``(d,)``.
        places: ``(m,)`` rows of ``vectors``.

    Returns:
        ``(n,)`` or ``(m,)`` float32.

    >>> products(np.eye(3, dtype=np.float32), np.array([1, 2, 3], np.float32), np.array([2, 0])).tolist()
    [3.0, 1.0]
    """
    if not BUILT:
        return np.asarray((vectors if places is None else vectors[places]) @ query)
    from firth.kernel import _scan  # type: ignore[attr-defined]

    query = np.ascontiguousarray(query, np.float32)
    count = len(vectors) if places is None else len(places)
    out = np.empty(count, np.float32)

    def work(start: int, end: int) -> None:
        if places is None:
            _scan.dots(vectors[start:end], query, None, out[start:end])
        else:
            _scan.dots(vectors, query, places[start:end], out[start:end])

    parts(count, work, least=ROWS_A_THREAD)
    return out
