"""Saved states: the vectors of a space as they were, so that before and after can be laid side by side.

They cannot be made again, so they are kept with the user's data and not in the cache.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from firth.errors import InputError, UnknownNameError, UnreadableError
from firth.mapping.shelf import place_of
from firth.maps import Material, material
from firth.notes import corpus as corpus_of
from firth.places import data_folder
from firth.search.corpus import Corpus
from firth.stores import Store

__all__ = ["SAVED", "State", "States", "keep_state", "space_material"]

SAVED = "saved:"
"""How the space of a saved state begins."""
LONGEST = 60


@dataclass(frozen=True, slots=True)
class State:
    """A saved state.

    Attributes:
        name: Its own name.
        vector: Which named vector it is of.
        items: How many items.
        dim: The width of the vectors.
        made_at: When, as ISO 8601 in UTC.
    """

    name: str
    vector: str
    items: int
    dim: int
    made_at: str

    @property
    def space(self) -> str:
        """What a map of it is asked for by."""
        return SAVED + self.name


class States:
    """The saved states of one collection.

    Args:
        location: The collection's.
    """

    def __init__(self, location: str) -> None:
        self.folder = None if location == ":memory:" else data_folder() / "states" / place_of(location)
        self._memory: dict[str, tuple[State, Material]] = {}

    def all(self) -> list[State]:
        """All states, the oldest first."""
        if self.folder is None:
            return [state for state, _ in self._memory.values()]
        states = [_told(path) for path in self.folder.glob("*.npz")]
        return sorted(states, key=lambda state: state.made_at)

    def save(self, name: str, vector: str, found: Material) -> State:
        """Keep vectors under a name; one of the same name is never written over.

        Raises:
            InputError: The name is empty, too long or taken.
        """
        name = name.strip()
        if not 0 < len(name) <= LONGEST or not name.isprintable():
            raise InputError(f"got the name {name!r}; expected 1 to {LONGEST} printable characters")
        if name in {state.name for state in self.all()}:
            raise InputError(f"there is a state {name!r}. Next: choose another name, or remove it first")
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        state = State(name, vector, len(found.ids), found.vectors.shape[1], now)
        if self.folder is None:
            self._memory[name] = (state, found)
        else:
            self._write(self.folder, state, found)
        return state

    def load(self, name: str) -> Material:
        """The items of a state, as they were.

        Raises:
            UnknownNameError: There is none of that name.
        """
        self._known(name)
        if self.folder is None:
            return self._memory[name][1]
        with np.load(_file(self.folder, name), allow_pickle=False) as arrays:
            held = json.loads(arrays["items"].tobytes())
            return Material(held["ids"], arrays["vectors"], held["texts"])

    def remove(self, name: str) -> None:
        """Forget a state.

        Raises:
            UnknownNameError: There is none of that name.
        """
        self._known(name)
        if self.folder is None:
            del self._memory[name]
        else:
            _file(self.folder, name).unlink()

    def _known(self, name: str) -> None:
        names = [state.name for state in self.all()]
        if name not in names:
            raise UnknownNameError(f"got state {name!r}; there are: {', '.join(names) or 'none yet'}")

    @staticmethod
    def _write(folder: Path, state: State, found: Material) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = _file(folder, state.name)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        items = {"ids": found.ids, "texts": found.texts}
        with draft.open("wb") as file:
            np.savez(file, state=_bytes(asdict(state)), items=_bytes(items), vectors=found.vectors)
        draft.replace(path)


def keep_state(store: Store, location: str, name: str, vector: str = "meaning") -> State:
    """Keep a collection's named vector as it is now.

    Args:
        store: Whose vectors: the collection's own, or those of another one with the same ids, made by another model.
        location: Of the collection that they are a state of.
        name: Of the state.
        vector: Which named vector.

    Raises:
        InputError: The name is empty, too long or taken.
        UnknownNameError: There is no such vector.
    """
    return States(location).save(name, vector, material(corpus_of(store), vector))


def space_material(corpus: Corpus, states: States, space: str) -> Material:
    """The items of a space: of a named vector as it is, or of a saved state as it was.

    Raises:
        UnknownNameError: There is no such vector or state.
    """
    if space.startswith(SAVED):
        return states.load(space.removeprefix(SAVED))
    return material(corpus, space)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{sha256(name.encode()).hexdigest()[:16]}.npz"


def _told(path: Path) -> State:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return State(**json.loads(arrays["state"].tobytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{path} is no saved state ({error}). Next: remove the file") from error


def _bytes(value: object) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), np.uint8)
