"""``firth add``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from firth import places
from firth.cli.options import AsJson, Model, Name, growing
from firth.cli.output import ProgressBar, print_json, progress_bar
from firth.errors import InputError, UnreadableError
from firth.types import AddReport

__all__ = ["add"]

SHOWN = 20
"""How many skipped items are named before the rest is counted; --json names all."""


def add(
    paths: Annotated[
        list[str], typer.Argument(help="Files, folders or tables; - reads lines of text.", metavar="PATH")
    ],
    name: Name = "default",
    id: Annotated[str | None, typer.Option("--id", help="The column of ids.", metavar="COL")] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A column to read; repeatable.", metavar="COL")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", help="The column of picture paths.", metavar="COL")
    ] = None,
    vector_columns: Annotated[
        list[str] | None,
        typer.Option("--vector-column", help="A column of vectors; repeatable.", metavar="NAME=COL"),
    ] = None,
    model: Model = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove items that vanished from the source.")
    ] = False,
    ray: Annotated[
        bool, typer.Option("--ray", help="Encode by Ray: on $RAY_ADDRESS, or by all cores of this machine.")
    ] = False,
    ray_address: Annotated[
        str | None, typer.Option("--ray-address", help="Encode on this Ray cluster.", metavar="HOST:PORT")
    ] = None,
    ray_workers: Annotated[
        int | None,
        typer.Option("--ray-workers", min=1, help="How many of its cores; by default all.", metavar="N"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Add files, folders and tables; what is unchanged is left alone.

    What firth export wrote to .parquet is taken as it is, vectors and all, unless columns are named; no encoder is
    needed. The exit code is 1 where something was skipped, 2 where a path could not be read at all.

    \b
    firth add photos/ notes/
    firth add books.csv -c books --id book_id --text title --text authors
    firth add books.jsonl --vector-column meaning=vector:meaning
    echo 蘋果是一種水果 | firth add -
    """
    from firth.data import total
    from firth.distributed import Cluster

    collection, code = growing(name, model=model), 0
    vectors = dict(map(_named_column, vector_columns or []))
    ray_on = (ray or bool(ray_address or ray_workers)) and Cluster(ray_address, ray_workers)
    for path in paths:
        source: Any = sys.stdin if path == "-" else path
        try:
            with progress_bar() as bar:
                listener = ProgressBar(bar, None if path == "-" else total(path), as_json=as_json)
                report = collection.add(
                    source,
                    id=id,
                    text=text or (),
                    image=image,
                    vectors=vectors,
                    prune=prune,
                    listener=listener,
                    ray=ray_on,
                )
        except UnreadableError as error:  # a path that is not there does not stop the others
            typer.echo(f"firth: {error}", err=True)
            code = 2
            continue
        code = max(code, int(bool(report.skipped)))
        if as_json:
            print_json({"status": "report", "source": path, **_counts(report)})
        else:
            print(_shortened(report, "stdin" if path == "-" else path, name))
    raise typer.Exit(code)


def _named_column(option: str) -> tuple[str, str]:
    name, found, column = option.partition("=")
    if not (name and found and column):
        raise InputError(f"got --vector-column {option!r}; expected NAME=COL, as in meaning=vector:meaning")
    return name, column


def _counts(report: AddReport) -> dict[str, Any]:
    counts: dict[str, Any] = {
        key: len(getattr(report, key)) for key in ("added", "updated", "unchanged", "skipped", "vanished")
    }
    return {**counts, "pruned": report.pruned, "notes": report.notes}


def _shortened(report: AddReport, path: str, name: str) -> str:
    lines = str(report).splitlines()
    first = len(lines) - len(report.skipped)
    more = len(report.skipped) - SHOWN
    kept = lines[: first + SHOWN] + ([f"and {more:,} more; --json names all"] if more > 0 else [])
    return "\n".join([f"{path} -> {places.shown(name)}: {kept[0]}", *("  " + line for line in kept[1:])])
