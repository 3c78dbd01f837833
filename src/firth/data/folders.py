"""A folder and all that is below it, in the order of names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from firth.data.files import ENDINGS, File, read_file, reason_of
from firth.data.options import Columns, Limits
from firth.data.pictures import PICTURES
from firth.data.seen import FirstSeen
from firth.errors import SchemaError
from firth.types import Item, Skipped

__all__ = ["count_files", "read_folder"]


def read_folder(
    folder: Path, *, columns: Columns, limits: Limits, seen: FirstSeen
) -> Iterator[Item | Skipped]:
    """The items of every document, picture and table in a folder and its subfolders.

    Hidden files and folders are passed over. A text beside a picture of the same name is that picture's
    caption and no item of its own. Files of other kinds are counted, one report for each ending.

    Args:
        folder: Absolute.
        columns: For the tables; a table without one of the named columns is skipped.
        limits: For documents and pictures.
        seen: Ids that came before.
    """
    others: dict[str, list[str]] = {}
    for file in _files(folder):
        if isinstance(file, Skipped):
            yield file
        elif (ending := file.path.suffix.lower()) not in ENDINGS:
            others.setdefault(ending, []).append(file.name)
        else:
            yield from _read(file, columns, limits, seen)
    for ending, names in sorted(others.items()):
        yield _other_kinds(folder.name, ending, names)


def count_files(folder: Path) -> int:
    """How many files `read_folder` would read."""
    return sum(isinstance(file, File) and file.path.suffix.lower() in ENDINGS for file in _files(folder))


def _read(file: File, columns: Columns, limits: Limits, seen: FirstSeen) -> Iterator[Item | Skipped]:
    try:
        yield from read_file(file, columns=columns, limits=limits, seen=seen)
    except SchemaError as error:
        yield Skipped(file.name, str(error))


def _files(folder: Path) -> Iterator[File | Skipped]:
    """Every file that is not hidden and no caption; each folder once, however it is linked."""
    visited: set[tuple[int, int]] = set()
    yield from _walk(File(folder, folder.name, folder), visited)


def _walk(folder: File, visited: set[tuple[int, int]]) -> Iterator[File | Skipped]:
    try:
        status = folder.path.stat()
        if (status.st_dev, status.st_ino) in visited:
            yield Skipped(folder.name, "a link to a folder that is read already")
            return
        visited.add((status.st_dev, status.st_ino))
        with os.scandir(folder.path) as found:
            entries = sorted((e for e in found if not e.name.startswith(".")), key=lambda e: e.name)
    except OSError as error:
        yield Skipped(folder.name, reason_of(error))
        return
    pictures = {Path(e.name).stem for e in entries if Path(e.name).suffix.lower() in PICTURES}
    for entry in entries:
        file = replace(folder, path=folder.path / entry.name, name=f"{folder.name}/{entry.name}")
        if _is_folder(file.path):
            yield from _walk(file, visited)
        elif file.path.suffix in (".txt", ".TXT") and file.path.stem in pictures:
            continue
        else:
            yield file


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # what is wrong is said when it is read as a file


def _other_kinds(folder: str, ending: str, names: list[str]) -> Skipped:
    files = "1 file" if len(names) == 1 else f"{len(names):,} files"
    first = names[0].encode(errors="backslashreplace").decode()
    which = f"ending in {ending}" if ending else "without an ending"
    return Skipped(
        folder,
        f"{files} {which} (the first: {first}): not a kind firth reads. Next: convert what matters to "
        "text, HTML, PDF, DOCX, a table or a picture",
    )
