"""What a person or a program sees: lines that fit the terminal, or JSON."""

from __future__ import annotations

import json
import os
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
NUMBERS = 17
"""Columns of a hit's score and percentile, and of the gaps on either side of its id."""
NARROWEST = 8


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

        # without colours rich would still write escape codes for bold
        console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
        width = _id_width(hits)
        console.print(f"  score     %  {pad('id', width)}  text", style="dim", soft_wrap=True)
        for hit in hits:
            console.print(_line(hits, hit, width), soft_wrap=True)
    if hits.note:
        print(hits.note)


def _id_width(hits: Hits) -> int:
    """Columns for the ids: at most `WIDEST_ID`, and what short texts leave free."""
    room = columns() - NUMBERS
    excerpts = max(display_width(hits.excerpt(hit, max(20, room)).text) for hit in hits)
    longest = max(2, *(display_width(hit.id) for hit in hits))
    return min(longest, max(WIDEST_ID, room - max(excerpts, len("text"))))


def _line(hits: Hits, hit: Hit, width: int) -> Any:
    from rich.text import Text

    share = "    -" if hit.percentile is None else f"{hit.percentile:5.1f}"
    line = Text(f"{hit.score:7.3f} {share}  {pad(hit.id, width)}  ")
    excerpt = hits.excerpt(hit, max(20, columns() - NUMBERS - width))
    text = Text(excerpt.text)
    for span in excerpt.highlights:
        text.stylize("bold yellow", span.start, span.end)
    line += text
    line.rstrip()
    return line


def table(rows: Sequence[Sequence[str]], *, head: Sequence[str]) -> str:
    """Rows in columns as wide as they need; where the terminal is too narrow, the widest ones are clipped.

    >>> print(table([["蘋果", "a fruit"], ["id", "b"]], head=["word", "what"]))
    word  what
    蘋果  a fruit
    id    b
    """
    room = columns() - 2 * (len(head) - 1)
    lines = [[clip(cell, room) for cell in line] for line in (head, *rows)]
    widths = [max(display_width(line[i]) for line in lines) for i in range(len(head))]
    while sum(widths) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return "\n".join(
        "  ".join(pad(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


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
