"""``firth add``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from firth.cli.options import AsJson, Model, Name, growing
from firth.cli.output import ProgressBar, print_json, progress_bar
from firth.errors import UnreadableError
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
    model: Model = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove items that vanished from the source.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    r"""Add files, folders and tables; what is unchanged is left alone.

    The exit code is 1 where something was skipped, 2 where a path could not be read at all.

    \b
    firth add photos/ notes/
    firth add books.csv -c books --id book_id --text title --text authors
    echo 蘋果是一種水果 | firth add -
    """
    from firth.data import total

    collection, code = growing(name, model=model), 0
    for path in paths:
        source: Any = sys.stdin if path == "-" else path
        try:
            with progress_bar() as bar:
                listener = ProgressBar(bar, None if path == "-" else total(path), as_json=as_json)
                report = collection.add(
                    source, id=id, text=text or (), image=image, prune=prune, listener=listener
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


def _counts(report: AddReport) -> dict[str, Any]:
    counts: dict[str, Any] = {
        key: len(getattr(report, key)) for key in ("added", "updated", "unchanged", "skipped", "vanished")
    }
    return {**counts, "pruned": report.pruned, "notes": report.notes}


def _shortened(report: AddReport, path: str, name: str) -> str:
    lines = str(report).splitlines()
    first = len(lines) - len(report.skipped)
    more = len(report.skipped) - SHOWN
    shown = lines[: first + SHOWN] + ([f"and {more:,} more; --json names all"] if more > 0 else [])
    return "\n".join([f"{path} -> {name}: {shown[0]}", *("  " + line for line in shown[1:])])
