"""From the rows of a table to items."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from firth.data.cells import is_missing, json_text
from firth.data.encodings import why_not_storable
from firth.data.options import Columns, Limits
from firth.data.picture_words import picture_words
from firth.data.pictures import picture_bytes
from firth.data.seen import FirstSeen
from firth.data.table_plan import Plan, plan_columns
from firth.data.tables import Column, Kind, Row, Table
from firth.errors import FirthError, InputError, UnreadableError
from firth.types import FloatArray, Item, PictureSource, Skipped

__all__ = ["content_id", "table_items"]


def table_items(
    table: Table, *, columns: Columns, limits: Limits, seen: FirstSeen | None = None
) -> Iterator[Item | Skipped]:
    """One item a row; columns without another meaning become fields.

    Args:
        table: Where the rows come from.
        columns: What the user said about its columns.
        limits: For pictures that rows refer to.
        seen: Ids that came before; an id that is there already is skipped.

    Raises:
        SchemaError: A column that the user named is not there.
    """
    plan = plan_columns(table, columns)
    yield from plan.left_out(table)
    if not (plan.text or plan.image or plan.vectors):
        return
    rows = _Rows(table, plan, limits=limits, seen=FirstSeen(table.unit) if seen is None else seen)
    for row in table.rows():
        yield row if isinstance(row, Skipped) else rows.item(row)
    if not rows.count:
        yield Skipped(table.name, "no rows that can be read. Next: check that it is the right file")


def content_id(content: bytes) -> str:
    """An id made of what the item is: the first 16 hexadecimal digits of the SHA-256.

    >>> content_id("蘋果".encode())
    '8c78f3244b82795f'
    """
    return hashlib.sha256(content).hexdigest()[:16]


class _Rows:
    """Makes items of rows, and remembers what one row must know of those before it."""

    def __init__(self, table: Table, plan: Plan, *, limits: Limits, seen: FirstSeen) -> None:
        self.table = table
        self.plan = plan
        self.limits = limits
        self.seen = seen
        self.count = 0
        self._fields = plan.fields
        self._texts = [c for c in table.columns if c.kind in (Kind.TEXT, Kind.LIST, Kind.JSON)]
        self._widths: dict[str, int] = {}
        self._folder = table.path.parent if table.path else Path.cwd()
        self._source = str(table.path) if table.path else None

    def item(self, row: Row) -> Item | Skipped:
        self.count += 1
        try:
            return self._item(row)
        except (FirthError, OSError) as error:
            return Skipped(self.table.place(row.number), str(error))

    def _item(self, row: Row) -> Item:
        _check_storable(row.cells, self._texts)
        text = "\n".join(filter(None, (_as_text(row.cells.get(name)) for name in self.plan.text)))
        image = self._image(row)
        vectors = self._vectors(row)
        if not text.strip() and image is None and not vectors:
            raise InputError(f"empty: nothing in {', '.join(map(repr, self.plan.text)) or 'its columns'}")
        name = image.name if isinstance(image, Path) and not text.strip() else ""
        words = picture_words(image, self.limits, name=name) if image is not None else None
        return Item(
            id=self._id(row),
            text=text if text.strip() else None,
            image=image,
            fields={c.name: c.to_field(row.cells.get(c.name)) for c in self._fields},
            vectors=vectors,
            words=words,
            path=str(image) if isinstance(image, Path) else None,
            source=self._source,
        )

    def _id(self, row: Row) -> str:
        table = self.table
        if self.plan.id is not None:
            key = _id_text(row.cells.get(self.plan.id))
            what = f"id {key!r}"
        elif table.path is not None:
            return f"{table.name}#{row.number}"
        else:
            key = content_id(json.dumps(row.cells, default=_fingerprint, sort_keys=True).encode())
            what = "the same row"
        if first := self.seen.see(key, name=table.name, row=row.number):
            raise InputError(f"{what} again in {table.unit} {row.number} (first in {first})")
        return key

    def _image(self, row: Row) -> PictureSource | None:
        name = self.plan.image
        cell = row.cells.get(name) if name else None
        if isinstance(cell, Mapping):
            cell = cell.get("bytes") or cell.get("path")
        if cell is None or (isinstance(cell, str | bytes | float) and is_missing(cell)):
            return None
        if isinstance(cell, bytes | bytearray):
            self.limits.check_bytes(len(cell))
            return bytes(cell)
        if not isinstance(cell, str | Path):
            return _pil_image(cell)
        return self._picture_file(str(cell))

    def _picture_file(self, name: str) -> Path:
        if "://" in name:
            raise UnreadableError(f"the picture {name!r} is an address. Next: download it and name the file")
        path = self._folder / name
        if not path.is_file():
            raise UnreadableError(f"no picture {str(path)!r}. Next: paths start from the table's folder")
        self.limits.check_bytes(path.stat().st_size)
        return path

    def _vectors(self, row: Row) -> dict[str, FloatArray]:
        vectors = {}
        for vector, column in self.plan.vectors.items():
            cell = row.cells.get(column)
            if not isinstance(cell, np.ndarray | list | tuple) and is_missing(cell):
                continue
            vectors[vector] = _as_vector(cell, column)
            width = self._widths.setdefault(vector, len(vectors[vector]))
            if len(vectors[vector]) != width:
                raise InputError(f"{len(vectors[vector])} numbers in {column!r}; rows before have {width}")
        return vectors


def _check_storable(cells: Mapping[str, Any], columns: Sequence[Column]) -> None:
    texts = {column.name: _written(cells.get(column.name)) for column in columns}
    if why_not_storable("".join(texts.values())) is None:
        return
    for name, text in texts.items():
        if reason := why_not_storable(text):
            raise UnreadableError(f"{name!r} holds {reason}. Next: save the file as UTF-8")


def _written(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list) and all(isinstance(text, str) for text in cell):
        return "".join(cell)
    return "" if cell is None else json_text(cell)


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list) and all(isinstance(text, str) for text in cell):
        return ", ".join(cell)
    return "" if is_missing(cell) else json_text(cell)


def _id_text(cell: Any) -> str:
    if is_missing(cell):
        raise InputError("no id. Next: fill it in, or leave the id column out so that rows are numbered")
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))  # a column of whole numbers with gaps is float in pandas
    if not isinstance(cell, str | int | float | np.generic):
        raise InputError(f"an id of type {type(cell).__name__}; expected text or a number")
    return str(cell)


def _as_vector(cell: Any, column: str) -> FloatArray:
    try:
        vector = np.asarray(json.loads(cell) if isinstance(cell, str) else cell, dtype=np.float32)
    except (ValueError, TypeError) as error:
        raise InputError(f"{column!r} holds no list of numbers: {error}") from error
    if vector.ndim != 1 or not len(vector) or not np.isfinite(vector).all():
        raise InputError(f"{column!r} has shape {vector.shape}; expected (d,), every number finite")
    return vector


def _pil_image(cell: Any) -> PictureSource:
    from PIL import Image

    if isinstance(cell, Image.Image):
        return cell
    raise InputError(f"a picture of type {type(cell).__name__}; expected a path, bytes or a PIL image")


def _fingerprint(value: Any) -> Any:
    """What stands for a value that JSON does not know when rows are told apart by content."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, bytes):
        return content_id(value)
    if hasattr(value, "getbands"):  # a PIL image
        return content_id(picture_bytes(value))
    return str(value)
