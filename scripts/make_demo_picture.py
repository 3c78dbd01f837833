"""Draw what `firth demo` prints as docs/demo.svg, every character in its own cell, Chinese ones in two.

python scripts/make_demo_picture.py
"""

import os
import subprocess
import sys
import tempfile
from html import escape
from itertools import groupby
from pathlib import Path

from rich.text import Text

from firth.text import display_width

TARGET = Path(__file__).parent.parent / "docs" / "demo.svg"
WIDTH, CELL, LINE, EDGE = 84, 8.4, 19, 16
SEARCHES = 4
COLOURS = {"dim": "#8b949e", "bold": "#e3b341", "": "#d1d7e0"}


def demo() -> list[str]:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "FIRTH_HOME": home, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
        command = [sys.executable, "-m", "firth", "demo"]
        printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    blocks = printed.replace(str(Path(sys.prefix)), ".venv").split("\n\n")
    return ["$ firth demo", *"\n\n".join(blocks[1 : 2 + SEARCHES]).splitlines()]


def runs(line: str) -> list[tuple[int, str, str]]:
    """(column, characters, colour): characters of one cell together, wider ones each alone."""
    text, placed, column = Text.from_ansi(line), [], 0
    for place, character in enumerate(text.plain):
        style = str(text.get_style_at_offset(CONSOLE, place))
        colour = next(
            colour for name, colour in COLOURS.items() if all(word in style for word in name.split())
        )
        width = display_width(character)
        placed.append((column, character, colour, place if width != 1 else -1))
        column += width
    groups = [list(group) for _, group in groupby(placed, key=lambda cell: cell[2:])]
    return [(group[0][0], "".join(cell[1] for cell in group), group[0][2]) for group in groups]


def draw(lines: list[str]) -> str:
    height = EDGE * 2 + LINE * len(lines)
    width = EDGE * 2 + CELL * WIDTH
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" font-size="14" '
        'font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, Noto Sans Mono CJK TC, monospace">',
        "<title>firth demo in a terminal</title>",
        f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#151b23"/>',
    ]
    for row, line in enumerate(lines):
        for column, characters, colour in runs(line):
            if characters.strip():
                x, y = EDGE + CELL * column, EDGE + LINE * row + 14
                length = (
                    f' textLength="{CELL * display_width(characters):.1f}"' if len(characters) > 1 else ""
                )
                parts.append(
                    f'<text x="{x:.1f}" y="{y}" fill="{colour}" xml:space="preserve"{length}>'
                    f"{escape(characters)}</text>"
                )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    from rich.console import Console

    CONSOLE = Console()
    TARGET.write_text(draw(demo()), encoding="utf-8")
