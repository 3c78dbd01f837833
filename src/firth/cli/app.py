"""The commands in the order in which a person meets them."""

from __future__ import annotations

import typer

from firth.cli import adding, demo, finding, managing, models

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


app.command()(demo.demo)
app.command()(adding.add)
app.command()(finding.search)
app.command()(finding.similar)
app.command()(finding.duplicates)
app.command()(managing.status)
app.command()(managing.ls)
app.command()(managing.get)
app.command()(managing.rm)
app.command()(managing.export)
app.command()(models.embed)
app.command()(models.models)
