"""What a collection keeps about itself, in its store: the named vectors with their encoders, and the calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from firth.encoders import encoder
from firth.encoders.spaces import MEANING, Space, default_spaces
from firth.errors import EncoderMismatchError
from firth.search import Calibration, Corpus, calibrate
from firth.search.calibrating import FEWEST
from firth.stores import Store

__all__ = ["calibrate_if_grown", "check_model", "corpus", "keep_calibration", "prepare"]

GROWTH = 1.2
"""When there are so many times more items than at the last calibration, it is done again."""


def prepare(store: Store, model: str | None, brought: Iterable[str]) -> Mapping[str, Space]:
    """The named vectors that encoders make, decided at the first add and kept from then on.

    Args:
        store: Where the notes are.
        model: The text encoder of a new collection.
        brought: Names of vectors that the user brings, which no encoder makes.
    """
    notes = store.read_meta()
    if "vectors" in notes:
        return _made(notes)
    spaces = {name: space for name, space in default_spaces(model).items() if name not in brought}
    store.write_meta({"vectors": {name: space.to_json() for name, space in spaces.items()}})
    return spaces


def check_model(store: Store, model: str) -> None:
    """Refuse a text encoder that is not the one that made the vectors.

    Raises:
        UnknownNameError: There is no such encoder.
        EncoderMismatchError: The collection was encoded with another one.
    """
    asked = encoder(model)
    space = _made(store.read_meta()).get(MEANING)
    if space and space.takes("text") and asked.name not in {stamp.name for stamp in space.stamps.values()}:
        raise EncoderMismatchError(
            f"this collection was encoded with {space.stamps['text'].name!r}; got model {model!r}. "
            "Next: leave the model away, or add to a new collection"
        )


def corpus(store: Store) -> Corpus:
    """The collection as a search sees it."""
    notes = store.read_meta()
    calibration = Calibration.from_json(notes["calibration"]) if notes.get("calibration") else Calibration()
    return Corpus(store, {**_all(store), **_made(notes)}, calibration)


def keep_calibration(store: Store) -> None:
    """Measure what unrelated queries score, and keep it."""
    store.write_meta({"calibration": calibrate(corpus(store)).to_json()})


def calibrate_if_grown(store: Store) -> None:
    """Measure again if the collection has grown or shrunk by a fifth, or has just become large enough."""
    before = (store.read_meta().get("calibration") or {"items": 0})["items"]
    count = store.count()
    enough = before < FEWEST <= count
    if count and (enough or count >= max(before, 1) * GROWTH or before >= max(count, 1) * GROWTH):
        keep_calibration(store)


def _made(notes: Mapping[str, Any]) -> dict[str, Space]:
    """The vectors that encoders make."""
    return {name: Space.from_json(name, space) for name, space in notes.get("vectors", {}).items()}


def _all(store: Store) -> dict[str, Space]:
    """All vectors that stand in the store, as if the user had brought them."""
    columns = [column for column in store.schema() if column.name.startswith("v_")]
    names = [column.name.removeprefix("v_") for column in columns]
    return {name: Space(name, {}, column.type.list_size) for name, column in zip(names, columns, strict=True)}
