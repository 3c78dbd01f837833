"""Texts to learn words from, one after the other, never all of them in memory."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from firth.data import ENDINGS, document_text, guess_text, open_table
from firth.data.encodings import detect_file
from firth.data.tables import Row, Table
from firth.errors import FirthError, InputError, SchemaError, UnreadableError
from firth.types import Item, Skipped

__all__ = ["Corpus"]

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
DOCUMENTS = (".html", ".htm", ".pdf", ".docx")
PICTURES = ENDINGS - {*TABLES, *DOCUMENTS, ".txt", ".md"}
COMPRESSED = ".gz"
TEXT = "text"
"""What the text is called in compressed JSON lines where no column is named."""


class Corpus:
    """Reads sources again and again, from the start each time.

    Args:
        sources: Files (plain text, ``.gz``, ``.jsonl``, ``.parquet``, ``.csv``, documents), folders of them, lists of
            texts or items, or collections. A line of plain text is a text.
        columns: Of tables: which are read; by default those called like a text.

    Attributes:
        skipped: What could not be read in the last pass, and why.
    """

    def __init__(self, sources: Any, *, columns: str | Sequence[str] = ()) -> None:
        single = isinstance(sources, (str, Path)) or _is_collection(sources)
        self._sources: list[Any] = [sources] if single else self._listed(sources)
        self._columns = (columns,) if isinstance(columns, str) else tuple(columns)
        self.skipped: list[Skipped] = []

    def _listed(self, sources: Any) -> list[Any]:
        if isinstance(sources, Iterator) or not isinstance(sources, Iterable):
            raise InputError(
                f"got {type(sources).__name__}; expected files, folders, a collection or a list of texts, which can "
                "be read more than once. Next: list(...)"
            )
        if isinstance(sources, Sequence) and sources and all(_is_path(source) for source in sources):
            return [Path(source) for source in sources]
        if isinstance(sources, Sequence) and any(_is_collection(source) for source in sources):
            return list(sources)
        return [_Memory(sources)]

    def __iter__(self) -> Iterator[str]:
        self.skipped = []
        for source in self._sources:
            if isinstance(source, _Memory):
                yield from source
            elif _is_collection(source):
                yield from (text for record in source.items() if (text := record.get("text")))
            else:
                yield from self._path(Path(source).expanduser())

    def _path(self, path: Path) -> Iterator[str]:
        if not path.exists():
            raise UnreadableError(
                f"{path}: there is no such file or folder. Next: firth words train FILE... -o DIR"
            )
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        for file in files:
            if file is not path and file.suffix.lower() in PICTURES:
                continue
            try:
                yield from self._file(file)
            except SchemaError:
                raise
            except (FirthError, OSError, EOFError, UnicodeError) as error:
                if file is path:
                    raise UnreadableError(f"{file}: cannot be read ({error})") from error
                self.skipped.append(Skipped(str(file), str(error)))

    def _file(self, file: Path) -> Iterator[str]:
        name = file.name.lower()
        if name.endswith(COMPRESSED):
            with gzip.open(file, "rt", encoding="utf-8-sig") as lines:
                yield from self._records(lines, file) if Path(name[:-3]).suffix in TABLES[2:4] else lines
        elif file.suffix.lower() in TABLES:
            yield from self._rows(open_table(file))
        elif file.suffix.lower() in DOCUMENTS:
            yield from document_text(file).splitlines()
        else:
            with file.open(encoding=detect_file(file)) as lines:
                yield from lines

    def _records(self, lines: Iterable[str], file: Path) -> Iterator[str]:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line) if line.strip() else {}
            except ValueError as error:
                self.skipped.append(Skipped(f"{file.name} line {number}", f"no JSON ({error})"))
                continue
            if isinstance(record, Mapping):
                yield from (str(record[name]) for name in self._columns or (TEXT,) if record.get(name))

    def _rows(self, table: Table) -> Iterator[str]:
        names = self._columns or guess_text(table)
        there = {column.name for column in table.columns}
        if not names or not there.issuperset(names):
            missing = ", ".join(sorted(set(names) - there)) or "a column called like a text"
            raise SchemaError(
                f"{table.name} has no {missing}; it has: {', '.join(sorted(there))}. Next: --text COL"
            )
        for row in table.rows():
            if isinstance(row, Row):
                yield from (str(row.cells[name]) for name in names if row.cells.get(name))
            else:
                self.skipped.append(row)


class _Memory:
    """Texts or items of a list, or of anything that can be gone through again."""

    def __init__(self, texts: Iterable[Any]) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        for place, text in enumerate(self._texts):
            if isinstance(text, Item):
                text = text.text or ""
            if not isinstance(text, str):
                raise InputError(f"text {place} is {type(text).__name__}; expected str")
            yield text


def _is_path(source: Any) -> bool:
    """Whether it names something on disk; a list of texts is told from a list of files by that."""
    if isinstance(source, Path):
        return True
    if not isinstance(source, str) or "\0" in source:
        return False
    try:
        return Path(source).expanduser().exists()
    except (OSError, RuntimeError):  # a name that is too long, a home that is not there
        return False


def _is_collection(source: Any) -> bool:
    return callable(getattr(source, "items", None)) and not isinstance(source, Mapping)
