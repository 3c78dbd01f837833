"""The vectors of a store in memory: what a process that searches again and again gets instead of the file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from firth.errors import FirthError
from firth.kernel.products import BUILT
from firth.stores.block import EXACT, Block

__all__ = ["EXACT", "Block", "Blocks", "Source", "largest"]

MEMORY = 256 * 2**20
SHARE = 8
"""The vectors in memory may take this part of the machine's, and 256 MB in any case."""


def largest() -> int:
    """Bytes of vectors that are kept at most, of one named vector."""
    try:
        return max(MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // SHARE)
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        return MEMORY


@dataclass(frozen=True)
class Source:
    """Where a block comes from: how its rows are read, and which version is there now."""

    read: Callable[[], Iterator[pa.Table]]
    version: Callable[[], int]


class Blocks:
    """The blocks of a store, by named vector; one is made at the second search of a version."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}
        self._kept: dict[str, tuple[int, Block]] = {}
        self._making: set[str] = set()

    def get(self, column: str, version: int) -> Block | None:
        """The block of this version, if it has been made."""
        kept = self._kept.get(column)
        return kept[1] if kept and kept[0] == version else None

    def wanted(self, column: str, version: int) -> bool:
        """Whether this version is searched for the second time."""
        again = self._asked.get(column) == version
        self._asked[column] = version
        return again

    def make(self, column: str, version: int, source: Source) -> Block | None:
        """Make and keep a block of what is read; None if there is nothing, or another version by now."""
        batches = list(source.read())
        if not batches or source.version() != version:
            return None
        block = Block.of(batches, column)
        self._kept[column] = (version, block)
        return block

    def make_aside(self, column: str, version: int, source: Source) -> None:
        """Make a large block in a thread of its own; searches go another way until it is there."""
        if column in self._making or not BUILT:
            return
        self._making.add(column)

        def work() -> None:
            try:
                batches = list(_while_alive(source.read()))
                if batches and source.version() == version and threading.main_thread().is_alive():
                    self._kept[column] = (version, Block.of(batches, column, coded=True))
            except FirthError:
                pass  # searches go the other way, and say what is wrong if that is wrong too
            finally:
                self._making.discard(column)

        threading.Thread(target=work, name=f"firth-block-{column}").start()


def _while_alive(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Batches until the program wants to end."""
    for batch in batches:
        if not threading.main_thread().is_alive():
            return
        yield batch
