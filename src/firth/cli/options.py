"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from firth.collection import Collection, collections, open_collection
from firth.errors import UnknownNameError

__all__ = ["AsJson", "Limit", "Model", "Name", "Vector", "Where", "opened"]

Name: TypeAlias = Annotated[
    str,
    typer.Option(
        "-c",
        "--collection",
        envvar="FIRTH_COLLECTION",
        help="Its name, or a folder like ./books.",
        show_default="default",
    ),
]
Model: TypeAlias = Annotated[
    str | None, typer.Option("--model", envvar="FIRTH_MODEL", help="The text encoder; see firth models.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Limit: TypeAlias = Annotated[int, typer.Option("-n", "--limit", min=1, help="How many hits.")]
Where: TypeAlias = Annotated[
    str | None, typer.Option("--where", help="A filter: \"year > 2000 and author like '%王%'\".")
]
Vector: TypeAlias = Annotated[
    str | None, typer.Option("--vector", help="Which named vector: meaning, look, or one of your own.")
]


def opened(name: str, *, must_exist: bool = True) -> Collection:
    """The collection of a command.

    Raises:
        UnknownNameError: There is no such collection, and the command would not make one.
    """
    collection = open_collection(name)
    if must_exist and not collection.exists():
        others = ", ".join(collections()) or "none yet"
        raise UnknownNameError(f"no collection {name!r}. There are: {others}. Next: firth add PATH -c {name}")
    return collection
