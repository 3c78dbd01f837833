"""The files in which others keep word vectors: word2vec (text, binary), GloVe and fastText's ``.vec``.

word2vec begins with a line ``n d``; then comes a word a line, its numbers after it as text, or as ``d`` little-endian
float32. GloVe has no first line; fastText's ``.vec`` is word2vec's text. A name that ends in ``.gz`` is compressed.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

import numpy as np

from firth.errors import InputError, UnreadableError
from firth.types import FloatArray

__all__ = ["FORMATS", "Format", "Named", "guess_format", "read_file", "write_file"]

Format = Literal["word2vec", "word2vec-binary", "glove", "fasttext"]
FORMATS: tuple[Format, ...] = ("word2vec", "word2vec-binary", "glove", "fasttext")
PEEK = 1 << 16
"""Bytes that tell the format; a row of 1,000 numbers as text fits."""


@dataclass(frozen=True, slots=True)
class Named:
    """What such a file holds: ``n`` words and ``(n, d)`` float32."""

    words: tuple[str, ...]
    vectors: FloatArray


def read_file(path: Path, *, format: Format | None = None) -> Named:
    """Read a file of word vectors; by default its format is seen from its beginning.

    Raises:
        UnreadableError: It is missing, cut short, or no word vectors.
    """
    try:
        with _open(path, "rb") as file:
            first = file.read(PEEK)
        format = format or guess_format(first)
        with _open(path, "rb") as file:
            return _read_binary(file) if format == "word2vec-binary" else _read_text(file, format)
    except (OSError, EOFError, ValueError) as error:
        raise UnreadableError(
            f"{path}: no word vectors as word2vec, GloVe or fastText (.vec) write them ({error}). Next: look at its "
            "first lines"
        ) from error


def write_file(path: Path, named: Named, *, format: str) -> None:
    """Write words and vectors, whole or not at all.

    Raises:
        InputError: The format is unknown, or a word holds white space, which these formats cannot say.
    """
    if format not in FORMATS:
        raise InputError(f"got format={format!r}; expected folder or one of {', '.join(FORMATS)}")
    if spaced := next((word for word in named.words if not word or word.split() != [word]), None):
        raise InputError(
            f"the word {spaced!r} holds white space; {format} cannot keep it. Next: format='folder'"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"draft-{path.name}")
    with _open(draft, "wb") as file:
        if format != "glove":
            file.write(f"{len(named.words)} {named.vectors.shape[1]}\n".encode())
        for word, row in zip(named.words, np.asarray(named.vectors, "<f4"), strict=True):
            # repr of a float32 is the shortest text that reads back as the same number
            body = row.tobytes() if format == "word2vec-binary" else " ".join(map(str, row)).encode()
            file.write(word.encode() + b" " + body + b"\n")
    draft.replace(path)


def guess_format(first: bytes) -> Format:
    r"""The format that a file's first bytes speak for.

    >>> guess_format(b"2 2\napple 1 0\n"), guess_format(b"apple 1 0\n")
    ('word2vec', 'glove')
    """
    head, _, rest = first.partition(b"\n")
    fields = head.split()
    if len(fields) != 2 or not all(field.isdigit() for field in fields):
        return "glove"
    row = rest.partition(b"\n")[0].rstrip().rsplit(b" ", int(fields[1]))
    return "word2vec" if len(row) == int(fields[1]) + 1 and _all_numbers(row[1:]) else "word2vec-binary"


def _all_numbers(fields: Sequence[bytes]) -> bool:
    try:
        return bool([float(field) for field in fields])
    except ValueError:
        return False


def _open(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, mode) if path.suffix == ".gz" else path.open(mode))


def _read_text(file: IO[bytes], format: str) -> Named:
    n = d = 0
    if format != "glove":
        n, d = map(int, file.readline().split())
    words: list[str] = []
    rows: list[FloatArray] = []
    for line in file:
        if not line.strip():
            continue
        # GloVe's largest files hold words with spaces inside, so numbers are counted from the right
        word, *fields = line.rstrip().rsplit(b" ", d) if d else line.split()
        d = d or len(fields)
        if len(fields) != d:
            raise ValueError(f"row {len(rows) + 1} has {len(fields)} numbers, expected {d}")
        words.append(word.decode("utf-8", "replace"))
        rows.append(np.array(fields).astype(np.float32))
    if len(rows) != (n or len(rows)) or not rows:
        raise ValueError(f"{len(rows):,} rows, expected {n or 'some'}")
    return Named(tuple(words), np.stack(rows))


def _read_binary(file: IO[bytes]) -> Named:
    n, d = map(int, file.readline().split())
    words, vectors = [], np.empty((n, d), np.float32)
    for row, (word, body) in enumerate(_binary_rows(file, n, 4 * d)):
        words.append(word.decode("utf-8", "replace"))
        vectors[row] = np.frombuffer(body, "<f4")
    return Named(tuple(words), vectors)


def _binary_rows(file: IO[bytes], n: int, width: int) -> Iterator[tuple[bytes, bytes]]:
    """Words and the bytes of their numbers; a line end after a row may be there or not."""
    buffer = b""
    for row in range(n):
        while (space := buffer.find(b" ")) < 0 or len(buffer) < space + 1 + width:
            more = file.read(max(PEEK, width))
            if not more:
                raise ValueError(f"it ends in row {row + 1} of {n}")
            buffer += more
        yield buffer[:space].lstrip(b"\n"), buffer[space + 1 : space + 1 + width]
        buffer = buffer[space + 1 + width :]
