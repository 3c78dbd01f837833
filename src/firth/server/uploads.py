"""Files that the page sends: kept in a folder of ours, under names of ours, for items point to their originals."""

from __future__ import annotations

import secrets
import tempfile
import threading
import unicodedata
from pathlib import Path
from typing import Any

from firth.data import ENDINGS, Limits
from firth.errors import InputError, UnknownNameError
from firth.mapping.shelf import place_of
from firth.places import data_folder
from firth.server.asking import Ask
from firth.server.desk import Desk

__all__ = ["FILE_BYTES", "Uploads", "begin_upload", "take_file"]

FILE_BYTES = Limits().file_bytes
MOST_FILES = 1000
MOST_UPLOADS = 100
LONGEST = 120
FORBIDDEN = set('<>:"/\\|?*')


class Uploads:
    """The uploads of this server.

    Args:
        location: The collection's; of one in memory, files go to a temporary folder.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._folder: Path | None = None
        self._files: dict[str, list[Path]] = {}
        self._lock = threading.Lock()

    def begin(self) -> str:
        """A handle for files that belong together."""
        handle = secrets.token_hex(8)
        self._files[handle] = []
        while len(self._files) > MOST_UPLOADS:
            del self._files[next(iter(self._files))]
        return handle

    def files(self, handle: str) -> list[Path]:
        """The files of an upload.

        Raises:
            UnknownNameError: There is no such upload.
        """
        if handle not in self._files:
            raise UnknownNameError("no upload has this handle. Next: begin a new one")
        return list(self._files[handle])

    def take(self, handle: str, name: str, content: bytes) -> Path:
        """Keep a file; another one of the same name is never written over, the same one is kept once.

        Raises:
            InputError: There are too many, or no file of this kind can be added.
        """
        if len(self.files(handle)) >= MOST_FILES:
            raise InputError(f"an upload takes {MOST_FILES} files. Next: begin another")
        safe = Path(safe_name(name))
        if safe.suffix.lower() not in ENDINGS:
            raise InputError(f"got a file {safe.name!r}; expected one of {' '.join(sorted(ENDINGS))}")
        with self._lock:
            for number in range(1, 10_000):
                name = safe.name if number == 1 else f"{safe.stem}-{number}{safe.suffix}"
                path = self._place() / name
                if not path.exists():
                    path.write_bytes(content)
                elif path.read_bytes() != content:
                    continue
                if path not in self._files[handle]:
                    self._files[handle].append(path)
                return path
        raise InputError(f"there are 9,999 files called {safe.name!r}. Next: rename it")

    def _place(self) -> Path:
        if self._folder is None:
            if self._location == ":memory:":
                self._folder = Path(tempfile.mkdtemp(prefix="firth-"))
            else:
                self._folder = data_folder() / "uploads" / place_of(self._location)
                self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder


def safe_name(name: str) -> str:
    r"""The last part of a name, without any sign that means something to a file system.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\照片\\貓.jpg"), safe_name("..")
    ('passwd', '貓.jpg', 'file')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in FORBIDDEN).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    while len(kept.encode()) > LONGEST:
        stem = stem[:-1] if dot else ""
        kept = f"{stem}.{ending}" if dot and stem else kept[:-1]
    return kept or "file"


def begin_upload(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Begin an upload."""
    ask.only()
    return {"upload": _uploads(ask).begin()}


def take_file(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Take one file of an upload."""
    path = _uploads(ask).take(ask.word("handle"), ask.word("name"), ask.content)
    return {"name": path.name, "bytes": len(ask.content)}


def _uploads(ask: Ask) -> Uploads:
    uploads: Uploads = ask.request.app.state.uploads
    return uploads
