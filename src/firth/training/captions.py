"""Pictures with their captions, from a table or a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firth.data import Columns, Limits, read
from firth.data.picture_words import name_words
from firth.errors import InputError, SchemaError
from firth.text import fold
from firth.types import Item, PictureSource, Skipped

__all__ = ["Captioned", "caption_key", "read_captioned"]

CAPTION = "caption"
"""What the one column of a folder is called."""
MARGIN = " \t.,;:!?。，；：！？、"
"""What makes no difference at the ends of a caption."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """Pictures, each with at least one caption.

    Attributes:
        ids: What each is called in reports, ``n``.
        images: The pictures, not decoded, ``n``.
        captions: By column, the captions of each, ``n``.
        concepts: What each shows, in the form in which it is compared, ``n``.
        columns: The columns, in the user's order.
        skipped: What could not be read, and why.
        notes: What was decided for the user.
    """

    ids: list[str] = field(default_factory=list)
    images: list[PictureSource] = field(default_factory=list)
    captions: list[Mapping[str, tuple[str, ...]]] = field(default_factory=list)
    concepts: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_captioned(
    source: Any,
    *,
    image: str | None = None,
    text: Sequence[str] = (),
    concept: str | None = None,
    limits: Limits | None = None,
) -> Captioned:
    """Read pictures with their captions.

    Of a table, each of the `text` columns holds a caption; a cell without one is passed over. Of a folder, the lines of
    the text beside a picture (``cat.txt`` of ``cat.png``) are its captions, and without one its file's name is.

    Args:
        source: What `firth.data.read` takes.
        image: The column of pictures: paths, relative to the table's folder, or bytes.
        text: The columns of captions, one a language or a wording.
        concept: The column that says what a picture shows; without it, the first caption does.
        limits: How large a picture may be.

    Raises:
        InputError: A table without `image` or `text`, or nothing with a caption in it.
        SchemaError: The table has no such column.
    """
    folder = isinstance(source, str | Path) and Path(source).expanduser().is_dir()
    if folder and (image or text or concept):
        raise InputError("got columns for a folder; expected a table. Next: leave --image and --text away")
    if not folder and not (image and text):
        raise InputError(
            "which columns are pictures and captions? Next: --image COLUMN --text COLUMN, in Python image= and text="
        )
    found = Captioned(columns=(CAPTION,) if folder else tuple(dict.fromkeys(text)))
    columns = Columns(text=found.columns[:1], image=image) if image else Columns()
    sources: Counter[str] = Counter()
    for item in read(source, columns=columns, limits=limits or Limits()):
        if isinstance(item, Skipped):
            found.skipped.append(item)
        elif item.image is None:
            sources["no pictures"] += 1
        elif folder:
            sources[_take_file(found, item)] += 1
        else:
            _take_row(found, item, concept)
    found.notes.extend(f"{count:,} {what}" for what, count in sources.items() if what)
    if not found.images:
        reasons = "".join(f" {skip}" for skip in found.skipped[:1])
        raise InputError(f"no pictures with captions in {str(source)[:200]!r}.{reasons}")
    return found


def caption_key(caption: str) -> str:
    """The form in which captions are compared: equal in both Chinese scripts, in any case, with or without a full stop.

    >>> caption_key("A Red  Apple.") == caption_key("a red apple"), caption_key("紅蘋果。") == caption_key("红苹果")
    (True, True)
    """
    return " ".join(fold(caption).split()).strip(MARGIN)


def _take_row(found: Captioned, item: Item, concept: str | None) -> None:
    cells = {**item.fields, found.columns[0]: item.text}
    for column in (*found.columns, *filter(None, [concept])):
        if column not in cells:
            raise SchemaError(f"no column {column!r}. It has: {', '.join(cells)}")
    captions = {column: _texts(cells[column]) for column in found.columns}
    said = _texts(cells[concept]) if concept else ()
    _take(found, item, captions, said[0] if said else None)


def _take_file(found: Captioned, item: Item) -> str:
    """Take a picture of a folder; says where its captions are from."""
    if item.text:
        lines = tuple(line.strip() for line in item.text.splitlines() if line.strip())
        _take(found, item, {CAPTION: lines}, None)
        return "captioned by a text of the same name"
    words = name_words(Path(item.id).name)
    _take(found, item, {CAPTION: (words,) if words else ()}, None)
    return "captioned by the file's name" if words else ""


def _take(found: Captioned, item: Item, captions: Mapping[str, tuple[str, ...]], concept: str | None) -> None:
    first = next((text for texts in captions.values() for text in texts), None)
    if first is None or item.image is None:
        found.skipped.append(Skipped(item.id, "no caption. Next: write one, or leave the picture out"))
        return
    found.ids.append(item.id)
    found.images.append(item.image)
    found.captions.append(captions)
    found.concepts.append(caption_key(concept or first))


def _texts(cell: Any) -> tuple[str, ...]:
    """A cell's caption, or captions; none of an empty one."""
    values = cell if isinstance(cell, list | tuple) else [cell]
    return tuple(str(value).strip() for value in values if value is not None and str(value).strip())
