"""Tables as HTML, for notebooks: all text escaped, pictures inside."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import TypeAlias

from firth.text import Snippet

__all__ = ["Cell", "html_table"]

Cell: TypeAlias = str | bytes | Snippet
"""Words, a picture (WebP), or words of which some are marked."""
STYLE = "text-align: left; vertical-align: middle; padding: 3px 10px 3px 0"
SIDE = 48


def html_table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    r"""A table.

    >>> html_table(["詞"], [["<b>"]]).count("&lt;b&gt;")
    1
    """
    top = "".join(f'<th style="{STYLE}">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="{STYLE}">{_cell(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, bytes):
        content = b64encode(cell).decode()
        return (
            f'<img alt="" style="max-height: {SIDE}px" src="data:image/webp;base64,{content}">'
            if cell
            else ""
        )
    return escape(cell) if isinstance(cell, str) else _marked(cell)


def _marked(found: Snippet) -> str:
    parts, at = [], 0
    for span in found.highlights:
        parts += [
            escape(found.text[at : span.start]),
            f"<mark>{escape(found.text[span.start : span.end])}</mark>",
        ]
        at = span.end
    return "".join([*parts, escape(found.text[at:])])
