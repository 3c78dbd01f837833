"""``firth status``, ``ls``, ``get`` and ``rm``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from firth.cli.options import AsJson, Name, Sort, Where, opened
from firth.cli.output import print_json, table
from firth.errors import InputError
from firth.opening import open_collection

__all__ = ["get", "ls", "rm", "status"]


def status(name: Name = "default", as_json: AsJson = False) -> None:
    r"""Say what a collection holds, and which encoders made its vectors.

    \b
    firth status -c books
    firth status -c books --json
    """
    found = opened(name).status()
    if as_json:
        print_json(found)
        return
    if "copying" in found:
        print(f"an unfinished copy of {found['copying']}: firth copy finishes it")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in found["kinds"].items())
    users = f"; {found['users']:,} users" if found["users"] else ""
    print(f"{found['location']}\n{found['items']:,} items: {kinds}{users}")
    for vector, what in found["vectors"].items():
        encoders = ", ".join(f"{kind} by {encoder}" for kind, encoder in what["encoders"].items())
        origin = "learned from what users did" if "learned" in what else "brought by you"
        print(f"vector {vector}: {what['dim']}-d, {encoders or origin}")
    if found["fields"]:
        print(table([[name, kind] for name, kind in found["fields"].items()], head=["field", "type"]))


def ls(
    name: Name = "default",
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many items.", metavar="N")] = 20,
    where: Where = None,
    sort: Sort = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="The lowest value first.")] = False,
    names: Annotated[
        bool, typer.Option("--collections", help="The names of all collections instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    r"""List the items of a collection, or the collections.

    \b
    firth ls --collections
    firth ls -c books -n 5
    firth ls -c books --where "year > 2000" --json
    firth ls -c books --sort "tag:奇幻"
    """
    if names or (name == "default" and not open_collection(name).exists()):
        _list_collections(as_json=as_json)
        return
    if ascending and sort is None:
        raise InputError("got --ascending without a field; expected --sort FIELD too")
    collection = opened(name)
    rows = list(collection.items(where=where, sort=sort, ascending=ascending, k=limit))
    if as_json:
        for row in rows:
            print_json(row)
        return
    cells = [[*_value(row, sort), row["id"], row["kind"], _shown(row)] for row in rows]
    head = [*([sort] if sort else []), "id", "kind", "text"]
    print(table(cells, head=head) if cells else "no items")
    if where is None and (more := len(collection) - len(rows)) > 0:
        print(f"and {more:,} more; -n shows more")


def _value(row: dict[str, Any], field: str | None) -> list[str]:
    """What an item is sorted by; a dash where it has none."""
    if field is None:
        return []
    value = row["fields"].get(field)
    if isinstance(value, float):
        return [f"{value:.0f}" if value.is_integer() else f"{value:.2f}"]
    return ["-" if value is None else str(value)]


def _list_collections(*, as_json: bool) -> None:
    from firth.opening import collections

    found = collections()
    for name in found:
        print_json({"collection": name}) if as_json else print(name)
    if not found and not as_json:
        print("no collections yet. Next: firth add PATH, or firth demo")


def _shown(row: dict[str, Any]) -> str:
    return " ".join((row["text"] or ", ".join(str(value) for value in row["fields"].values())).split())


def get(
    ids: Annotated[list[str], typer.Argument(help="Ids of items.", metavar="ID")],
    name: Name = "default",
    vectors: Annotated[bool, typer.Option("--vectors", help="Their vectors too.")] = False,
    as_json: AsJson = False,
) -> None:
    r"""Show items whole.

    \b
    firth get 12 314 -c books
    firth get photos/cat.jpg --vectors --json
    """
    found = {row["id"]: row for row in opened(name).get(ids, vectors=vectors)}
    for row in found.values():
        print_json(row) if as_json else print(_whole(row) + "\n")
    _complain(ids, found)


def _whole(row: dict[str, Any]) -> str:
    """Everything known of an item, one line each; of a vector, how it begins."""
    lines = [f"{key}: {row[key]}" for key in ("id", "kind", "text", "path", "source") if row[key] is not None]
    lines += [f"{name}: {value}" for name, value in row["fields"].items()]
    for name, vector in row.get("vectors", {}).items():
        begin = ", ".join(f"{number:.4f}" for number in vector[:4])
        lines.append(f"vector {name}: {len(vector)}-d, {begin}, ... (--json shows all)")
    return "\n".join(lines)


def rm(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of items.", metavar="ID")] = None,
    name: Name = "default",
    where: Where = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove what passes the filter without asking.")] = False,
) -> None:
    r"""Remove items, by id or all that pass a filter.

    With a filter it says how many there are, and asks; where there is no terminal to ask at, it needs --yes.

    \b
    firth rm 12 314 -c books
    firth rm --where "year < 1900" -c books
    """
    if bool(ids) == (where is not None):
        raise InputError("expected ids, or --where FILTER, and not both. See: firth rm --help")
    collection = opened(name)
    if where is None:
        found = {row["id"] for row in collection.get(ids or [])}
        print(f"{collection.remove(ids or []):,} removed")
        _complain(ids or [], found)
        return
    passing = [row["id"] for row in collection.items(where=where)]
    if passing and not yes:
        _ask(f"{len(passing):,} of {len(collection):,} items pass {where!r}")
    print(f"{collection.remove(passing):,} removed")


def _ask(count: str) -> None:
    """Go on only with a yes from a person."""
    if not _is_asked_at_a_terminal():
        raise InputError(f"{count}; nothing was removed. Next: the same with --yes")
    if not typer.confirm(f"{count}. Remove them?", err=True):
        typer.echo("firth: nothing was removed", err=True)
        raise typer.Exit(1)


def _is_asked_at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _complain(ids: list[str], found: Any) -> None:
    missing = [id for id in ids if id not in found]
    if missing:
        typer.echo(f"firth: {len(missing):,} not there: {', '.join(missing)}", err=True)
        raise typer.Exit(1)
