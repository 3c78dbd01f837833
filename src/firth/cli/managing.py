"""``firth status``, ``ls``, ``get``, ``rm`` and ``export``."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from firth.cli.options import AsJson, Name, Where, opened
from firth.cli.output import print_json, table

__all__ = ["export", "get", "ls", "rm", "status"]


def status(name: Name = "default", as_json: AsJson = False) -> None:
    """Say what a collection holds: items, fields, vectors and the encoders that made them."""
    found = opened(name).status()
    if as_json:
        print_json(found)
        return
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in found["kinds"].items())
    print(f"{found['location']}\n{found['items']:,} items: {kinds}")
    for vector, what in found["vectors"].items():
        made = (
            ", ".join(f"{kind} by {encoder}" for kind, encoder in what["encoders"].items())
            or "brought by you"
        )
        print(f"vector {vector}: {what['dim']}-d, {made}")
    if found["fields"]:
        print(table([[name, kind] for name, kind in found["fields"].items()], head=["field", "type"]))


def ls(
    name: Name = "default",
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many items.")] = 20,
    where: Where = None,
    as_json: AsJson = False,
) -> None:
    """List items, or the collections there are where none is named and none is called default."""
    from firth.collection import collections, open_collection

    if name == "default" and not open_collection(name).exists():
        for other in collections():
            print_json({"collection": other}) if as_json else print(other)
        return
    collection = opened(name)
    rows = list(islice(collection.items(where=where), limit))
    if as_json:
        for row in rows:
            print_json(row)
        return
    cells = [[row["id"], row["kind"], _shown(row)] for row in rows]
    print(table(cells, head=["id", "kind", "text"]) if cells else "no items")
    if where is None and (more := len(collection) - len(rows)) > 0:
        print(f"and {more:,} more; -n shows more")


def _shown(row: dict[str, Any]) -> str:
    return " ".join((row["text"] or ", ".join(str(value) for value in row["fields"].values())).split())


def get(
    ids: Annotated[list[str], typer.Argument(help="Ids of items.", metavar="ID...")],
    name: Name = "default",
    vectors: Annotated[bool, typer.Option("--vectors", help="Their vectors too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show items whole."""
    found = {row["id"]: row for row in opened(name).get(ids, vectors=vectors)}
    for row in found.values():
        if as_json:
            print_json(row)
        else:
            lines = [
                f"{key}: {value}"
                for key, value in {**row, **row["fields"]}.items()
                if value and key != "fields"
            ]
            print("\n".join(lines) + "\n")
    _complain(ids, found)


def rm(
    ids: Annotated[list[str], typer.Argument(help="Ids of items.", metavar="ID...")], name: Name = "default"
) -> None:
    """Remove items."""
    collection = opened(name)
    found = {row["id"] for row in collection.get(ids)}
    print(f"{collection.remove(ids):,} removed")
    _complain(ids, found)


def _complain(ids: list[str], found: Any) -> None:
    missing = [id for id in ids if id not in found]
    if missing:
        typer.echo(f"firth: {len(missing):,} not there: {', '.join(missing)}", err=True)
        raise typer.Exit(1)


def export(
    path: Annotated[Path, typer.Argument(help="A file: .parquet, .jsonl, or .npy for the vectors alone.")],
    name: Name = "default",
    vectors: Annotated[bool, typer.Option(help="With the vectors.")] = True,
) -> None:
    r"""Write a collection to a file.

    \b
    firth export books.parquet -c books
    firth export books.jsonl -c books --no-vectors
    """
    print(f"{opened(name).export(path, vectors=vectors):,} items -> {path}")
