"""Which encoding are these bytes in? UTF-8 first; Big5 and GB18030 only where that is plainly what they are.

Nearly any bytes decode as GB18030, so that decoding without an error proves nothing. The legacy encodings
order their characters by how common they are: real text stays almost wholly within the punctuation and the
*level 1* characters (5,401 in Big5, 3,755 in GB 2312), and a good part of it is made of a few dozen characters.
Text decoded wrongly is scattered over the rare ones.

>>> decode("會魔法的少年".encode("big5"))
'會魔法的少年'
>>> decode("會魔法的少年 café".encode())
'會魔法的少年 café'
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

from firth.errors import UnreadableError

__all__ = ["decode", "detect_file", "why_not_storable"]

Blocks: TypeAlias = Callable[[], Iterator[bytes]]

BLOCK_BYTES = 2**20
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LEGACY = ("cp950", "big5hkscs", "gb18030")
EVERYDAY = 0.9
"""The share of punctuation and level 1 among the characters outside ASCII that text must have."""
COMMON = 0.08
"""The share of `MOST_COMMON`: Chinese text has .1 and more, Korean or accented letters read as Chinese .03."""

MOST_COMMON = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作用道行所然家種"
    "事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實"
    "这个们来为国说时会对于着过发后种经么学现当没动还进样开从实，。、？！：「」“”"
    "嘅佢哋喺唔咗嚟咁啲冇嗰嘢啦咩"
)


def decode(data: bytes) -> str:
    """Bytes to text, without a byte order mark.

    Raises:
        UnreadableError: It is none of UTF-8, UTF-16 or UTF-32 with a byte order mark, Big5 and GB18030, or
            the bytes are no text at all; names the first bad byte.
    """
    encoding = _detect(lambda: iter((data,)))
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"byte {error.start} (0x{data[error.start]:02x}) is not {encoding or 'UTF-8'}, and the whole "
            "is not plainly Big5 or GB18030 either. Next: save it as UTF-8"
        ) from error
    if "\x00" in text:
        raise UnreadableError(
            f"a zero byte at character {text.index(chr(0))}: not text, or UTF-16 without a byte order mark. "
            "Next: save it as UTF-8"
        )
    return text


def detect_file(path: Path) -> str:
    """The encoding of a text file of any length, read in blocks; UTF-8 where none fits the whole."""

    def blocks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block

    return _detect(blocks) or "utf-8"


def why_not_storable(text: str) -> str | None:
    r"""What keeps a string from being written as UTF-8 to every store, or None.

    >>> why_not_storable("蘋果"), why_not_storable("a\x00b")
    (None, 'a zero byte')
    """
    if "\x00" in text:
        return "a zero byte"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        if 0xDC80 <= code <= 0xDCFF:  # as which "surrogateescape" decodes the bytes 0x80 to 0xFF
            return f"a byte that is not UTF-8 (0x{code - 0xDC00:02x})"
        return "half a surrogate pair"
    return None


def _detect(blocks: Blocks) -> str | None:
    start = next(blocks(), b"")[:4]
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    if _characters(blocks(), "utf-8") is not None:
        return "utf-8"
    return _plausible_legacy(blocks)


def _plausible_legacy(blocks: Blocks) -> str | None:
    """The one legacy encoding in which the bytes read as everyday Chinese; None if none or several do."""
    common: dict[str, float] = {}
    for encoding in LEGACY:
        if encoding == "big5hkscs" and "cp950" in common:
            continue  # both are Big5; Hong Kong's additions are tried only where they are needed
        foreign = _characters(blocks(), encoding)
        if foreign and _share(foreign, partial(_is_everyday, encoding=encoding)) >= EVERYDAY:
            common[encoding] = _share(foreign, MOST_COMMON.__contains__)
    best = max(common.values(), default=0.0)
    if best < COMMON:
        return None
    winners = [encoding for encoding, share in common.items() if share == best]
    return winners[0] if len(winners) == 1 else None


def _characters(blocks: Iterator[bytes], encoding: str) -> Counter[str] | None:
    """How often each character outside ASCII stands there; None if the bytes are not in the encoding.

    Nothing is counted for UTF-8, where decoding strictly is proof enough.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    counts: Counter[str] = Counter()
    try:
        for block in blocks:
            text = decoder.decode(block)
            if encoding != "utf-8":
                counts.update(text)
        counts.update(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        return None
    return Counter({character: n for character, n in counts.items() if character > "\x7f"})


def _share(counts: Counter[str], wanted: Callable[[str], bool]) -> float:
    return sum(n for character, n in counts.items() if wanted(character)) / counts.total()


def _is_everyday(character: str, *, encoding: str) -> bool:
    """Punctuation or a level 1 character: rows A1-A3 and A4-C6 of Big5, A1-A3 and B0-D7 of GB 2312."""
    if character in MOST_COMMON:
        return True  # Cantonese writes with some that are level 2
    code = character.encode(encoding)
    if len(code) != 2:
        return False
    if encoding == "gb18030":
        return (0xA1 <= code[0] <= 0xA3 or 0xB0 <= code[0] <= 0xD7) and code[1] >= 0xA1
    return 0xA1 <= code[0] <= 0xC6
