"""Folding: one form for all the ways to write the same thing, for matching only.

Full width becomes half width, capitals small, Latin, Greek and Cyrillic letters lose their accents,
invisible characters go, and Traditional characters become Simplified ones, each by itself. What a
reader sees is always the original, so `fold_offsets` knows where each folded character came from.

>>> fold("蘋果"), fold("苹果"), fold("ＣＡＦÉ")
('苹果', '苹果', 'cafe')
>>> fold("Straße"), fold("かﾞ")
('strasse', 'が')
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from firth.text.characters import CharacterTable

__all__ = ["Folded", "fold", "fold_offsets", "simplified_forms"]

# Invisible: soft hyphen, zero-width space, directions, joiner of words, byte order mark, variation
# selectors. The zero-width joiner stays: it makes one emoji of several.
_INVISIBLE = (
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
)
_ACCENTS = "\u0300-\u036f"
_DROPPED = re.compile(f"[{_ACCENTS}{_INVISIBLE}]")


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A folded text that remembers where it came from.

    Attributes:
        text: What `fold` gives, ``n`` characters.
        starts: ``(n + 1,)`` int64: where in the original each folded character begins; the last one is the
            original's length. Never falls. Characters that come from one ("ß" -> "ss") share their start.
    """

    text: str
    starts: npt.NDArray[np.int64]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that the folded characters ``start`` to ``end`` came from.

        Half of an expanded character ("s" of "ß") gives the whole of it.

        >>> fold_offsets("一顆蘋果").original(2, 4)
        (2, 4)
        >>> fold_offsets("cafe\u0301!").original(0, 4)
        (0, 5)
        """
        first = int(self.starts[start])
        if end <= start:
            return first, first
        following = int(np.searchsorted(self.starts, self.starts[end - 1], side="right"))
        return first, int(self.starts[following])


def fold(text: str) -> str:
    """The form in which texts are compared; folding twice changes nothing.

    It can be shorter or longer than the original. Letters that Unicode does not take apart ("ø", "ł") stay.

    >>> fold("資料庫 Database") == fold("资料库 database")
    True
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text.translate(_TABLE))


def fold_offsets(text: str) -> Folded:
    """`fold`, with the way back to the original's characters.

    >>> folded = fold_offsets("ﬁne 蘋果")
    >>> folded.text, folded.starts.tolist()
    ('fine 苹果', [0, 0, 1, 2, 3, 4, 5, 6])
    """
    if text.isascii():
        return Folded(text.lower(), np.arange(len(text) + 1))
    lengths = np.frombuffer(text.translate(_LENGTHS).encode("latin-1"), dtype=np.uint8)
    starts = np.append(np.repeat(np.arange(len(text)), lengths), len(text))
    folded = text.translate(_TABLE)
    if unicodedata.is_normalized("NFC", folded):
        return Folded(folded, starts)
    return _composed_offsets(folded, starts)


@cache
def simplified_forms() -> dict[str, str]:
    """The Traditional -> Simplified characters that folding knows (from OpenCC).

    >>> simplified_forms()["蘋"]
    '苹'
    """
    table = (files("firth.text") / "fold_table.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {traditional: simplified for simplified, group in pairs for traditional in group}


def _fold_character(char: str) -> str:
    """What one character becomes; repeated until nothing changes, as one rule can make work for another."""
    before, after = "", char
    while after != before:
        before = after
        after = _DROPPED.sub("", unicodedata.normalize("NFKD", after))
        after = unicodedata.normalize("NFC", after.casefold())
        after = "".join(simplified_forms().get(part, part) for part in after)
    return after


_TABLE = CharacterTable(_fold_character)
_LENGTHS = CharacterTable(lambda char: chr(len(_TABLE[ord(char)])))

# What can melt into the character before it: marks (が from か and its dots) and the later letters of a
# Hangul syllable. Everything else begins a new cluster, so a text can be composed cluster by cluster.
_CLASSES = CharacterTable(lambda char: "m" if _melts(char) else "c")
_CLUSTER = re.compile("cm+|^m+")


def _melts(char: str) -> bool:
    return (
        unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
    )


def _composed_offsets(folded: str, starts: npt.NDArray[np.int64]) -> Folded:
    pieces: list[str] = []
    places: list[npt.NDArray[np.int64]] = []
    done = 0
    for match in _CLUSTER.finditer(folded.translate(_CLASSES)):
        first, last = match.span()
        cluster = unicodedata.normalize("NFC", folded[first:last])
        if cluster == folded[first:last]:
            continue
        pieces += [folded[done:first], cluster]
        places += [starts[done:first], np.full(len(cluster), starts[first])]
        done = last
    return Folded("".join([*pieces, folded[done:]]), np.concatenate([*places, starts[done:]]))
