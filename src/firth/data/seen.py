"""Has this id come before, and where? Remembered in 8 bytes an id, or 16 with its place, however long the ids are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["FirstSeen", "Seen"]

ROW_BITS = 40
RECENT = 4096
"""So many hashes, or a thirty-second of all, wait in a dict until they are sorted in among the others."""

Numbers = npt.NDArray[np.uint64]


class Seen:
    """A set of ids that can be asked but not listed: sorted 64-bit hashes.

    A set of the ids themselves takes ten times as much. Two different ids share a hash with a chance of about
    n^2 / 2^65: 3 in 100 million for a million ids. The second one would be reported as skipped.

    >>> seen = Seen()
    >>> seen.add("apple"), seen.add("蘋果"), seen.add("apple")
    (True, True, False)
    >>> "蘋果" in seen, "pear" in seen, len(seen)
    (True, False, 2)
    """

    def __init__(self) -> None:
        self._hashes: Numbers = np.empty(0, np.uint64)
        self._recent: dict[int, int] = {}

    def add(self, key: str) -> bool:
        """Remember an id; says whether it is new."""
        new = key not in self
        if new:
            self._keep(key, 0)
        return new

    def __contains__(self, key: object) -> bool:
        digest = _digest(key)
        return digest in self._recent or self._place(digest) is not None

    def __len__(self) -> int:
        return len(self._hashes) + len(self._recent)

    def _place(self, digest: int) -> int | None:
        """Where a hash is among the sorted ones."""
        place = int(self._hashes.searchsorted(np.uint64(digest)))
        there = place < len(self._hashes) and int(self._hashes[place]) == digest
        return place if there else None

    def _keep(self, key: str, value: int) -> None:
        self._recent[_digest(key)] = value
        if len(self._recent) >= max(RECENT, len(self._hashes) // 32):
            new = np.array(sorted(self._recent), np.uint64)
            self._sort_in(new, self._hashes.searchsorted(new))
            self._recent.clear()

    def _sort_in(self, new: Numbers, places: npt.NDArray[np.intp]) -> None:
        """Put the recent hashes, in ascending order, to their places."""
        self._hashes = np.insert(self._hashes, places, new)


class FirstSeen(Seen):
    """The first place of every key, packed beside its hash.

    >>> seen = FirstSeen()
    >>> seen.see("12", name="books.csv", row=3), seen.see("書", name="books.csv", row=4)
    (None, None)
    >>> seen.see("12", name="books.csv", row=40), seen.see("書", name="more.csv", row=1)
    ('row 3', 'books.csv row 4')
    """

    def __init__(self, unit: str = "row") -> None:
        super().__init__()
        self.unit = unit
        self._names: list[str] = []
        self._first: Numbers = np.empty(0, np.uint64)

    def see(self, key: str, *, name: str, row: int = 0) -> str | None:
        """Remember a key at its first place.

        Args:
            key: The id.
            name: The file or table; calls for one name come one after the other.
            row: The row in it, from 1; 0 where the file itself is the item.

        Returns:
            None for a new key, else the words for where it came first.
        """
        if not self._names or self._names[-1] != name:
            self._names.append(name)
        digest = _digest(key)
        if digest in self._recent:
            return self._words(self._recent[digest])
        place = self._place(digest)
        if place is not None:
            return self._words(int(self._first[place]))
        self._keep(key, (len(self._names) - 1) << ROW_BITS | row)
        return None

    def _words(self, place: int) -> str:
        number, row = place >> ROW_BITS, place & ((1 << ROW_BITS) - 1)
        name = self._names[number]
        if not row:
            return name
        return f"{self.unit} {row}" if name == self._names[-1] else f"{name} {self.unit} {row}"

    def _sort_in(self, new: Numbers, places: npt.NDArray[np.intp]) -> None:
        super()._sort_in(new, places)
        first = np.array([self._recent[digest] for digest in new.tolist()], np.uint64)
        self._first = np.insert(self._first, places, first)


def _digest(key: object) -> int:
    return hash(key) & 0xFFFF_FFFF_FFFF_FFFF
