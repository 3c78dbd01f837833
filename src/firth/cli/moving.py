"""``firth copy`` and ``export``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firth.cli.options import AsJson, Name, Where, opened
from firth.cli.output import print_json, progress_bar
from firth.opening import open_collection
from firth.places import shown
from firth.types import Skipped

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["copy", "export"]


def copy(
    source: Annotated[str, typer.Argument(help="A collection: name, folder or address.", metavar="SOURCE")],
    target: Annotated[str, typer.Argument(help="Where to: name, folder or address.", metavar="TARGET")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Change and remove what differs in the target.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    r"""Copy a collection into another store, vectors and all.

    Nothing is encoded again. Stopped at any moment, the same command goes on from there; at the end both sides are
    read again and compared. What would be lost in the target is refused unless --replace is given.

    \b
    firth copy books ./backup/books
    firth copy books postgresql://localhost/library
    firth copy s3://bucket/books books
    """
    given, taking = opened(source), open_collection(target)
    with progress_bar() as bar:
        report = given.copy_to(taking, replace=replace, listener=CopyBar(bar, len(given), as_json=as_json))
    if as_json:
        print_json({"status": "report", "source": shown(source), "target": shown(target), **asdict(report)})
    else:
        print(f"{shown(source)} -> {shown(target)}: " + "\n  ".join(str(report).splitlines()))


class CopyBar:
    """Listens to `firth.moving`: one bar for what is copied, one for what is compared; JSON lines if asked to."""

    def __init__(self, bar: Progress | None, total: int, *, as_json: bool) -> None:
        self._bar = bar
        self._as_json = as_json
        self._tasks = {}
        if bar is not None:
            self._tasks = {"copying": bar.add_task("copying", total=total)}
            self._tasks["comparing"] = bar.add_task("comparing", total=2 * total)

    def done(self, status: str, ids: Sequence[str]) -> None:
        """Items are in the target, or gone from it, or read again and compared."""
        if self._bar is not None and status != "removed":
            task = self._tasks["comparing" if status == "compared" else "copying"]
            self._bar.advance(task, len(ids))
        if self._as_json and status != "compared":
            for id in ids:
                print_json({"status": status, "id": id})

    def skipped(self, skip: Skipped) -> None:
        """Nothing is ever skipped by a copy."""


def export(
    path: Annotated[
        Path, typer.Argument(help="A file: .parquet, .jsonl, or .npy for the vectors alone.", metavar="FILE")
    ],
    name: Name = "default",
    vectors: Annotated[bool, typer.Option(help="With the vectors.")] = True,
    where: Where = None,
) -> None:
    r"""Write a collection, or a part of it, to a file.

    .parquet holds everything: firth add takes it back as it was, without encoding, and pandas and DuckDB read it.
    .jsonl, for people and other programs, leaves out small pictures, passages and hashes; its vectors are named by
    firth add --vector-column. .npy holds one vector of each item, with the ids in a file beside it.

    \b
    firth export books.parquet -c books
    firth export new.jsonl -c books --where "year > 2000" --no-vectors
    """
    print(f"{opened(name).export(path, vectors=vectors, where=where):,} items -> {path}")
