"""Which ids have come: remembered in some 10 to 20 bytes each, however long they are."""

from __future__ import annotations

from array import array

__all__ = ["Seen"]


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
        self._hashes = array("Q", bytes(8 * 1024))

    def add(self, key: str) -> bool:
        """Remember an id; says whether it is new."""
        slot, digest = self._find(key)
        if self._hashes[slot]:
            return False
        self._hashes[slot] = digest
        self._count += 1
        if self._count * 4 > len(self._hashes) * 3:
            self._grow()
        return True

    def __contains__(self, key: object) -> bool:
        slot, _ = self._find(key)
        return self._hashes[slot] != 0

    def __len__(self) -> int:
        return self._count

    def _find(self, key: object) -> tuple[int, int]:
        """The slot of an id, or the free one where it belongs, and its hash."""
        digest = (hash(key) & 0xFFFF_FFFF_FFFF_FFFF) or 1  # 0 marks a free slot
        return self._slot(digest), digest

    def _slot(self, digest: int) -> int:
        hashes, mask = self._hashes, len(self._hashes) - 1
        slot = digest & mask
        while hashes[slot] and hashes[slot] != digest:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        before = self._hashes
        self._hashes = array("Q", bytes(2 * 8 * len(before)))
        for digest in before:
            if digest:
                self._hashes[self._slot(digest)] = digest
