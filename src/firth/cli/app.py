"""The commands in the order in which a person meets them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import typer

from firth.cli import (
    adding,
    behaviour,
    demo,
    finding,
    labelling,
    managing,
    models,
    moving,
    serving,
    tagging,
    training,
    words,
    words_in_context,
    words_training,
)

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
    behaviour.recommend,
    serving.serve,
    serving.map,
    serving.states,
    labelling.label,
    tagging.tags,
    tagging.axis,
    tagging.probe,
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
train.command(help=_help(behaviour.interactions))(behaviour.interactions)
app.add_typer(train)

asked = typer.Typer(
    name="words",
    help="Word vectors, and words in their contexts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for command in (
    words_training.train,
    words.neighbors,
    words.analogy,
    words.similarity,
    words.odd_one_out,
    words.onehot,
    words_in_context.cloze,
    words_in_context.senses,
    words_in_context.same_sense,
):
    asked.command(command.__name__.replace("_", "-"), help=_help(command))(command)
app.add_typer(asked)
