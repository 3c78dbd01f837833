"""`read`: whatever a user hands to ``add`` becomes items, one after the other."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from firth.data.arrow_tables import arrow_source, arrow_table
from firth.data.files import TABLES, File, read_file
from firth.data.folders import count_files, read_folder
from firth.data.memory import read_items, read_lines, read_pictures, read_texts, read_vectors, records_table
from firth.data.options import COLUMNS, LIMITS, Columns, Limits
from firth.data.seen import FirstSeen
from firth.data.table_items import table_items
from firth.errors import InputError, UnreadableError
from firth.types import Item, Skipped

__all__ = ["read", "total"]

ACCEPTED = (
    "a path, an open text stream, an array (n, d), a pandas, polars or Arrow table, or a list of texts, "
    "paths, PIL images, dicts or Items"
)


def read(
    source: Any, *, columns: Columns = COLUMNS, limits: Limits = LIMITS, ids: Sequence[str] | None = None
) -> Iterator[Item | Skipped]:
    """The items of anything that can be added, lazily and in bounded memory.

    =====================================  ==========================================================
    source                                 ids, where the user gives none
    =====================================  ==========================================================
    path of a document or a picture        the file's name
    path of a folder                       the files' paths, from the folder's own name on
    path of a table, .csv .tsv .jsonl      a column ``id``, else ``books.csv#17``
    .ndjson .parquet
    DataFrame, Arrow table, list of dicts  a column ``id``, else a hash of the row
    open text stream, list of str          a hash of the text
    list of PIL images                     a hash of the pixels
    array ``(n, d)``                       ``"0"`` to ``str(n - 1)``
    list of Item                           their own
    list of paths                          as each path by itself
    =====================================  ==========================================================

    Args:
        source: What to read. A single text goes into a list, for a string is a path.
        columns: Which columns of a table mean what.
        limits: How large documents and pictures may be.
        ids: For texts, pictures and arrays: one id each.

    Returns:
        Items in the source's own order, and in its place each thing that could not be read.

    Raises:
        InputError: A source of a kind that is not known, or a list of several kinds.
        UnreadableError: There is no such file or folder.
        DimensionError: An array of another shape, or with numbers that are not finite.
        SchemaError: A column in ``columns`` is not there; raised when the first item is asked for.

    >>> [item.text for item in read(["蘋果", "orange"])]
    ['蘋果', 'orange']
    """
    if isinstance(source, str | Path):
        _no_ids(ids, "files")
        return _read_path(Path(source), columns, limits, FirstSeen())
    if isinstance(source, io.TextIOBase):
        _no_ids(ids, "a stream")
        return read_lines(source)
    if isinstance(source, np.ndarray) and source.dtype.kind != "U":
        return read_vectors(source, ids=_checked_ids(ids, len(source) if source.ndim else 0))
    if _is_arrow(source):
        _no_ids(ids, "tables")
        schema, batches = arrow_source(source)
        return table_items(arrow_table(schema, batches, name="table"), columns=columns, limits=limits)
    if isinstance(source, Item):
        return read_items([source])
    if isinstance(source, Iterable) and not isinstance(source, Mapping | bytes | bytearray | io.IOBase):
        elements = source.tolist() if isinstance(source, np.ndarray) else source
        return _read_iterable(elements, columns, limits, ids)
    raise InputError(f"got a {_type_name(source)}; expected {ACCEPTED}")


def total(source: Any) -> int | None:
    """How many items to expect, cheaply, for a progress bar; None where only reading would tell.

    For a folder this is the number of its files.
    """
    if isinstance(source, str | Path):
        return _total_of_path(Path(source))
    if _is_arrow(source):
        return len(source) if hasattr(source, "__len__") else None
    return len(source) if isinstance(source, Sequence | np.ndarray) else None


def _read_path(path: Path, columns: Columns, limits: Limits, seen: FirstSeen) -> Iterator[Item | Skipped]:
    absolute = _existing(path)
    if absolute.is_dir():
        return read_folder(absolute, columns=columns, limits=limits, seen=seen)
    return read_file(File(absolute, absolute.name, absolute), columns=columns, limits=limits, seen=seen)


def _existing(path: Path) -> Path:
    absolute = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100  resolve() would follow links to other names
    try:
        if absolute.exists():
            return absolute
    except (OSError, ValueError):
        pass  # a text that was taken for a path: longer than one may be, or with a zero byte
    raise UnreadableError(
        f"no file or folder {str(path)[:200]!r}. Next: check the path; a text of your own goes into a list: [...]"
    )


def _read_iterable(
    source: Iterable[Any], columns: Columns, limits: Limits, ids: Sequence[str] | None
) -> Iterator[Item | Skipped]:
    """A list, or an iterator, all of one kind; of an iterator the kind is that of its first element."""
    if isinstance(source, Sequence):
        ids = _checked_ids(ids, len(source))
        for _ in _same_kind(source):
            pass  # a list is checked before the first item is out
    elements = iter(source)
    first = next(elements, None)
    if first is None:
        return iter(())
    kind = _kind(first)
    checked = _same_kind(chain([first], elements))
    if kind is str:
        return read_texts(checked, ids=ids)
    if kind == "picture":
        return read_pictures(checked, ids=ids)
    _no_ids(ids, "items, tables and paths")
    if kind is Item:
        return read_items(checked)
    if kind is Path:
        seen = FirstSeen()
        return chain.from_iterable(_read_path(path, columns, limits, seen) for path in checked)
    table = records_table(source if isinstance(source, Sequence) else list(checked))
    return table_items(table, columns=columns, limits=limits)


def _same_kind(elements: Iterable[Any]) -> Iterator[Any]:
    kind = None
    for number, element in enumerate(elements, start=1):
        this = _kind(element)
        if this is None or (kind is not None and this != kind):
            before = f" after {number - 1} of another kind" if kind is not None else ""
            raise InputError(f"element {number} is a {_type_name(element)}{before}; expected {ACCEPTED}")
        kind = this
        yield element


def _kind(element: Any) -> object:
    """What decides how a list is read; None for what cannot be in one."""
    for kind in (str, Path, Item, Mapping):
        if isinstance(element, kind):
            return kind
    return "picture" if hasattr(element, "getbands") else None  # PIL.Image.Image, without importing it


def _is_arrow(source: Any) -> bool:
    return hasattr(source, "__arrow_c_stream__") or _type_name(source) == "pyarrow.lib.RecordBatch"


def _type_name(source: Any) -> str:
    kind = type(source)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _checked_ids(ids: Sequence[str] | None, expected: int) -> Sequence[str] | None:
    if ids is None:
        return None
    ids = [str(key) for key in ids]
    if len(ids) != expected:
        raise InputError(f"got {len(ids)} ids for {expected} items; expected one each")
    return ids


def _no_ids(ids: Sequence[str] | None, what: str) -> None:
    if ids is not None:
        raise InputError(
            f"got ids for {what}. Next: leave them out; for a table name its column, Columns(id=...)"
        )


def _total_of_path(path: Path) -> int | None:
    path = _existing(path)
    if path.is_dir():
        return count_files(path)
    if path.suffix.lower() == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return int(pq.read_metadata(path).num_rows)
        except (pa.ArrowInvalid, OSError):
            return None
    return None if path.suffix.lower() in TABLES else 1
