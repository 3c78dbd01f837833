"""``firth search``, ``similar`` and ``duplicates``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from firth.cli.options import AsJson, Limit, Name, Sort, Vector, Where, opened
from firth.cli.output import print_hits, print_json, table
from firth.errors import InputError

__all__ = ["duplicates", "search", "similar"]


def search(
    query: Annotated[str | None, typer.Argument(help="Words, in any language.", metavar="QUERY")] = None,
    name: Name = "default",
    limit: Limit = 10,
    image: Annotated[
        Path | None,
        typer.Option("--image", help="A picture to find by.", metavar="FILE", exists=True, dir_okay=False),
    ] = None,
    like: Annotated[
        list[str] | None,
        typer.Option("--like", help="An example: id:12, words, or a picture file.", metavar="X"),
    ] = None,
    unlike: Annotated[
        list[str] | None, typer.Option("--unlike", help="An example of what is not wanted.", metavar="X")
    ] = None,
    where: Where = None,
    mode: Annotated[str, typer.Option("--mode", help="hybrid, vector or text.", metavar="MODE")] = "hybrid",
    vector: Vector = None,
    metric: Annotated[
        str, typer.Option("--metric", help="cosine, dot or euclidean.", metavar="METRIC")
    ] = "cosine",
    min_percentile: Annotated[
        float | None,
        typer.Option("--min-percentile", help="Leave out weaker hits; there may be none.", metavar="P"),
    ] = None,
    sort: Sort = None,
    as_json: AsJson = False,
) -> None:
    r"""Find items by words, by a picture, by examples.

    The column % says how many of 100 unrelated queries find nothing that scores as high.

    \b
    firth search 會魔法的少年 -c books
    firth search "a quiet evening" --where "year > 2000" -n 5 --sort year
    firth search --image cat.jpg
    firth search --like id:12 --like dragons --unlike id:7
    """
    hits = opened(name).search(
        query,
        image=image,
        positive=like or [],
        negative=unlike or [],
        k=limit,
        where=where,
        mode=mode,  # type: ignore[arg-type]
        vector=vector,
        metric=metric,
        min_percentile=min_percentile,
        sort=sort,
    )
    print_hits(hits, as_json=as_json)


def similar(
    id: Annotated[str, typer.Argument(help="The id of an item.", metavar="ID")],
    name: Name = "default",
    limit: Limit = 10,
    where: Where = None,
    vector: Vector = None,
    weights: Annotated[
        str | None,
        typer.Option("--weights", help="Several vectors at once.", metavar="VECTOR=W,..."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Find the items nearest to one of the collection's own.

    \b
    firth similar 12 -c books
    firth similar photos/cat.jpg --vector look
    firth similar 12 -c books --weights meaning=0.5,behaviour=0.5
    """
    lenses = _weights(weights) if weights else None
    hits = opened(name).similar(id, k=limit, vector=vector, weights=lenses, where=where)
    print_hits(hits, as_json=as_json)


def _weights(given: str) -> dict[str, float]:
    """``meaning=0.5,behaviour=0.5`` as a dict."""
    try:
        return {
            name.strip(): float(weight) for name, weight in (part.split("=") for part in given.split(","))
        }
    except ValueError:
        raise InputError(f"got weights {given!r}; expected such as meaning=0.5,behaviour=0.5") from None


def duplicates(
    name: Name = "default",
    threshold: Annotated[
        float, typer.Option("--threshold", help="The least cosine of a pair.", metavar="COSINE")
    ] = 0.97,
    where: Where = None,
    vector: Vector = None,
    as_json: AsJson = False,
) -> None:
    r"""Find pairs of items that are nearly the same.

    Pictures are compared by look, texts by meaning.

    \b
    firth duplicates -c books
    firth duplicates -c photos --threshold 0.99
    """
    pairs = opened(name).duplicates(threshold=threshold, vector=vector, where=where)
    if as_json:
        for pair in pairs:
            print_json({"id": pair.id, "other": pair.other, "score": pair.score})
    elif pairs:
        print(
            table(
                [[f"{pair.score:.4f}", pair.id, pair.other] for pair in pairs], head=["cosine", "id", "other"]
            )
        )
    else:
        print(f"no two items reach a cosine of {threshold}")
