"""``firth train interactions`` and ``firth recommend``: what users did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from firth.cli.options import AsJson, Limit, Name, Where, opened
from firth.cli.output import print_json, progress_bar, table
from firth.cli.training import training_listener
from firth.errors import InputError
from firth.text import clip

if TYPE_CHECKING:
    from firth.search.recommending import Recommendations
    from firth.training.behaviour import InteractionsReport

__all__ = ["interactions", "recommend"]

SHOWN = 5
"""How many skipped rows are named; --json names all."""


def interactions(
    source: Annotated[str, typer.Argument(help="A table of who took what.", metavar="TABLE")],
    name: Name = "default",
    user: Annotated[str | None, typer.Option("--user", help="The column of users.", metavar="COL")] = None,
    item: Annotated[
        str | None,
        typer.Option("--item", help="The column of items, by the collection's ids.", metavar="COL"),
    ] = None,
    weight: Annotated[
        str | None, typer.Option("--weight", help="The column that says how much.", metavar="COL")
    ] = None,
    at_least: Annotated[
        float | None, typer.Option("--at-least", help="Only rows of this weight or more.", metavar="W")
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", help="The column that says when.", metavar="COL")
    ] = None,
    dim: Annotated[int, typer.Option("--dim", min=2, help="How wide the vectors are.")] = 128,
    seed: Annotated[int, typer.Option("--seed", help="Where chance comes from.")] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Learn even if the same was learned before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    r"""Learn from what users did: which items belong together, and whom they suit.

    Items get the vector behaviour, users are kept beside them as items of kind user. The model that finds most of
    what is held out is kept. Run again with another table, it replaces what was learned; stopped, run it again.

    \b
    firth train interactions to_read.csv --user user_id --item book_id -c books
    firth train interactions 借閱.csv --user 讀者 --item 書號 --time 日期 -c books
    firth train interactions ratings.csv --weight rating --at-least 4 -c books
    """
    with progress_bar() as bar:
        report = opened(name).learn_interactions(
            source,
            user=user,
            item=item,
            weight=weight,
            time=time,
            at_least=at_least,
            dim=dim,
            seed=seed,
            again=again,
            listener=training_listener(bar),
        )
    if as_json:
        print_json(report.to_json())
    else:
        _print_report(report)
    raise typer.Exit(int(bool(report.skipped)))


def recommend(
    name: Name = "default",
    user: Annotated[
        str | None, typer.Option("--user", help="A user of the collection.", metavar="ID")
    ] = None,
    like: Annotated[
        list[str] | None,
        typer.Option("--like", help="The id of an item that is liked; repeatable.", metavar="ID"),
    ] = None,
    unlike: Annotated[
        list[str] | None, typer.Option("--unlike", help="The id of an item that is not.", metavar="ID")
    ] = None,
    limit: Limit = 10,
    where: Where = None,
    seen: Annotated[bool, typer.Option("--seen", help="Also what was taken or liked already.")] = False,
    diversity: Annotated[
        float, typer.Option("--diversity", help="From 0, the best, to 1, unlike each other.", metavar="D")
    ] = 0.0,
    popularity: Annotated[
        float | None,
        typer.Option(
            "--popularity", help="Less for what few know, as -0.5; more for what many do.", metavar="P"
        ),
    ] = None,
    new: Annotated[
        int | None, typer.Option("--new", min=0, help="How many that nobody took yet.", metavar="N")
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Recommend items to a user, or to anyone who likes a few.

    The last column says which of the things taken or liked speak most for each; "new" stands beside what nobody took
    yet, chosen by its meaning.

    \b
    firth recommend --user 314 -c books
    firth recommend --like 12 --like 98 --unlike 7 -c books
    firth recommend --user 314 --where "語言 = 'zh'" --popularity -0.3
    """
    if user is None and not like:
        raise InputError("expected --user ID, or --like ID. See: firth recommend --help")
    hits = opened(name).recommend(
        user,
        positive=like or (),
        negative=unlike or (),
        k=limit,
        where=where,
        seen=seen,
        diversity=diversity,
        popularity=popularity,
        new=new,
    )
    _print_recommendations(hits, as_json=as_json)


def _print_report(report: InteractionsReport) -> None:
    print(f"{report.pairs:,} pairs of {report.users:,} users and {report.items:,} items")
    for note in report.notes:
        print(f"  {note}")
    for skip in report.skipped[:SHOWN]:
        print(f"  skipped {skip}")
    if len(report.skipped) > SHOWN:
        print(f"  and {len(report.skipped) - SHOWN:,} rows more; --json names all")
    if report.judged:
        how = "the last item" if report.by_time else "a random item"
        print(f"\n{how} of each of {len(report.judged[0].ranks):,} users held out:")
        rows = [
            [r.model, str(r.hit_rate), str(r.ndcg), f"{r.coverage:.2f}", "kept" * (r.model == report.chosen)]
            for r in report.judged
        ]
        print(table(rows, head=["model", "HR@10", "nDCG@10", "coverage", ""]))
    if report.removed:
        print(f"{report.removed:,} users are not in this table and were removed")
    print(
        f"\nbehaviour, {report.dim}-d: {report.agreement:.0%} of its ten nearest are the model's ten nearest"
    )
    if report.waiting:
        print(f"{report.waiting:,} items were taken by nobody; they are recommended by their meaning")
    print(f"{report.seconds:,.0f} s. Next: firth recommend --user ID, firth similar ID --vector behaviour")


def _print_recommendations(hits: Recommendations, *, as_json: bool) -> None:
    if as_json:
        for record in hits.to_list():
            print_json(record)
        return
    rows = []
    for hit in hits:
        because = "new" if hit.id in hits.new else ", ".join(hits.reasons.get(hit.id, ()))
        rows.append([f"{hit.score:.3f}", clip(hit.id, 20), hits.excerpt(hit, 60).text, because])
    if rows:
        print(table(rows, head=["score", "id", "text", "because of"]))
    if hits.note:
        print(hits.note)
