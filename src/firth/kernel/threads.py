"""Threads for kernels: they let go of Python's lock, so that parts of one job run side by side."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

__all__ = ["cores", "parts"]

Part = TypeVar("Part")


@cache
def cores() -> int:
    """How many threads to use: ``FIRTH_THREADS``, else the cores this process may run on."""
    if setting := os.environ.get("FIRTH_THREADS"):
        return max(1, int(setting))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores(), thread_name_prefix="firth-kernel")


def parts(count: int, work: Callable[[int, int], Part], *, least: int = 1) -> list[Part]:
    """Divide ``count`` pieces among threads and call ``work(start, end)`` for each, the results in order.

    Args:
        count: How many pieces.
        work: What is done with the pieces from ``start`` to ``end``; it must let go of Python's lock.
        least: Pieces below which another thread is not worth its while.

    >>> parts(10, lambda start, end: end - start) and sum(parts(10, lambda start, end: end - start))
    10
    """
    threads = max(1, min(cores(), count // least))
    bounds = [count * i // threads for i in range(threads + 1)]
    if threads == 1:
        return [work(0, count)]
    return list(_pool().map(work, bounds[:-1], bounds[1:]))
