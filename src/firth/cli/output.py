"""What a person or a program sees: lines that fit the terminal, or JSON."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from firth.text import clip, display_width, pad

if TYPE_CHECKING:
    from rich.progress import Progress

    from firth.search import Hits
    from firth.types import Hit, Skipped

__all__ = ["ProgressBar", "columns", "print_hits", "print_json", "progress_bar", "table"]

WIDEST_ID = 32


def columns() -> int:
    """How wide the terminal is; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def print_json(record: Mapping[str, Any]) -> None:
    """One JSON object, one line, Chinese as it is."""
    print(json.dumps(record, ensure_ascii=False, default=str), flush=True)


def print_hits(hits: Hits, *, as_json: bool) -> None:
    """Hits as a table: score, percentile, id, and the words that matched."""
    if as_json:
        for record in hits.to_list():
            print_json(record)
        return
    if hits:
        from rich.console import Console

        console = Console(highlight=False, soft_wrap=True)
        width = min(WIDEST_ID, max(display_width(hit.id) for hit in hits))
        console.print(f"  score     %  {pad('id', width)}  text", style="dim")
        for hit in hits:
            console.print(_line(hits, hit, width))
    if hits.note:
        print(hits.note)


def _line(hits: Hits, hit: Hit, width: int) -> Any:
    from rich.text import Text

    share = "    -" if hit.percentile is None else f"{hit.percentile:5.1f}"
    line = Text(f"{hit.score:7.3f} {share}  {pad(clip(hit.id, width), width)}  ")
    excerpt = hits.excerpt(hit, max(20, columns() - width - 18))
    text = Text(excerpt.text)
    for span in excerpt.highlights:
        text.stylize("bold yellow", span.start, span.end)
    return line + text


def table(rows: Sequence[Sequence[str]], *, head: Sequence[str]) -> str:
    """Rows in columns as wide as they need, the last one clipped to the terminal.

    >>> print(table([["蘋果", "a fruit"], ["id", "b"]], head=["word", "what"]))
    word  what
    蘋果  a fruit
    id    b
    """
    lines = [head, *rows]
    widths = [max(display_width(line[i]) for line in lines) for i in range(len(head) - 1)]
    room = max(columns() - sum(widths) - 2 * len(widths), 20)
    return "\n".join(
        "".join(pad(cell, width) + "  " for cell, width in zip(line[:-1], widths, strict=True))
        + clip(line[-1], room)
        for line in lines
    ).rstrip()


class ProgressBar:
    """Listens to `firth.ingest`: moves a bar on stderr and prints one JSON line an item if asked to."""

    def __init__(self, bar: Progress | None, total: int | None, *, as_json: bool) -> None:
        self._bar = bar
        self._task = bar.add_task("adding", total=total) if bar else None
        self._as_json = as_json

    def done(self, status: str, ids: Sequence[str]) -> None:
        """Items are in the store."""
        self._advance(len(ids))
        if self._as_json:
            for id in ids:
                print_json({"status": status, "id": id})

    def skipped(self, skip: Skipped) -> None:
        """Something was not added."""
        self._advance(1)
        if self._as_json:
            print_json({"status": "skipped", "source": skip.source, "reason": skip.reason})

    def _advance(self, count: int) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, count)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """A bar on stderr, or None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        yield bar
