"""Has this id come before, and where? Remembered in some 10 to 40 bytes an id, however long the ids are."""

from __future__ import annotations

from array import array

__all__ = ["FirstSeen", "Seen"]

ROW_BITS = 40


class Seen:
    """A set of ids that can be asked but not listed: an open-addressing hash table of 64-bit hashes.

    A set of the ids themselves takes ten times as much. Two different ids share a hash with a chance of about
    n^2 / 2^65: 3 in 100 million for a million ids. The second one would be reported as skipped.

    >>> seen = Seen()
    >>> seen.add("apple"), seen.add("蘋果"), seen.add("apple")
    (True, True, False)
    >>> "蘋果" in seen, "pear" in seen, len(seen)
    (True, False, 2)
    """

    def __init__(self) -> None:
        self._count = 0
        self._hashes = _numbers(1024)

    def add(self, key: str) -> bool:
        """Remember an id; says whether it is new."""
        return self._take(key)[1]

    def __contains__(self, key: object) -> bool:
        return self._hashes[self._slot(_digest(key))] != 0

    def __len__(self) -> int:
        return self._count

    def _take(self, key: str) -> tuple[int, bool]:
        """The slot of an id, its own from now on, and whether the id is new."""
        if (self._count + 1) * 4 > len(self._hashes) * 3:
            self._grow()
        digest = _digest(key)
        slot = self._slot(digest)
        new = not self._hashes[slot]
        self._hashes[slot] = digest
        self._count += new
        return slot, new

    def _slot(self, digest: int) -> int:
        hashes, mask = self._hashes, len(self._hashes) - 1
        slot = digest & mask
        while hashes[slot] and hashes[slot] != digest:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        before = self._hashes
        self._hashes = _numbers(2 * len(before))
        for digest in before:
            if digest:
                self._hashes[self._slot(digest)] = digest


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
        self._places = _numbers(len(self._hashes))

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
        slot, new = self._take(key)
        if not new:
            return self._words(self._places[slot])
        self._places[slot] = (len(self._names) - 1) << ROW_BITS | row
        return None

    def _words(self, place: int) -> str:
        number, row = place >> ROW_BITS, place & ((1 << ROW_BITS) - 1)
        name = self._names[number]
        if not row:
            return name
        return f"{self.unit} {row}" if name == self._names[-1] else f"{name} {self.unit} {row}"

    def _grow(self) -> None:
        hashes, places = self._hashes, self._places
        super()._grow()
        self._places = _numbers(len(self._hashes))
        for digest, place in zip(hashes, places, strict=True):
            if digest:
                self._places[self._slot(digest)] = place


def _digest(key: object) -> int:
    return (hash(key) & 0xFFFF_FFFF_FFFF_FFFF) or 1  # 0 marks a free slot


def _numbers(size: int) -> array[int]:
    return array("Q", bytes(8 * size))
