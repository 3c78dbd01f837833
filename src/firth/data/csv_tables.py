"""CSV and TSV files, read twice: once to learn the columns' kinds, once for the rows.

The csv module and not Arrow's reader: it tells the number of a bad row and goes on after it, takes rows of
any length, and a byte that is not UTF-8 costs one row and not the file. Memory is that of one row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from firth.data.csv_types import FROM_TEXT, ColumnType
from firth.data.encodings import detect_file, why_not_storable
from firth.data.tables import Column, Kind, Row, Table
from firth.errors import UnreadableError
from firth.types import Skipped

__all__ = ["csv_table"]

LONGEST_CELL = 16 * 2**20
"""Characters. A quote that is never closed makes one cell of the rest of the file; this bounds it."""

DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str
    encoding: str
    delimiter: str
    header: list[str]

    def rows(self) -> Iterator[Row | Skipped]:
        with _open(self.path, self.encoding) as text:
            for number, cells in _numbered(text, self.delimiter):
                if isinstance(cells, str):
                    yield Skipped(f"{self.name} row {number}", cells)
                elif len(cells) == len(self.header):
                    yield Row(number, dict(zip(self.header, cells, strict=True)))
                else:
                    yield Skipped(f"{self.name} row {number}", self._uneven(cells))

    def _uneven(self, cells: list[str]) -> str:
        return (
            f"{len(cells)} cells; the header names {len(self.header)}. Next: look for a missing quote or a "
            f"stray {_spoken(self.delimiter)} after {cells[0][:40]!r}"
        )


def csv_table(path: Path, name: str) -> Table:
    """A CSV file whose first row names the columns; columns without a name are called ``column 3``.

    Separated by commas, or by semicolons, tabs or bars where the header holds these and no comma.

    Args:
        path: The file.
        name: What it is called in ids and reports.

    Raises:
        UnreadableError: It is empty, or its first row is no header.
    """
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
    encoding = detect_file(path)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(path, encoding)
    file = _File(path, name, encoding, delimiter, _header(path, encoding, delimiter))
    columns = [Column(column, kind, FROM_TEXT[kind]) for column, kind in _kinds(file).items()]
    return Table(name, columns, file.rows, path)


def _open(path: Path, encoding: str) -> TextIO:
    # Bytes that are not in the encoding become half surrogate pairs, which are found and named row by row.
    return path.open(encoding=encoding, errors="surrogateescape", newline="")


def _numbered(text: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Rows after the header, from 1, without empty lines; a string is the reason why a row cannot be read."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0  # of the header
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"{error}, from line {line} on. Next: close or double the quotes in it"
            if "field limit" in str(error):
                return  # the end of that cell is not known, so neither is where the next row begins
            cells = [""]
        else:
            if cells and number:
                yield number, cells
        number += bool(cells)


def _delimiter(path: Path, encoding: str) -> str:
    with _open(path, encoding) as text:
        line = text.readline(LONGEST_CELL)
    counts = {delimiter: line.count(delimiter) for delimiter in DELIMITERS}
    return "," if counts[","] else max(counts, key=lambda delimiter: counts[delimiter])


def _header(path: Path, encoding: str, delimiter: str) -> list[str]:
    with _open(path, encoding) as text:
        try:
            header = next(filter(None, csv.reader(text, delimiter=delimiter, strict=True)), [])
        except csv.Error as error:
            raise UnreadableError(f"the header cannot be read: {error}. Next: close its quotes") from error
    if not header:
        raise UnreadableError("empty, without even a header. Next: put the columns' names into the first row")
    if all(not cell or _is_number(cell) for cell in header):
        raise UnreadableError(
            f"the first row holds numbers ({', '.join(header[:4])}), no names. Next: put the columns' names above"
        )
    if reason := why_not_storable("".join(header)):
        raise UnreadableError(f"the header holds {reason}. Next: save the file as UTF-8")
    names = [cell or f"column {number}" for number, cell in enumerate(header, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableError(f"the header names {', '.join(map(repr, twice))} twice. Next: rename them")
    return names


def _is_number(cell: str) -> bool:
    column = ColumnType()
    column.see(cell)
    return column.kind in (Kind.INT, Kind.FLOAT)


def _kinds(file: _File) -> dict[str, Kind]:
    types = {name: ColumnType() for name in file.header}
    rows = (row for row in file.rows() if isinstance(row, Row))
    while batch := list(islice(rows, 1024)):
        open_types = [(name, column) for name, column in types.items() if not column.is_settled]
        for row in batch:
            for name, column in open_types:
                column.see(row.cells[name])
    return {name: column.kind for name, column in types.items()}


def _spoken(delimiter: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[delimiter]
