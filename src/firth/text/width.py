"""How many columns a text takes in a terminal, and how to fit it into a number of them.

>>> display_width("蘋果 apple"), display_width("e\u0301"), display_width("👨‍👩‍👧")
(10, 1, 2)
>>> clip("蘋果與橘子", 7), pad("蘋果", 6) + "|"
('蘋果與…', '蘋果  |')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from firth.errors import InputError
from firth.text.characters import CharacterTable, is_emoji

__all__ = ["clip", "display_width", "pad", "printable", "widths"]

ELLIPSIS = "…"


def display_width(text: str) -> int:
    """The columns a terminal gives to `printable` of a text: East Asian wide 2, accents 0, one emoji 2.

    Characters whose width depends on the font (①, →, the Greek letters in some Chinese fonts) count 1.

    >>> display_width("Ｗ"), display_width("❤"), display_width("❤️"), display_width("🇹🇼")
    (2, 1, 2, 2)
    """
    if text.isascii():
        return len(text)
    return sum(width for _, width in _clusters(printable(text)))


def clip(text: str, columns: int) -> str:
    """A text in at most so many columns; where it goes on, the last one is an ellipsis.

    >>> clip("apple", 5), clip("apples", 5)
    ('apple', 'appl…')

    Raises:
        InputError: ``columns`` is negative.
    """
    if columns < 0:
        raise InputError(f"got columns={columns}; expected 0 or more")
    text = printable(text)
    if display_width(text) <= columns:
        return text
    kept, used = [], 0
    for cluster, width in _clusters(text):
        if used + width > columns - 1:
            break
        kept.append(cluster)
        used += width
    return "".join(kept) + ELLIPSIS if columns else ""


def pad(text: str, columns: int, *, align: str = "left") -> str:
    """A text in exactly so many columns, clipped or filled with spaces.

    >>> [pad(word, 6, align="right") for word in ("蘋果", "apples", "pomegranate")]
    ['  蘋果', 'apples', 'pomeg…']

    Raises:
        InputError: ``align`` is neither ``"left"`` nor ``"right"``, or ``columns`` is negative.
    """
    if align not in ("left", "right"):
        raise InputError(f"got align={align!r}; expected 'left' or 'right'")
    text = clip(text, columns)
    space = " " * (columns - display_width(text))
    return text + space if align == "left" else space + text


def printable(text: str) -> str:
    r"""A text on one line that cannot steer a terminal, character for character as long as before.

    Line breaks and tabs become spaces, control characters their pictures, and what would turn the reading
    direction or cannot be written at all (half of a surrogate pair) becomes a replacement character.

    >>> printable("一\n二\t\x1b[31m三")
    '一 二 ␛[31m三'
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_PRINTABLE)


def widths(text: str) -> list[int]:
    """Columns of each character; what is drawn as one has its width on the first, and they add up.

    >>> widths("蘋果e\u0301")
    [2, 2, 1, 0]
    """
    found: list[int] = []
    for cluster, width in _clusters(printable(text)):
        found += [width, *[0] * (len(cluster) - 1)]
    return found


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """What a terminal draws as one, and its columns."""
    for match in _CLUSTER.finditer(text.translate(_CLASSES)):
        yield text[match.start() : match.end()], _columns(match.group())


def _columns(kind: str) -> int:
    if kind[0] in "0vz":
        return 0
    # A variation selector (v) asks for the colourful, wide form of a narrow sign.
    return 2 if kind[0] in "2Es" or kind == "rr" or "v" in kind else 1


# 0 no width, 1 narrow, 2 wide, e narrow emoji, E wide emoji, r flag letter, s skin tone, v, z joiner.
_CLASSES = CharacterTable(lambda char: _class_of(char))
_CLUSTER = re.compile("rr|[eE][0vs]*(?:z[eE12][0vs]*)*z?|[12r][0vz]*|[0vsz]")
_FIXED = {"\ufe0f": "v", "\u200d": "z"}


def _class_of(char: str) -> str:
    if fixed := _FIXED.get(char):
        return fixed
    if "\U0001f1e6" <= char <= "\U0001f1ff":
        return "r"
    if "\U0001f3fb" <= char <= "\U0001f3ff":
        return "s"
    category = unicodedata.category(char)
    if char != "\u00ad" and (category in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff"):
        return "0"
    wide = unicodedata.east_asian_width(char) in "WF"
    if is_emoji(char):
        return "E" if wide else "e"
    return "2" if wide else "1"


_PRINTABLE = CharacterTable(lambda char: _printable_character(char))
_DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _printable_character(char: str) -> str:
    if char.isspace() and char not in "\x1c\x1d\x1e\x1f":
        return char if unicodedata.category(char) == "Zs" else " "
    if char < " ":
        return chr(0x2400 + ord(char))
    if char == "\x7f":
        return "\u2421"
    return "\ufffd" if char in _DIRECTIONS or unicodedata.category(char) in ("Cc", "Cs") else char
