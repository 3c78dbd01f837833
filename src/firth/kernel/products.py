"""Products of vectors, at the speed at which memory hands them over: one query with many, many with many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from firth.kernel.threads import parts
from firth.types import FloatArray

__all__ = ["BUILT", "Candidates", "Places", "best_of_parts", "best_products", "products"]

BUILT = find_spec("firth.kernel._scan") is not None
"""Whether the kernel is there; numpy does the work where it is not."""
BYTES_A_THREAD = 4 * 2**20
"""What one core reads in twice the time that waking another takes."""
PANEL = 32
"""Queries that are multiplied side by side."""

Places = npt.NDArray[np.int64]
Kernel = Callable[[npt.NDArray[np.float32], Places, FloatArray, Places, int, int], None]


@dataclass(frozen=True)
class Candidates:
    """What a kernel found for one query, in no order.

    Attributes:
        places: ``(m,)`` which vectors.
        scores: ``(m,)`` float32.
        rest: No vector that is not among them has a higher score.
    """

    places: Places
    scores: FloatArray
    rest: float


def products(vectors: FloatArray, query: FloatArray, places: Places | None = None) -> FloatArray:
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

    parts(count, work, least=_rows_a_thread(vectors))
    return out


def best_products(
    vectors: FloatArray,
    queries: FloatArray,
    count: int,
    *,
    lengths: FloatArray,
    chosen: npt.NDArray[np.uint8] | None = None,
) -> list[Candidates]:
    """For each query the vectors of the largest products divided by their lengths; the kernel must be there.

    Args:
        vectors: ``(n, d)`` float32, contiguous.
        queries: ``(m, d)``.
        count: At least how many are found, if so many are chosen.
        lengths: ``(n,)``; a vector with length 0 is never found.
        chosen: Bits of ``n`` vectors, the lowest of a byte first: which may be found; None for all.
    """
    from firth.kernel import _scan  # type: ignore[attr-defined]

    many, d = queries.shape
    panels = np.zeros((-(-many // PANEL), PANEL, d), np.float32)
    panels.reshape(-1, d)[:many] = queries
    panels = np.ascontiguousarray(panels.transpose(0, 2, 1))

    def kernel(
        leasts: FloatArray, places: Places, scores: FloatArray, found: Places, start: int, end: int
    ) -> None:
        _scan.best(vectors, lengths, chosen, panels, leasts, places, scores, found, start, end)

    leasts = np.full(many, np.finfo(np.float32).min, np.float32)
    return best_of_parts(
        len(vectors), kernel, leasts=leasts, count=count, least=_rows_a_thread(vectors) // many + 1
    )


def _rows_a_thread(vectors: FloatArray) -> int:
    bytes_a_row = max(1, 4 * int(vectors.shape[1]))
    return BYTES_A_THREAD // bytes_a_row


def best_of_parts(
    pieces: int, kernel: Kernel, *, leasts: FloatArray, count: int, least: int
) -> list[Candidates]:
    """Divide pieces among threads, each with room for ``count`` of every query, and put together what they find.

    Args:
        pieces: What is divided.
        kernel: Called with leasts, places, scores, found, start and end; fills the three in the middle.
        leasts: ``(m,)`` the scores above which is looked, one a query.
        count: How many each thread finds of a query at most.
        least: Pieces below which another thread is not worth its while.
    """

    def work(start: int, end: int) -> tuple[Places, FloatArray]:
        places, scores = np.empty((len(leasts), count), np.int64), np.empty((len(leasts), count), np.float32)
        found = np.empty(len(leasts), np.int64)
        kernel(leasts, places, scores, found, start, end)
        for query in np.flatnonzero(found < count):  # nothing was left out, but what is not above the least
            scores[query, found[query] :] = np.nan
        return places, scores

    done = parts(pieces, work, least=least)
    places, scores = (np.concatenate(some, axis=1) for some in zip(*done, strict=True))
    full = [np.where(np.isnan(some[:, -1]), leasts, some.min(axis=1)) for _, some in done]
    rests = np.maximum(leasts, np.max(full, axis=0)).tolist()
    there = ~np.isnan(scores)
    return [Candidates(p[t], s[t], rest) for p, s, t, rest in zip(places, scores, there, rests, strict=True)]
