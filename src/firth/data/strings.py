"""Many strings in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

__all__ = ["Strings"]

_CODEC = "utf-8", "surrogatepass"


class Strings(Sequence[str]):
    """A sequence of strings that takes their bytes and 8 more for each, a fifth of what a tuple of them takes.

    It is equal to any tuple or list of the same strings, and grows only at its end.

    >>> ids = Strings(["apple", "蘋果"])
    >>> ids.extend(["pear"])
    >>> ids, ids[1], ids[-1:], len(ids), ids == ("apple", "蘋果", "pear")
    (Strings(['apple', '蘋果', 'pear']), '蘋果', ('pear',), 3, True)
    """

    def __init__(self, strings: Iterable[str] = ()) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self.extend(strings)

    def extend(self, strings: Iterable[str]) -> None:
        """Put further strings at the end."""
        for string in strings:
            self._bytes += string.encode(*_CODEC)
            self._ends.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...

    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        if isinstance(at, slice):
            return tuple(self[place] for place in range(*at.indices(len(self))))
        place = range(len(self))[at]
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode(*_CODEC)

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Strings | tuple | list):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        more = f" and {len(self) - 20:,} more" if len(self) > 20 else ""
        return f"Strings({list(islice(self, 20))}{more})"
