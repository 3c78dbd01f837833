"""Draw the captioned pictures of all sources: FOLDER/pictures/SOURCE/*.png and FOLDER/rows/SOURCE.jsonl.

    python scripts/joint/draw_pictures.py FOLDER [--source NAME]... [--limit N]

FOLDER is the one that download.sh filled. Pictures that are there are kept; to draw a source again, delete its
folder. What could not be drawn stands in rows/SOURCE.left-out.txt, with the reason.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import emoji
from clipart import open_clipart
from drawing import draw
from glyphs import glyphs
from photographs import stdlib
from sources import TERMS, Picture

PROCESSES = 2
SOURCES: dict[str, Callable[[Path], Iterator[Picture]]] = {
    **{vendor: partial(emoji.iconify_emoji, vendor=vendor) for vendor in emoji.VENDORS},
    "fluent-3d": emoji.fluent_3d,
    "openclipart": open_clipart,
    "stdlib": stdlib,
    "glyphs": glyphs,
}


def main() -> None:
    """Draw the sources asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that download.sh filled")
    parser.add_argument(
        "--source", action="append", choices=list(TERMS), help="again for more; all, if left out"
    )
    parser.add_argument("--limit", type=int, help="only the first N pictures of each source")
    asked = parser.parse_args()
    for source in asked.source or SOURCES:
        draw_source(asked.data, source, limit=asked.limit)


def draw_source(data: Path, source: str, *, limit: int | None = None) -> None:
    """Draw one source and write its rows."""
    by_file: dict[str, Picture] = {}
    twice = []
    for picture in islice(SOURCES[source](data), limit):
        if by_file.setdefault(picture.file, picture) is not picture:
            twice.append(picture.name)
    with ProcessPoolExecutor(PROCESSES) as pool:
        reasons = list(pool.map(partial(draw, data=data), by_file.values(), chunksize=16))
    pictures = list(zip(by_file.values(), reasons, strict=True))
    rows = [picture.row() for picture, reason in pictures if reason is None]
    left_out = [f"{picture.name}: {reason}" for picture, reason in pictures if reason is not None]
    left_out += [f"{name}: a second picture of this name" for name in twice]
    (data / "rows").mkdir(exist_ok=True)
    _write(data / "rows" / f"{source}.left-out.txt", left_out)
    _write(data / "rows" / f"{source}.jsonl", [json.dumps(row, ensure_ascii=False) for row in rows])
    print(f"{source}: {len(rows)} pictures, {len(left_out)} left out", flush=True)


def _write(file: Path, lines: list[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
