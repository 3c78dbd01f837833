"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from firth.collection import Collection
from firth.errors import InputError, UnknownNameError
from firth.opening import collections, open_collection
from firth.places import shown

__all__ = [
    "AsJson",
    "Limit",
    "Model",
    "Name",
    "Sort",
    "Vector",
    "Where",
    "corpus_source",
    "growing",
    "model_by_environment",
    "opened",
]

Name: TypeAlias = Annotated[
    str,
    typer.Option(
        "-c",
        "--collection",
        envvar="FIRTH_COLLECTION",
        help="Its name, or a folder like ./books.",
        metavar="NAME",
    ),
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option("--model", help="The text encoder, for example use; see firth models.", metavar="NAME"),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Limit: TypeAlias = Annotated[int, typer.Option("-n", "--limit", min=1, help="How many hits.", metavar="N")]
Where: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--where",
        help="Only items that pass, \"year > 2000 and language in ('zh', 'en')\".",
        metavar="FILTER",
    ),
]
Sort: TypeAlias = Annotated[
    str | None,
    typer.Option("--sort", help="By a field, the highest value first: year, tag:奇幻.", metavar="FIELD"),
]
Vector: TypeAlias = Annotated[
    str | None,
    typer.Option("--vector", help="Which named vector: meaning, look, or one of your own.", metavar="NAME"),
]


def model_by_environment(model: str | None) -> str | None:
    """The encoder that was asked for, else that of ``$FIRTH_MODEL``."""
    return model or os.environ.get("FIRTH_MODEL") or None


def growing(name: str, *, model: str | None = None) -> Collection:
    """The collection of a command that adds; ``$FIRTH_MODEL`` decides for a new one and leaves others as they are."""
    collection = open_collection(name, model=model)
    return collection if collection.exists() else open_collection(name, model=model_by_environment(model))


def opened(name: str) -> Collection:
    """The collection of a command that reads.

    Raises:
        UnknownNameError: There is no such collection.
    """
    collection = open_collection(name)
    if not collection.exists():
        others = ", ".join(collections()) or "none yet"
        raise UnknownNameError(
            f"no collection {shown(name)!r}. There are: {others}. Next: firth add PATH -c {shown(name)}"
        )
    return collection


def corpus_source(name: str) -> Collection | Path:
    """Where texts are read from: a collection, by its name or its folder, else a path.

    Raises:
        InputError: It is neither.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    try:
        return opened(name)
    except UnknownNameError as error:
        if path.exists():
            return path
        raise InputError(f"{shown(name)}: no such file or folder, and {error}") from error
