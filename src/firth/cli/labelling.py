"""``firth label``: which of some labels suits each item best."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from firth.cli.options import AsJson, Model, Name, Where, model_by_environment, opened
from firth.cli.output import ProgressBar, print_json, progress_bar, table
from firth.errors import InputError
from firth.opening import open_collection

if TYPE_CHECKING:
    from firth.analysis.labels import Labelled
    from firth.collection import Collection

__all__ = ["label"]


def label(
    context: typer.Context,
    labels: Annotated[
        list[str],
        typer.Option("--with", help="Labels, with commas between; or one each time.", metavar="LABELS"),
    ],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders or tables; - reads lines; without, a collection.", metavar="PATH"
        ),
    ] = None,
    name: Name = "default",
    where: Where = None,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Each label fits about as many items as any other.")
    ] = False,
    id: Annotated[str | None, typer.Option("--id", help="A table's column of ids.", metavar="COL")] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A table's column to read; repeatable.", metavar="COL")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", help="A table's column of picture paths.", metavar="COL")
    ] = None,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    r"""Give each picture or text the label that suits it best, with no example of any.

    One of the labels is taken to be right. "unsure" stands where the next one is more than half as probable. Nothing
    is kept of files and folders. The exit code is 1 where something could not be read.

    \b
    firth label photos/ --with apple,orange,banana
    firth label -c books --with 武俠,愛情,歷史 --where "year > 1990"
    firth label news.csv --text title --with "war, peace" --with sports
    firth label photos/ --with cat,dog --json > labels.jsonl
    """
    from firth.analysis.labels import checked_labels

    chosen, skipped = checked_labels(_divided(labels)), 0
    if paths:
        if _given(context, "name"):
            raise InputError("got paths and a collection; expected one of the two. Next: leave -c away")
        collection = open_collection(":memory:", model=model_by_environment(model))
        for path in paths:
            skipped += _add(collection, path, id=id, text=text or (), image=image)
    elif id or text or image or model:
        raise InputError("--id, --text, --image and --model are for tables and files; got no path")
    else:
        collection = opened(name)
    _print(collection.label(chosen, where=where, balanced=balanced), as_json=as_json)
    raise typer.Exit(int(bool(skipped)))


def _divided(options: Sequence[str]) -> list[str]:
    """One option is divided at its commas; of several, each is a label as it stands, commas and all.

    >>> _divided(["蘋果，橘子,banana"]), _divided(["war, peace", "sports"])
    (['蘋果', '橘子', 'banana'], ['war, peace', 'sports'])
    """
    return re.split("[,，、]", options[0]) if len(options) == 1 else list(options)


def _given(context: typer.Context, option: str) -> bool:
    """Whether an option stands on the command line; the environment does not count."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _add(collection: Collection, path: str, **columns: Any) -> int:
    """Add a path, say on stderr what could not be read, and give how much that was."""
    from firth.data import total

    source: Any = path
    if path == "-":  # a line is its own id, for it has no other that says anything
        source = [line.strip() for line in sys.stdin if line.strip()]
        columns = {"ids": source}
    with progress_bar() as bar:
        count = len(source) if path == "-" else total(path)
        report = collection.add(source, listener=ProgressBar(bar, count, as_json=False), **columns)
    if again := (*report.updated, *report.unchanged):
        raise InputError(
            f"{path} has an item {again[0]!r}, and so has a path before it; expected ids that differ. "
            "Next: label one path at a time"
        )
    for skip in report.skipped:
        print(f"firth: skipped {skip}", file=sys.stderr)
    return len(report.skipped)


def _print(found: Sequence[Labelled], *, as_json: bool) -> None:
    if not as_json:
        rows = [[x.id, x.label, f"{x.probability:.2f}", "" if x.sure else "unsure"] for x in found]
        print(table(rows, head=["id", "label", "probability", ""]))
        return
    for x in found:
        scores = {name: round(score, 4) for name, score in x.scores.items()}
        print_json(
            {
                "id": x.id,
                "label": x.label,
                "probability": round(x.probability, 4),
                "sure": x.sure,
                "scores": scores,
            }
        )
