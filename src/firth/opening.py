"""Where a collection lies, by its name."""

from __future__ import annotations

from pathlib import Path

from firth.collection import Collection
from firth.places import data_folder

__all__ = ["collections", "open_collection"]


def open_collection(name: str | Path = "default", *, model: str | None = None) -> Collection:
    """Open a collection, or prepare to make one: nothing is written before the first `add`.

    Args:
        name: A plain name ("books") lives in the user's data folder, or in ``$FIRTH_HOME``; a path ("./books",
            "/data/books", any `Path`) is a folder; ``":memory:"`` lives as long as the object; ``scheme://`` is
            the address of another store.
        model: The text encoder of a new collection, see `firth models`.
    """
    if isinstance(name, Path):
        return Collection(str(name.expanduser()), model=model)
    if name == ":memory:" or "://" in name:
        return Collection(name, model=model)
    path = Path(name).expanduser()
    plain = len(path.parts) == 1 and not name.startswith((".", "~"))
    return Collection(str(data_folder() / "collections" / name if plain else path), model=model)


def collections() -> list[str]:
    """The names of the collections in the user's data folder."""
    folder = data_folder() / "collections"
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
