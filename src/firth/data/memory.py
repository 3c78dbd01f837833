"""What is at hand already: texts, lines, pictures, records, items, vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from firth.data.cells import record_columns
from firth.data.encodings import why_not_storable
from firth.data.pictures import picture_bytes
from firth.data.seen import FirstSeen
from firth.data.table_items import content_id
from firth.data.tables import Row, Table
from firth.errors import DimensionError, InputError
from firth.types import FloatArray, Item, Skipped

if TYPE_CHECKING:
    import PIL.Image

__all__ = ["read_items", "read_lines", "read_pictures", "read_texts", "read_vectors", "records_table"]

BLOCK = 4096


def read_texts(texts: Iterable[str], *, ids: Sequence[str] | None = None) -> Iterator[Item | Skipped]:
    """One item a text; without ids it is called after its content, so that adding it again adds nothing.

    >>> [str(found) for found in read_texts(["蘋果", " ", "蘋果"]) if isinstance(found, Skipped)]
    ['text 2: empty', 'text 3: same text as text 1']
    """
    seen = FirstSeen("text")
    for number, text in enumerate(texts, start=1):
        yield _text(text, number, seen, ids)


def read_lines(lines: Iterable[str]) -> Iterator[Item | Skipped]:
    """One item a line, as from standard input; blank lines are passed over, they only divide."""
    seen = FirstSeen("line")
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _text(line.rstrip("\r\n"), number, seen, None)
    except UnicodeDecodeError as error:
        yield Skipped(f"line {number + 1}", f"{error}; nothing after it was read. Next: send UTF-8")


def _text(text: str, number: int, seen: FirstSeen, ids: Sequence[str] | None) -> Item | Skipped:
    place = f"{seen.unit} {number}"
    if not text.strip():
        return Skipped(place, "empty")
    if reason := why_not_storable(text):
        return Skipped(place, f"holds {reason}. Next: send UTF-8")
    key = ids[number - 1] if ids is not None else content_id(text.encode())
    if first := seen.see(key, name="", row=number):
        return Skipped(
            place, f"same text as {first}" if ids is None else f"id {key!r} again (first in {first})"
        )
    return Item(key, text=text)


def read_pictures(
    pictures: Iterable[PIL.Image.Image], *, ids: Sequence[str] | None = None
) -> Iterator[Item | Skipped]:
    """One item a PIL image; without ids it is called after its pixels."""
    seen = FirstSeen("picture")
    for number, picture in enumerate(pictures, start=1):
        key = ids[number - 1] if ids is not None else content_id(picture_bytes(picture))
        if first := seen.see(key, name="", row=number):
            reason = f"same picture as {first}" if ids is None else f"id {key!r} again (first in {first})"
            yield Skipped(f"picture {number}", reason)
        else:
            yield Item(key, image=picture)


def read_items(items: Iterable[Item]) -> Iterator[Item | Skipped]:
    """Items as they are, less those without an id, without content, or with an id that came before."""
    seen = FirstSeen("item")
    for number, item in enumerate(items, start=1):
        if reason := _wrong_with(item):
            yield Skipped(item.id or f"item {number}", reason)
        elif first := seen.see(item.id, name="", row=number):
            yield Skipped(item.id, f"id {item.id!r} again in item {number} (first in {first})")
        else:
            yield item


def _wrong_with(item: Item) -> str | None:
    if not isinstance(item.id, str) or not item.id:
        return f"got the id {item.id!r}; expected a string that is not empty"
    if not (item.text and item.text.strip()) and item.image is None and not item.vectors:
        return "empty: no text, no picture, no vectors"
    for name, vector in item.vectors.items():
        if np.ndim(vector) != 1 or not np.isfinite(vector).all():
            return f"vector {name!r} has shape {np.shape(vector)}; expected (d,), every number finite"
    if reason := why_not_storable(item.id + (item.text or "")):
        return f"holds {reason}"
    return None


def read_vectors(
    vectors: npt.NDArray[Any], *, ids: Sequence[str] | None = None, name: str = "vector"
) -> Iterator[Item | Skipped]:
    """One item a row.

    Args:
        vectors: ``(n, d)``.
        ids: ``n`` of them; without, the rows' numbers from ``"0"``.
        name: What the vector is called in the items.

    Raises:
        DimensionError: Not two axes, not numbers, or a number that is not finite.
    """
    if vectors.ndim != 2 or vectors.dtype.kind not in "fiu" or not vectors.shape[1]:
        raise DimensionError(f"got an array {vectors.shape} of {vectors.dtype}; expected numbers (n, d)")
    for start in range(0, len(vectors), BLOCK):
        finite = np.isfinite(_float32(vectors[start : start + BLOCK])).all(axis=1)
        if not finite.all():
            row = start + int(np.argmin(finite))
            raise DimensionError(f"row {row} holds NaN or infinity as float32. Next: leave it out")
    return _vectors(vectors, ids, name)


def _vectors(vectors: npt.NDArray[Any], ids: Sequence[str] | None, name: str) -> Iterator[Item | Skipped]:
    seen = FirstSeen("row")
    for row in range(len(vectors)):
        key = ids[row] if ids is not None else str(row)
        if first := seen.see(key, name="", row=row + 1):
            yield Skipped(f"row {row + 1}", f"id {key!r} again (first in {first})")
        else:
            yield Item(key, vectors={name: _float32(vectors[row]).copy()})


def _float32(vectors: npt.NDArray[Any]) -> FloatArray:
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is reported as such
        return np.asarray(vectors, dtype=np.float32)


def records_table(records: Sequence[Mapping[str, Any]], name: str = "table") -> Table:
    """A list of dicts as a table.

    Raises:
        InputError: A key is no string.
    """
    columns = record_columns(records)
    odd = next((column.name for column in columns if not isinstance(column.name, str)), None)
    if odd is not None:
        raise InputError(f"got the key {odd!r} in a dict; expected strings")
    return Table(name, columns, lambda: (Row(number, row) for number, row in enumerate(records, start=1)))
