"""What answers need: the collection as it is now, its items by number, and what was read once and may be needed again.

Items go by number on the page: they are counted in order of their ids when the server starts, newer ones after them,
and a number is never given twice, so that a selection survives every change of map and of collection.
"""

from __future__ import annotations

import secrets
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from pathlib import PurePath
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from firth.collection import Collection
from firth.errors import UnknownNameError
from firth.mapping import SAVED, Kept, Roll, Shelf, States, is_fresh, roll_of, space_material
from firth.maps import Material
from firth.notes import corpus
from firth.places import shown
from firth.search import Corpus

__all__ = ["Desk", "Memory", "Numbers", "called"]

T = TypeVar("T")
MATERIALS = 3
PICTURES = 32
PACKED = 64
THUMBS = 5000


def called(location: str) -> str:
    """A collection's short name for a page: of a folder its own, of an address that of the collection.

    >>> called("./photos/圖書"), called("postgresql://me:secret@example.org/firth?collection=books"), called("books")
    ('圖書', 'books', 'books')
    """
    place, _, options = shown(location).partition("?")
    return options.removeprefix("collection=") or PurePath(place).name or place


class Numbers:
    """The numbers of items, by id and back."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._of: dict[str, int] = {}
        self._gone: set[int] = set()

    def update(self, ids: Sequence[str]) -> None:
        """Take note of exactly these items."""
        for id in sorted(set(ids) - self._of.keys()):
            self._of[id] = len(self.ids)
            self.ids.append(id)
        here = set(ids)
        self._gone = {number for number, id in enumerate(self.ids) if id not in here}

    def of(self, ids: Sequence[str]) -> npt.NDArray[np.uint32]:
        """The numbers of ids, all of which have been seen."""
        return np.array([self._of[id] for id in ids], np.uint32)

    def has(self, id: str) -> bool:
        """Whether the id was ever seen."""
        return id in self._of

    def id(self, number: int) -> str:
        """The id of a number.

        Raises:
            UnknownNameError: No item has it, or no longer.
        """
        if not 0 <= number < len(self.ids) or number in self._gone:
            raise UnknownNameError(f"no item has the number {number}. Next: load the page again")
        return self.ids[number]

    def there(self, numbers: Sequence[int]) -> list[str]:
        """The ids of those numbers that are there."""
        return [self.ids[n] for n in numbers if 0 <= n < len(self.ids) and n not in self._gone]


class Memory:
    """What was made a short while ago, the latest of it; safe for threads, which may make a thing twice at worst."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """A thing by its key; made where it is not there."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return cast(T, self._held[key])
        made = make()
        self.put(key, made)
        return made

    def put(self, key: Hashable, value: Any) -> None:
        """Remember a thing."""
        with self._lock:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def find(self, key: Hashable) -> Any:
        """A thing by its key; None where it is not there."""
        with self._lock:
            return self._held.get(key)


class Desk:
    """One collection, as the server shows it.

    Args:
        collection: The collection.
        name: What it is called on the page.
    """

    def __init__(self, collection: Collection, *, name: str = "") -> None:
        self.collection = collection
        self.name = name or called(collection.location)
        self.session = secrets.token_hex(4)
        self.shelf = Shelf(collection.location)
        self.states = States(collection.location)
        self.numbers = Numbers()
        self.pictures = Memory(PICTURES)
        self.compared = Memory(8)
        self.packed = Memory(PACKED)
        self.thumbs = Memory(THUMBS)
        self._materials = Memory(MATERIALS)
        self._rolls = Memory(16)
        self._lock = threading.RLock()
        self._seen: tuple[int, Corpus] | None = None

    def corpus(self) -> Corpus:
        """The collection as it is now."""
        with self._lock:
            version = self.collection.store.version()
            if self._seen is None or self._seen[0] != version:
                found = corpus(self.collection.store)
                tables = found.store.scan(["id"])
                self.numbers.update([id for table in tables for id in table["id"].to_pylist()])
                self._seen = version, found
            return self._seen[1]

    def version(self) -> int:
        """The version of the collection that `corpus` gives."""
        self.corpus()
        return self._seen[0] if self._seen else 0

    def material(self, space: str) -> Material:
        """The items and vectors of a space; the last few are kept in memory."""
        found = self.corpus()
        version = -1 if space.startswith(SAVED) else self.version()
        return self._materials.get((space, version), lambda: space_material(found, self.states, space))

    def roll(self, vector: str) -> Roll:
        """Who has a named vector now."""
        found = self.corpus()
        return self._rolls.get((vector, self.version()), lambda: roll_of(found, vector))

    def is_fresh(self, kept: Kept) -> bool:
        """Whether a map shows what is there now."""
        space = kept.plan.space
        try:
            if space.startswith(SAVED):
                return is_fresh(kept, self.material(space))
            return is_fresh(kept, self.roll(space))
        except UnknownNameError:
            return False

    def kept(self, id: str) -> Kept:
        """A map by its id.

        Raises:
            UnknownNameError: There is none.
        """
        for kept in self.shelf.all():
            if kept.plan.id == id:
                return kept
        raise UnknownNameError("no map has this id. Next: start a job that draws it")

    def trouble(self, error: Exception) -> None:
        """An error that nobody foresaw goes to the terminal in full, and to the page as a word."""
        traceback.print_exception(error, file=sys.stderr)
