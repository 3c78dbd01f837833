"""What kind of character is this? Tables for `str.translate` that learn characters as they are met."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

__all__ = ["CharacterTable", "is_cjk", "is_emoji"]

_CJK = (
    (0x1100, 0x11FF),  # Hangul letters
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # 々 〆 〇
    (0x3021, 0x3029),  # Suzhou numerals
    (0x3031, 0x3035),  # kana repeat marks
    (0x3038, 0x303C),
    (0x3041, 0x30FA),  # kana, without the dot between foreign names
    (0x30FC, 0x31EF),  # long vowel mark, Bopomofo, Hangul, strokes
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han extension A
    (0x4E00, 0x9FFF),  # Han
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),
    (0xFF66, 0xFFDC),  # half-width kana and Hangul
    (0x1AFF0, 0x1B16F),  # kana extensions
    (0x20000, 0x3FFFD),  # Han extensions B and on
)
_EMOJI = (
    (0x231A, 0x231B),
    (0x2328, 0x2328),
    (0x23CF, 0x23CF),
    (0x23E9, 0x23FA),
    (0x2600, 0x27BF),
    (0x2B1B, 0x2B1C),
    (0x2B50, 0x2B50),
    (0x2B55, 0x2B55),
    (0x1F000, 0x1F0FF),
    (0x1F170, 0x1F189),
    (0x1F18E, 0x1F19A),
    (0x1F201, 0x1F265),
    (0x1F300, 0x1F3FA),  # the skin tones that follow are no emoji by themselves
    (0x1F400, 0x1FAFF),
)


class CharacterTable(dict[int, str]):
    """A `str.translate` table that works out a character when it is first met, and remembers it.

    A full table would cost every start a scan of Unicode; a text uses a few thousand characters of it.

    >>> shout = CharacterTable(str.upper)
    >>> "ab".translate(shout), len(shout)
    ('AB', 2)
    """

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, code: int) -> str:
        value = self[code] = self._rule(chr(code))
        return value


def is_cjk(char: str) -> bool:
    """Whether a character is Han, kana, Hangul or Bopomofo: a script written without spaces, or nearly so.

    >>> [is_cjk(char) for char in "蘋苹りㄅ한A。"]
    [True, True, True, True, True, False, False]
    """
    return _within(_CJK, char)


def is_emoji(char: str) -> bool:
    """Whether a character is a picture: emoji, and the older signs (☂ ♠ ✂) that share their blocks.

    >>> [is_emoji(char) for char in "🍎☂A→"]
    [True, True, False, False]
    """
    return _within(_EMOJI, char)


def _within(ranges: tuple[tuple[int, int], ...], char: str) -> bool:
    code = ord(char)
    place = bisect_right(ranges, (code, 0x110000)) - 1
    return place >= 0 and code <= ranges[place][1]
