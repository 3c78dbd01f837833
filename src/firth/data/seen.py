"""Has this id come before, and where? Remembered in some 20 to 40 bytes an id, however long the ids are."""

from __future__ import annotations

from array import array

__all__ = ["FirstSeen"]

ROW_BITS = 40


class FirstSeen:
    """The first place of every key: an open-addressing hash table of 64-bit hashes and packed places.

    A dict of the ids themselves takes five to ten times as much. Two different keys share a hash with a
    chance of about n^2 / 2^65: 3 in a million for ten million ids.

    >>> seen = FirstSeen()
    >>> seen.see("12", name="books.csv", row=3), seen.see("書", name="books.csv", row=4)
    (None, None)
    >>> seen.see("12", name="books.csv", row=40), seen.see("書", name="more.csv", row=1)
    ('row 3', 'books.csv row 4')
    """

    def __init__(self, unit: str = "row") -> None:
        self.unit = unit
        self._names: list[str] = []
        self._count = 0
        self._allocate(1024)

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
        digest = (hash(key) & 0xFFFF_FFFF_FFFF_FFFF) or 1  # 0 marks a free slot
        slot = self._slot(digest)
        if self._hashes[slot]:
            return self._words(self._places[slot])
        self._hashes[slot] = digest
        self._places[slot] = (len(self._names) - 1) << ROW_BITS | row
        self._count += 1
        if self._count * 4 > len(self._hashes) * 3:
            self._grow()
        return None

    def _words(self, place: int) -> str:
        number, row = place >> ROW_BITS, place & ((1 << ROW_BITS) - 1)
        name = self._names[number]
        if not row:
            return name
        return f"{self.unit} {row}" if name == self._names[-1] else f"{name} {self.unit} {row}"

    def _slot(self, digest: int) -> int:
        mask = len(self._hashes) - 1
        slot = digest & mask
        while self._hashes[slot] and self._hashes[slot] != digest:
            slot = (slot + 1) & mask
        return slot

    def _allocate(self, size: int) -> None:
        self._hashes = array("Q", bytes(8 * size))
        self._places = array("Q", bytes(8 * size))

    def _grow(self) -> None:
        hashes, places = self._hashes, self._places
        self._allocate(2 * len(hashes))
        for digest, place in zip(hashes, places, strict=True):
            if digest:
                slot = self._slot(digest)
                self._hashes[slot], self._places[slot] = digest, place
