"""``firth tags``, ``firth axis``, ``firth probe``: readable scores, concept axes, and what single dimensions know."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO, TypeAlias

import typer

from firth.cli.options import AsJson, Name, Vector, Where, opened
from firth.cli.output import columns, print_json, table
from firth.errors import InputError
from firth.stores.columns import TAG
from firth.text import display_width

if TYPE_CHECKING:
    from firth.analysis.axes import Axis
    from firth.analysis.tags import TagScores
    from firth.collection import Collection
    from firth.evaluation.probe import Probe

__all__ = ["axis", "probe", "tags"]

Uses: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--vector", help="Only this named vector counts; repeatable.", metavar="NAME"),
]
Tagged: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--tagged", help="A field with readers' tags, or a table of item,tag.", metavar="FIELD|FILE"
    ),
]


def tags(
    names: Annotated[list[str], typer.Argument(help="The tags, in any language.", metavar="TAG")],
    name: Name = "default",
    examples: Annotated[
        list[str] | None,
        typer.Option("--example", help="Items that carry a tag: 奇幻=12,98. Repeatable.", metavar="TAG=IDS"),
    ] = None,
    counterexamples: Annotated[
        list[str] | None,
        typer.Option("--counterexample", help="Items that do not carry it.", metavar="TAG=IDS"),
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--words", help="Further words for a tag: 奇幻=fantasy,wizards.", metavar="TAG=WORDS"),
    ] = None,
    tagged: Tagged = None,
    share: Annotated[
        float | None,
        typer.Option("--share", help="Which share of the items carries a tag, 0.1 if nobody says."),
    ] = None,
    where: Where = None,
    vectors: Uses = None,
    sort: Annotated[str | None, typer.Option("--sort", help="Show first what this tag suits best.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many items to show.")] = 20,
    save: Annotated[bool, typer.Option("--save", help="Keep the scores as fields tag:NAME.")] = False,
    as_json: AsJson = False,
) -> None:
    r"""Give every item a score from 0 to 1 for each tag, and say how far to trust each tag.

    From the words of the tag alone, and better with --example or --tagged. --json prints all items, and the tags'
    reliability on stderr. Scores that were kept with --save can be filtered by.

    \b
    firth tags 奇幻 冒險 魔法 戰鬥 -c books
    firth tags 奇幻 -c books --example 奇幻=12,98,240 --sort 奇幻
    firth tags fantasy magic -c books --tagged readers.csv --save
    firth search dragons -c books --where "tag:fantasy > 0.8"
    """
    further = _by_tag(words, "--words")
    if unknown := [tag for tag in further if tag not in names]:
        raise InputError(f"got words for {unknown[0]!r}; the tags are {', '.join(names)}")
    collection = opened(name)
    found = collection.tags(
        {tag: further.get(tag, []) for tag in _once(names)},
        examples=_by_tag(examples, "--example"),
        counterexamples=_by_tag(counterexamples, "--counterexample"),
        tagged=tagged,
        where=where,
        vectors=vectors,
        share=share,
        save=save,
    )
    ids = found.sorted_by(sort)
    if as_json:
        scores = {row["id"]: row["scores"] for row in found.to_list()}
        for id in ids:
            print_json({"id": id, "scores": {tag: round(score, 4) for tag, score in scores[id].items()}})
        _print_reliability(found, file=True)
        _print_notes(found.notes, sys.stderr)
        return
    _print_reliability(found, file=False)
    titles = _titles(collection, ids[:limit])
    rows = [[*(f"{score:.2f}" for score in found.of(id).values()), id, titles[id]] for id in ids[:limit]]
    print(table(rows, head=[*found.tags, "id", "text"]) + "\n")
    _print_notes([*found.notes, *([_kept(found)] if save else [])], sys.stdout)


def axis(
    low: Annotated[str, typer.Argument(help="Words for one pole, with commas between; or id:12.")],
    high: Annotated[str, typer.Argument(help="Words for the other pole.")],
    name: Name = "default",
    where: Where = None,
    vectors: Uses = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many items at either end.")] = 10,
    as_json: AsJson = False,
) -> None:
    r"""Put items along the line from one pole to the other.

    A place is in standard deviations from the mean of all items. --json prints all items from low to high.

    \b
    firth axis 童話 寫實 -c books
    firth axis "cheap,everyday" "expensive,luxurious" -c shop -n 5
    firth axis id:12 id:98 -c books
    """
    collection = opened(name)
    found = collection.axis(_divided(low), _divided(high), where=where, vectors=vectors)
    if as_json:
        for record in found.to_list():
            print_json({"id": record["id"], "place": round(record["place"], 4)})
        return
    _print_axis(found, collection, limit)


def probe(
    targets: Annotated[
        list[str], typer.Argument(help="Fields, FIELD=VALUE, or tags of --tagged.", metavar="TARGET")
    ],
    name: Name = "default",
    tagged: Tagged = None,
    vector: Vector = "meaning",
    where: Where = None,
    figure: Annotated[
        Path | None,
        typer.Option("-o", "--figure", help="Draw it: .svg, .png or .pdf.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Ask every single dimension what it knows of a tag or a field, beside random directions and all together.

    "one" is the dimension that was best on half of the items, measured on the other half; "random" the same of random
    directions; "trained" is a direction of all dimensions, on items it has not seen. "chance" is what the best
    dimension reaches where the target is shuffled, and "above" how many dimensions know more.

    \b
    firth probe year language -c books
    firth probe 奇幻 魔法 -c books --tagged readers.csv -o probe.svg
    """
    from firth.evaluation.probe_figure import draw

    found = opened(name).probe(targets, vector=vector or "meaning", tagged=tagged, where=where)
    if figure is not None:
        draw(found, figure)
    if as_json:
        for one in found:
            print_json(one.to_dict())
        return
    print(table([_probe_row(one) for one in found], head=["target", "items", "", *HEAD]))
    _print_notes(dict.fromkeys(note for one in found for note in one.notes), sys.stdout)


HEAD = ["one", "random", "trained", "chance", "above"]
"""Of the table of probes, what comes after the target, the number of items and the measure."""


def _probe_row(found: Probe) -> list[str]:
    figures = (found.chosen, found.chosen_random, found.trained, found.threshold)
    above = f"{found.above_chance}/{len(found.dimensions)}"
    return [found.target, f"{found.items:,}", found.measure, *(f"{value:.2f}" for value in figures), above]


def _print_reliability(found: TagScores, *, file: bool) -> None:
    stream = sys.stderr if file else sys.stdout
    print(
        table(
            [[tag, str(found.reliability[tag])] for tag in found.tags], head=["tag", "how far to trust it"]
        ),
        file=stream,
    )
    if found.skipped:
        some = ", ".join(found.skipped[:3]) + (", ..." if len(found.skipped) > 3 else "")
        print(f"{len(found.skipped):,} items have no vector to be tagged by: {some}", file=sys.stderr)
    print(file=stream)


def _kept(found: TagScores) -> str:
    fields = ", ".join(f"{TAG}{tag}" for tag in found.tags)
    return f'kept as {fields}. Next: firth search --where "tag:{found.tags[0]} > 0.8"'


def _print_notes(notes: Iterable[str], stream: TextIO) -> None:
    """Notes, each on a line of its own, broken where the terminal ends."""
    for note in notes:
        print("\n".join(_lines(note)), file=stream)


def _lines(text: str) -> list[str]:
    """A text in lines that fit the terminal, a Chinese character being two columns wide; a long word stands alone."""
    found = [""]
    for word in text.split():
        if found[-1] and display_width(f"{found[-1]} {word}") > columns():
            found.append(word)
        else:
            found[-1] = f"{found[-1]} {word}".strip()
    return found


def _titles(collection: Collection, ids: Sequence[str]) -> dict[str, str]:
    """What a person knows items by: their text, else what their fields say but for scores of tags."""
    found = dict.fromkeys(ids, "")
    for record in collection.get(ids):
        said = [str(value) for name, value in record["fields"].items() if not name.startswith(TAG)]
        found[record["id"]] = " ".join((record["text"] or ", ".join(said)).split())
    return found


def _print_axis(found: Axis, collection: Collection, limit: int) -> None:
    low, high = found.ends(limit)
    ids = list(dict.fromkeys([*low, *high[::-1]]))
    titles = _titles(collection, ids)
    rows = [[f"{found.of(id):+.2f}", id, titles[id]] for id in ids]
    print(table(rows, head=["place", "id", "text"]))
    if found.agreement is not None:
        print(f"phrasings of the poles agree by {found.agreement:.2f}")


def _once(names: list[str]) -> list[str]:
    for number, tag in enumerate(names):
        if len(parts := _divided(tag)) > 1:
            raise InputError(
                f"got the tag {tag!r}; expected a space between tags. Next: firth tags {' '.join(parts)}"
            )
        if tag in names[:number]:
            raise InputError(f"got tag {tag!r} twice; expected each once. Next: leave one away")
    return names


def _by_tag(options: list[str] | None, name: str) -> dict[str, list[str]]:
    """What stands behind each tag.

    >>> _by_tag(["奇幻=12,98", "奇幻=7", "magic=3"], "--example")
    {'奇幻': ['12', '98', '7'], 'magic': ['3']}
    """
    found: dict[str, list[str]] = {}
    for option in options or ():
        tag, equals, values = option.partition("=")
        if not equals or not values.strip():
            raise InputError(f"got {name} {option!r}; expected TAG=VALUE,VALUE, such as 奇幻=12,98")
        found.setdefault(tag.strip(), []).extend(_divided(values))
    return found


def _divided(text: str) -> list[str]:
    """Parts with commas between.

    >>> _divided("便宜，日常"), _divided("12, 98")
    (['便宜', '日常'], ['12', '98'])
    """
    return [part.strip() for part in re.split("[,，、]", text) if part.strip()]
