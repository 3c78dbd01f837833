"""JSON Lines: one object a line, read twice, once to learn the columns and once for the rows.

Values in a column may differ in kind from line to line: whole and broken numbers together are floats, any other
mixture is kept as text. Objects, and lists of anything but text, are kept as JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from firth.data.cells import record_columns
from firth.data.encodings import detect_file
from firth.data.tables import Row, Table
from firth.types import Skipped

__all__ = ["jsonl_table"]

LONGEST_LINE = 64 * 2**20
"""Characters; a whole JSON file that was called .jsonl is not taken into memory at once."""


def jsonl_table(path: Path, name: str) -> Table:
    """A file of one JSON object a line; a row's number is that of its line.

    Args:
        path: The file.
        name: What it is called in ids and reports.
    """
    encoding = detect_file(path)

    def rows() -> Iterator[Row | Skipped]:
        with path.open(encoding=encoding, errors="surrogateescape", newline="\n") as text:
            for number, line in _lines(text):
                if not line.strip():
                    continue
                record = _record(line)
                if isinstance(record, str):
                    yield Skipped(f"{name} line {number}", record)
                else:
                    yield Row(number, record)

    columns = record_columns(row.cells for row in rows() if isinstance(row, Row))
    return Table(name, columns, rows, path, unit="line")


def _lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """Numbered lines; of a line that is too long only so much that it is seen to be."""
    number = 1
    while line := text.readline(LONGEST_LINE + 1):
        yield number, line
        while len(line) > LONGEST_LINE and not line.endswith("\n"):
            line = text.readline(LONGEST_LINE + 1)
        number += 1


def _record(line: str) -> dict[str, Any] | str:
    """The object of a line, or the reason why there is none."""
    if len(line) > LONGEST_LINE:
        return f"longer than {LONGEST_LINE:,} characters. Next: write one object a line"
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}. Next: write one object a line"
    if isinstance(record, dict):
        return record
    return f'got a {type(record).__name__}, expected an object. Next: write it as {{"text": ...}}'
