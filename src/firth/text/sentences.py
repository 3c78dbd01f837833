"""Sentences of Chinese and English text, as spans of the original.

>>> text = "「你好。」他說。Mr. Lee paid $3.14. Thanks!"
>>> [text[span.start : span.end] for span in sentences(text)]
['「你好。」', '他說。', 'Mr. Lee paid $3.14.', 'Thanks!']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from firth.errors import InputError
from firth.text.characters import is_cjk

__all__ = ["MAX_SENTENCE", "Span", "cut_up", "sentences"]

MAX_SENTENCE = 400
"""Characters; text without any full stop (tables, lists of names) is cut at this length at the latest."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text: ``text[span.start : span.end]``, in characters."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


def sentences(text: str, *, max_length: int = MAX_SENTENCE) -> list[Span]:
    """Cut a text into sentences.

    Every character that is not white space is in exactly one span; spans begin and end without white space.
    The rules are plain ones (closing quotes stay with their sentence, abbreviations and initials do not end
    one, a line break does unless the line was only wrapped), so an unusual text can be cut too often.

    Args:
        text: Any text.
        max_length: No sentence is longer, in characters; longer ones are cut at commas, else at spaces.

    Raises:
        InputError: ``max_length`` is less than 1.
    """
    if max_length < 1:
        raise InputError(f"got max_length={max_length}; expected at least 1 character")
    found = []
    start = 0
    for end in [*_ends(text), len(text)]:
        span = _trimmed(text, start, end)
        start = end
        if span:
            found += cut_up(text, span, max_length)
    return found


def cut_up(text: str, span: Span, max_length: int) -> list[Span]:
    """Cut a stretch of text into pieces of at most ``max_length`` characters.

    >>> text = "春眠不覺曉，處處聞啼鳥"
    >>> [text[piece.start : piece.end] for piece in cut_up(text, Span(0, 11), 9)]
    ['春眠不覺曉，', '處處聞啼鳥']
    """
    pieces = []
    while len(span) > max_length:
        cut = _cut(text, span.start + max_length // 2, span.start + max_length)
        pieces.append(_trimmed(text, span.start, cut))
        span = Span(_after_space(text, cut), span.end)
    return [*pieces, span]


def _cut(text: str, low: int, high: int) -> int:
    """After the last comma between ``low`` and ``high``, else the last space, else at ``high``.

    At ``high`` it moves back a little rather than part an accent, or half an emoji, from what it
    belongs to.
    """
    for marks in (_CLAUSE_MARKS, _SPACES):
        if cut := max(text.rfind(mark, low, high) for mark in marks) + 1:
            return cut
    for cut in range(high, max(low, high - _LONGEST_CLUSTER), -1):
        if not _sticks(text, cut):
            return cut
    return high


_CLAUSE_MARKS = "，、；：,;:…—"
_SPACES = " \n\t\u3000\u00a0"
_LONGEST_CLUSTER = 12  # a family of four is 7 characters, with skin tones 11

_CLOSERS = "」』”’）)】》〉］]〕}\"'»"
_ENDERS = "。！？；｡．.!?…"
_CANDIDATE = re.compile(rf"[{_ENDERS}][{_ENDERS}{re.escape(_CLOSERS)}]*|[\n\r\u2028\u2029\f]+")
_FINAL = re.compile("[。！？；｡]")
_INDENT = 20  # characters before the number of a list's entry, at most
_WRAPPED_LINE = 40  # characters; a shorter line is a line of its own: a heading, an entry of a list

_TITLES = "mr mrs ms dr prof rev hon gen col capt lt sgt gov sen rep st mt messrs mme mlle"
_INSIDE = "vs cf e.g i.e eg ie viz approx ca dept univ assn bros al"  # rarely the last word of a sentence
_BEFORE_NUMBER = "no nos fig figs vol vols p pp ch chap sec eq eqs art nr op"
_SENTENCE_OPENERS = "The This That These Those He She It We They You There In But And When However If"
_ABBREVIATIONS = frozenset(f"{_TITLES} {_INSIDE}".split())
_NUMBERED = frozenset(_BEFORE_NUMBER.split())
_OPENERS = frozenset(_SENTENCE_OPENERS.split())
_SPACE = re.compile(r"\s*")
_WORD_BEFORE = re.compile(r"[A-Za-z0-9.]*\Z")
_NEXT_WORD = re.compile(r"\s*[\"'“‘(\[]*(\w*)")


def _ends(text: str) -> Iterator[int]:
    line_start = 0
    for match in _CANDIDATE.finditer(text):
        mark = match.group()
        if mark[0] in "\n\r\u2028\u2029\f":
            if not _is_wrapped(text, line_start, match):
                yield match.end()
            line_start = match.end()
        elif _is_end(text, match, line_start):
            yield match.end()


def _is_wrapped(text: str, line_start: int, match: re.Match[str]) -> bool:
    """Whether a line goes on in the next: it is long, and the next begins with a small Latin letter."""
    following = text[match.end() : match.end() + 1]
    return (
        match.group() in ("\n", "\r\n")
        and match.start() - line_start >= _WRAPPED_LINE
        and following.isascii()
        and following.islower()
    )


def _is_end(text: str, match: re.Match[str], line_start: int) -> bool:
    mark, following = match.group(), text[match.end() : match.end() + 1]
    if _FINAL.search(mark):
        return True
    before = text[match.start() - 1 : match.start()]
    if mark[0] == "．":
        return not (before.isdigit() and following.isdigit())
    if following and not following.isspace():
        # Half-width marks inside Chinese text stand without a space: 你好!我是小明
        return (
            "…" not in mark and is_cjk(following) and (mark[0] in "!?" or (before != "" and is_cjk(before)))
        )
    word = _next_word(text, match.end())
    if word[:1].islower():
        return False
    return mark.rstrip(_CLOSERS) != "." or not _is_abbreviation(text, match, line_start, word)


def _next_word(text: str, place: int) -> str:
    found = _NEXT_WORD.match(text, place, place + 40)
    return found.group(1) if found else ""


def _is_abbreviation(text: str, match: re.Match[str], line_start: int, following: str) -> bool:
    """Whether a full stop belongs to the word before it: "Mr.", "U.S.", "J.", "No. 5", a list's "1."."""
    dot = match.start()
    found = _WORD_BEFORE.search(text, max(line_start, dot - 20), dot)
    word = found.group() if found else ""
    if word.isdigit():
        return dot - len(word) - line_start < _INDENT and not text[line_start : dot - len(word)].strip()
    if word.lower() in _ABBREVIATIONS:
        return True
    if word.lower() in _NUMBERED:
        return following.isdigit()
    letters = word.split(".")
    if not all(len(letter) == 1 and letter.isalpha() and letter.isascii() for letter in letters):
        return False
    initial = len(letters) > 1 or (word.isupper() and word != "I")
    return initial and following not in _OPENERS


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(piece.strip()))


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _sticks(text: str, place: int) -> bool:
    """Whether the character at ``place`` belongs to the one before it."""
    if not 0 < place < len(text):
        return False
    char, before = text[place], text[place - 1]
    return (
        "\u200d" in (before, char)
        or unicodedata.category(char)[0] == "M"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or (char == "\n" and before == "\r")
    )
