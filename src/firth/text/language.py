"""A rough guess at what a text is written in, from its characters alone."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache

from firth.text.characters import CharacterTable, is_cjk
from firth.text.fold import simplified_forms

__all__ = ["script"]

_SHARE = 0.1  # of a script that settles the matter: kana in Japanese, Han characters among English words


def script(text: str) -> str:
    """Guess ``"zh-Hant"``, ``"zh-Hans"``, ``"zh"``, ``"en"``, ``"ja"``, ``"ko"`` or ``"other"``.

    Rough: it counts characters and knows no words. ``"zh"`` is Chinese without a character that only one of
    the two scripts has (山水). Japanese without kana passes as Chinese, and any language in plain Latin
    letters as English; one with many accented letters is ``"other"``, as is a text without letters.

    >>> [script(text) for text in ("蘋果", "苹果", "山水", "an apple", "1 + 1")]
    ['zh-Hant', 'zh-Hans', 'zh', 'en', 'other']
    >>> [script(text) for text in ("りんごの木", "사과", "яблоко")]
    ['ja', 'ko', 'other']
    """
    counts = Counter(text.translate(_CLASSES))
    letters = sum(counts.values()) - counts[" "]
    chinese = counts["t"] + counts["s"] + counts["h"]
    if not letters:
        return "other"
    if counts["k"] > _SHARE * (chinese + counts["k"]) and counts["k"] > _SHARE * letters:
        return "ja"
    if counts["g"] > _SHARE * letters:
        return "ko"
    if chinese > _SHARE * letters:
        if counts["t"] == counts["s"]:
            return "zh"
        return "zh-Hant" if counts["t"] > counts["s"] else "zh-Hans"
    return "en" if counts["l"] > (1 - _SHARE / 2) * letters else "other"


# t only Traditional, s only Simplified, h other Han, k kana, g Hangul, l ASCII letters, o other letters.
_CLASSES = CharacterTable(lambda char: _class_of(char))


def _class_of(char: str) -> str:
    if char.isascii():
        return "l" if char.isalpha() else " "
    if not is_cjk(char):
        return "o" if char.isalpha() else " "
    name = unicodedata.name(char, "")
    if "HANGUL" in name:
        return "g"
    if "KATAKANA" in name or "HIRAGANA" in name:
        return "k"
    if char in simplified_forms():
        return "h" if _in_gb2312(char) else "t"
    return "s" if char in _simplified() and not _is_common_in_taiwan(char) else "h"


@cache
def _simplified() -> frozenset[str]:
    return frozenset(simplified_forms().values())


def _in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _is_common_in_taiwan(char: str) -> bool:
    """Whether a character is one of Big5's 5,401 common ones: 后, 里, 云 are Simplified forms and more."""
    try:
        return char.encode("big5") < b"\xc6\x7f"
    except UnicodeEncodeError:
        return False
