"""What a reader is told: which columns mean what, and how large a file may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firth.errors import UnreadableError

__all__ = ["COLUMNS", "LIMITS", "Columns", "Limits"]

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table mean what.

    Attributes:
        id: The column of ids. Without it a column called ``id`` (in any case) is taken, and without that a
            row is called after its table and number, ``books.csv#17``.
        text: The columns that are read and encoded, joined by a newline in this order. Empty means a guess,
            see `firth.data.guess_text`.
        image: The column of pictures: paths, relative to the table's folder, or the bytes of picture files.
        vectors: Columns of numbers by the name the vector shall have, ``{"meaning": "embedding"}``.
    """

    id: str | None = None
    text: tuple[str, ...] = ()
    image: str | None = None
    vectors: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take one name, or a list of names, for `text` as what is meant by it."""
        text = (self.text,) if isinstance(self.text, str) else tuple(self.text)
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may hold; whatever is over is skipped and named. Tables have no limit.

    Attributes:
        file_bytes: The size of a document or a picture file, in bytes.
        pixels: Width times height of a picture (178 million at most for WebP, whatever stands here). Checked
            before any pixel is decoded: a file of some kilobytes can unpack to gigabytes.
    """

    file_bytes: int = 64 * MIB
    pixels: int = 100_000_000

    def check_bytes(self, size: int) -> None:
        """Refuse a document or picture file of more than `file_bytes`.

        Raises:
            UnreadableError: It is larger.
        """
        if size > self.file_bytes:
            raise UnreadableError(
                f"{size / MIB:,.1f} MiB is over the limit of {self.file_bytes / MIB:,.1f} MiB for documents "
                f"and pictures. Next: split it, or allow it with Limits(file_bytes={size})"
            )

    def check_pixels(self, width: int, height: int) -> None:
        """Refuse a picture of more than `pixels`.

        Raises:
            UnreadableError: It is larger.
        """
        if width * height > self.pixels:
            raise UnreadableError(
                f"{width:,} x {height:,} pixels are over the limit of {self.pixels:,}. "
                f"Next: make it smaller, or allow it with Limits(pixels={width * height})"
            )


COLUMNS = Columns()
"""Nothing said: ids and text are found by the columns' names."""

LIMITS = Limits()
"""What holds where nothing is said."""
