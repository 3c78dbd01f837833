"""``firth train``: models of one's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from firth.cli.options import AsJson
from firth.cli.output import print_json, progress_bar, table
from firth.text import clip

if TYPE_CHECKING:
    from firth.training import PairsReport, TowerReport

__all__ = ["pairs", "training_listener"]

STOPPED = 130
SHOWN = 20
"""How many skipped things are named; --json names all."""


def pairs(
    source: Annotated[str, typer.Argument(help="A table, or a folder of pictures.", metavar="TABLE|FOLDER")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model's folder.", metavar="DIR")],
    image: Annotated[
        str | None, typer.Option("--image", help="The column of picture paths.", metavar="COL")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A column of captions; repeatable.", metavar="COL")
    ] = None,
    concept: Annotated[
        str | None, typer.Option("--concept", help="The column that says what is shown.", metavar="COL")
    ] = None,
    tower: Annotated[
        list[str] | None,
        typer.Option("--tower", help="A text encoder, e5-small or use; repeatable.", metavar="NAME"),
    ] = None,
    mode: Annotated[
        str, typer.Option("--mode", help="head, adapter (texts move too), or full (the network too).")
    ] = "head",
    loss: Annotated[str, typer.Option("--loss", help="infonce or sigmoid.")] = "infonce",
    epochs: Annotated[int, typer.Option("--epochs", min=0, help="The most passes over the pictures.")] = 40,
    held_out: Annotated[float, typer.Option("--held-out", help="The share kept aside, by concept.")] = 0.1,
    seed: Annotated[int, typer.Option("--seed", help="Where chance comes from.")] = 0,
    start: Annotated[
        Path | None, typer.Option("--start", help="A model to go on from.", metavar="DIR")
    ] = None,
    licence: Annotated[
        str, typer.Option("--licence", help="Of the pictures and captions; kept with the model.")
    ] = "not stated",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model in DIR.")] = False,
    as_json: AsJson = False,
) -> None:
    r"""Learn from captioned pictures, so that words find pictures like yours.

    In a folder, the text beside a picture (cat.txt of cat.png) is its caption, a line each, and without one its name
    is. Stopped at any moment, the same command goes on; Ctrl-C keeps the best model so far.

    \b
    firth train pairs stamps.csv --image file --text en --text zh_TW -o ./mine
    firth train pairs photos/ -o ./mine --tower use
    firth add photos/ -c new --model ./mine
    """
    from firth.encoders import default_text_encoder
    from firth.training import Settings
    from firth.training import pairs as train

    settings = Settings(mode=mode, loss=loss, epochs=epochs, held_out=held_out, seed=seed)  # type: ignore[arg-type]
    with progress_bar() as bar:
        report = train(
            source,
            output,
            image=image,
            text=text or (),
            concept=concept,
            towers=tower or [default_text_encoder()],
            settings=settings,
            start=start,
            licence=licence,
            overwrite=overwrite,
            listener=training_listener(bar),
        )
    if as_json:
        print_json(report.to_json())
    else:
        _print_report(report)
    raise typer.Exit(STOPPED if report.stopped else int(bool(report.skipped)))


def training_listener(bar: Any) -> Any:
    """Moves a bar on stderr, one for each phase, and tells of epochs; without a terminal it is silent."""
    from firth.training import Epoch, Listener

    class Bar(Listener):
        task: Any = None

        def begin(self, phase: str, total: int) -> None:
            self.task = bar.add_task(phase, total=total)

        def advance(self, count: int) -> None:
            bar.advance(self.task, count)

        def epoch(self, epoch: Epoch) -> None:
            best = ", the best so far" if epoch.best else ""
            bar.update(
                self.task, description=f"loss {epoch.loss:.3f}, held-out recall@10 {epoch.recall:.3f}{best}"
            )
            bar.advance(self.task, 1)

        def note(self, text: str) -> None:
            print(text, file=sys.stderr)

    return Bar() if bar is not None else Listener()


def _print_report(report: PairsReport) -> None:
    captions = ", ".join(f"{count:,} {column}" for column, count in report.captions.items())
    print(f"{report.pictures:,} pictures, captions: {captions}")
    for note in report.notes:
        print(f"  {note}")
    for skip in report.skipped[:SHOWN]:
        print(f"  skipped {skip}")
    if len(report.skipped) > SHOWN:
        print(f"  and {len(report.skipped) - SHOWN:,} more; --json names all")
    for tower in report.towers:
        _print_tower(tower)
    print(f"{report.seconds:,.0f} s -> {report.output}")
    if report.stopped:
        print("stopped; the best so far is kept, and the same command goes on from there")
    bare = Path(report.output).name == report.output  # that could be an encoder's name
    model = f"./{report.output}" if bare else report.output
    print(f"Next: firth add photos/ -c new --model {model}")


def _print_tower(tower: TowerReport) -> None:
    print(f"\nbeside {tower.tower}: the best of {tower.epochs} epochs is {tower.best_epoch}")
    rows = []
    for before, after in zip(tower.before, tower.after, strict=True):
        cells = [clip(after.column, 20), f"{after.captions:,}", f"{after.pictures:,} ({after.among})"]
        for k in ("at_1", "at_5", "at_10"):
            cells.append(f"{getattr(before, k):.2f} {getattr(after, k):.2f}")
        rows.append(cells)
    print(table(rows, head=["captions", "held out", "among pictures", "recall@1", "@5", "@10"]))
    print("each by joint alone, then with what was learned; the held-out ones also decided when to stop")
    before_gap, after_gap = tower.gap_before, tower.gap_after
    print(
        f"gap between pictures and captions: {before_gap.distance:.2f} before, {after_gap.distance:.2f} after; "
        f"told apart {before_gap.told_apart:.0%} before, {after_gap.told_apart:.0%} after"
    )
