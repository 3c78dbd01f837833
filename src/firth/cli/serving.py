"""``firth serve``, ``map`` and ``states``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firth.cli.options import AsJson, Name, Vector, opened
from firth.cli.output import print_json, progress_bar, table
from firth.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress

    from firth.maps import Faithfulness, Frame

__all__ = ["map", "serve", "states"]

ENDINGS = (".html", ".png", ".svg", ".parquet")


def serve(
    name: Name = "default",
    host: Annotated[
        str,
        typer.Option("--host", help="Where to listen; elsewhere than here needs --token.", metavar="HOST"),
    ] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option("--port", help="By default 8420, or the next free one.", metavar="N")
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", help="What lets visitors in; by default a new one.", metavar="T")
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
) -> None:
    r"""Show a collection as a page: a map to look at, to search and to understand.

    Only this machine can reach it, and only with the token in the address. Ctrl-C stops it.

    \b
    firth serve -c books
    firth serve -c photos --port 9000 --no-open
    """
    from firth.server.desk import called
    from firth.server.serving import serve as run

    run(
        opened(name),
        name=called(name),
        host=host,
        port=port,
        token=token,
        browser=open_browser,
        told=lambda address: print(f"{address}\nCtrl-C stops it", flush=True),
    )


def map(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A file: .html, .png, .svg or .parquet.", metavar="FILE")
    ] = Path("map.html"),
    name: Name = "default",
    method: Annotated[
        str, typer.Option("--method", help="umap, pca; with firth[maps] umap-learn, tsne.", metavar="METHOD")
    ] = "umap",
    dim: Annotated[int, typer.Option("--dim", min=2, max=3, help="2 or 3 dimensions.", metavar="N")] = 2,
    vector: Vector = None,
) -> None:
    r"""Draw a collection as a map, into one file.

    .html is the page itself, to be sent and opened anywhere, with texts, small pictures and neighbours inside.
    .png and .svg are pictures (with firth[plot]). .parquet holds x, y, the neighbours and the regions, for other
    programs.

    \b
    firth map -c books
    firth map -o photos.png -c photos --vector look
    firth map -o before.html -c shop --vector saved:before
    firth map -o books.parquet -c books --method pca
    """
    from firth.mapping import Plan, mapped
    from firth.mapping.picture import write_map_picture
    from firth.mapping.table import write_map_table
    from firth.server.desk import called
    from firth.server.standalone import one_file

    if output.suffix not in ENDINGS:
        raise InputError(f"got {output.name!r}; expected a file that ends in {', '.join(ENDINGS)}")
    collection, note = opened(name), ""
    plan = Plan(vector or "meaning", method, dim)
    with progress_bar() as bar:
        found, kept = mapped(collection.store, collection.location, plan, on_frame=_watching(bar))
    if output.suffix == ".html":
        output.write_text(one_file(collection, kept, name=called(name)), encoding="utf-8")
    elif output.suffix == ".parquet":
        write_map_table(kept.map, found, output)
    else:
        note = write_map_picture(kept.map, output)
    print(f"{len(kept.map):,} items -> {output}; {_trust(kept.map.faithfulness)}")
    if note:
        typer.echo(f"firth: {note}", err=True)


def _watching(bar: Progress | None) -> Callable[[Frame], None] | None:
    if bar is None:
        return None
    task = bar.add_task("reading", total=1.0)
    return lambda frame: bar.update(task, description=frame.stage, completed=frame.share)


def _trust(found: Faithfulness | None) -> str:
    if found is None:
        return "too few items to tell how faithful it is"
    return f"{found.recall:.0%} of an item's {found.k} nearest are among its {found.k} nearest on the map"


def states(
    name: Name = "default",
    save: Annotated[
        str | None, typer.Option("--save", help="Keep the vectors as they are now.", metavar="STATE")
    ] = None,
    vector: Vector = None,
    other: Annotated[
        str | None,
        typer.Option("--from", help="Keep those of another collection, matched by ids.", metavar="NAME"),
    ] = None,
    remove: Annotated[str | None, typer.Option("--remove", help="Forget a state.", metavar="STATE")] = None,
    as_json: AsJson = False,
) -> None:
    r"""List saved states of a collection's vectors, keep one, or forget one.

    The page shows what moved between a state and the vectors of today, under Before / after.

    \b
    firth states -c shop --save before
    firth states -c trained --save before --from shop
    firth states -c shop
    firth states -c shop --remove before
    """
    from dataclasses import asdict

    from firth.mapping import States, keep_state

    if other is not None and save is None:
        raise InputError("got --from without --save; expected a name for the state. Next: add --save before")
    collection = opened(name)
    kept = States(collection.location)
    if save is not None:
        origin = collection if other is None else opened(other)
        keep_state(origin.store, collection.location, save, vector or "meaning")
    if remove is not None:
        kept.remove(remove)
    found = kept.all()
    if as_json:
        for state in found:
            print_json(asdict(state))
        return
    rows = [[one.name, one.vector, f"{one.items:,}", one.made_at[:16].replace("T", " ")] for one in found]
    head = ["state", "vector", "items", "saved (UTC)"]
    print(table(rows, head=head) if rows else "no states yet. Next: firth states --save NAME")
