"""The commands in the order in which a person meets them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import typer

from firth.cli import adding, demo, finding, labelling, managing, models, moving, serving, training

__all__ = ["app"]

app = typer.Typer(
    name="firth",
    help="Search, compare and look at text and pictures by meaning, in Chinese and English, offline.",
    epilog="Start with: firth demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def version(show: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """Search, compare and look at text and pictures by meaning, in Chinese and English, offline."""
    if show:
        from firth import __version__

        print(__version__)
        raise typer.Exit


def _help(command: Callable[..., None]) -> str:
    r"""The docstring; the backslash and b that stand in it keep lines as they are once they are one character."""
    return (inspect.getdoc(command) or "").replace(r"\b", "\b")


COMMANDS: tuple[Callable[..., None], ...] = (
    demo.demo,
    adding.add,
    finding.search,
    finding.similar,
    finding.duplicates,
    serving.serve,
    serving.map,
    labelling.label,
    managing.status,
    managing.ls,
    managing.get,
    managing.rm,
    moving.copy,
    moving.export,
    models.embed,
    models.models,
)
for command in COMMANDS:
    app.command(help=_help(command))(command)

train = typer.Typer(
    name="train", help="Learn models of your own.", no_args_is_help=True, rich_markup_mode=None
)
train.command(help=_help(training.pairs))(training.pairs)
app.add_typer(train)
