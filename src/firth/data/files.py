"""One file to items: a document or a picture to one, a table to many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from firth.data.arrow_tables import parquet_table
from firth.data.csv_tables import csv_table
from firth.data.documents import DOCUMENTS, document_text
from firth.data.encodings import decode, why_not_storable
from firth.data.jsonl_tables import jsonl_table
from firth.data.options import Columns, Limits
from firth.data.picture_words import picture_words
from firth.data.pictures import PICTURES
from firth.data.seen import FirstSeen
from firth.data.table_items import table_items
from firth.data.tables import Table
from firth.errors import FirthError, SchemaError, UnreadableError
from firth.types import Item, Skipped

__all__ = ["ENDINGS", "TABLES", "File", "caption_file", "open_table", "read_file", "reason_of"]

TABLES: dict[str, Callable[[Path, str], Table]] = {
    ".csv": csv_table,
    ".tsv": csv_table,
    ".jsonl": jsonl_table,
    ".ndjson": jsonl_table,
    ".parquet": parquet_table,
}
"""How a table is opened, by the file's ending."""

ENDINGS = frozenset((*DOCUMENTS, *PICTURES, *TABLES))
"""Every ending that firth reads, in lower case."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to read.

    Attributes:
        path: Where it lies, absolute.
        name: Its id, and what it is called in reports: its path from the folder that was given, with that
            folder's name, ``photos/cats/a.jpg``.
        source: What was handed to `add`, absolute.
    """

    path: Path
    name: str
    source: Path


def read_file(file: File, *, columns: Columns, limits: Limits, seen: FirstSeen) -> Iterator[Item | Skipped]:
    """The items of one file; whatever is wrong with it comes as `Skipped`.

    Raises:
        SchemaError: It is a table without a column that the user named.
    """
    if why_not_storable(file.name):
        yield Skipped(ascii(file.name), "its name is not UTF-8. Next: rename it")
        return
    try:
        yield from _items(file, columns, limits, seen)
    except SchemaError:
        raise
    except (FirthError, OSError, UnicodeError) as error:
        yield Skipped(file.name, reason_of(error))


def open_table(path: Path, name: str | None = None) -> Table:
    """A table file, by its ending.

    Raises:
        UnreadableError: It cannot be read as a table.
    """
    return TABLES[path.suffix.lower()](path, name or path.name)


def caption_file(picture: Path) -> Path | None:
    """The text beside a picture that has its name, ``cat.txt`` of ``cat.png``; None if there is none."""
    for ending in (".txt", ".TXT"):
        caption = picture.with_suffix(ending)
        if caption.is_file():
            return caption
    return None


def reason_of(error: Exception) -> str:
    """The sentence for a report; the system's own errors repeat the path, which stands there already."""
    if isinstance(error, FirthError):
        return str(error)
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def _items(file: File, columns: Columns, limits: Limits, seen: FirstSeen) -> Iterator[Item | Skipped]:
    ending = file.path.suffix.lower()
    if ending not in ENDINGS:
        raise UnreadableError(
            f"not a kind firth reads. Next: convert it to one of {' '.join(sorted(ENDINGS))}"
        )
    if file.path.exists() and not file.path.is_file():
        raise UnreadableError("not a regular file")
    if ending in TABLES:
        yield from table_items(open_table(file.path, file.name), columns=columns, limits=limits, seen=seen)
    elif first := seen.see(file.name, name=file.name):
        raise UnreadableError(f"its name is an id already (first in {first}). Next: rename it")
    elif ending in DOCUMENTS:
        yield _document(file, limits)
    else:
        yield from _picture(file, limits)


def _document(file: File, limits: Limits) -> Item:
    text = document_text(file.path, limits)
    return Item(file.name, text=text, path=str(file.path), source=str(file.source))


def _picture(file: File, limits: Limits) -> Iterator[Item | Skipped]:
    words = picture_words(file.path, limits, name=file.name)
    caption, beside = None, caption_file(file.path)
    if beside is not None:
        try:
            limits.check_bytes(beside.stat().st_size)
            caption = decode(beside.read_bytes()).strip() or None
        except (FirthError, OSError) as error:
            name = Path(file.name).with_name(beside.name).as_posix()
            yield Skipped(name, f"the caption of {file.name}, which is added without: {reason_of(error)}")
    path, source = str(file.path), str(file.source)
    yield Item(file.name, text=caption, image=file.path, words=words, path=path, source=source)
