"""Terms: what full text search counts, the same for a document and for a query.

Chinese, Japanese and Korean runs give their characters and their pairs of neighbours, which needs no
dictionary and never misses a word by cutting it elsewhere. Words of Latin letters are stemmed as
English. Everything is folded first, so 蘋果 and 苹果 give the same terms.

>>> terms("蘋果公司"), terms("Apples, running!")
(['苹', '果', '公', '司', '苹果', '果公', '公司'], ['appl', 'run'])
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import Stemmer

from firth.text.characters import CharacterTable, is_cjk, is_emoji
from firth.text.fold import fold
from firth.text.stop_words import STOP_WORDS

__all__ = ["Piece", "piece_terms", "pieces", "query_terms", "terms"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a folded text that gives terms.

    Attributes:
        kind: ``"cjk"`` a run without spaces, ``"number"``, ``"acronym"``, ``"emoji"`` or ``"word"``, which
            may be a compound ("e-mail") or carry a sign ("c++").
        start: Where it begins, in characters of the folded text.
        end: Where it ends.
    """

    kind: str
    start: int
    end: int


def terms(text: str) -> list[str]:
    """The terms of a document, as often as they occur; none holds white space.

    >>> terms("E-mail 3,000 C++ fans 👍🏽 in the U.S.")
    ['e', 'mail', 'email', '3000', 'c', 'c++', 'fan', '👍🏽', '👍', 'in', 'the', 'us']
    """
    folded = fold(text)
    found: list[str] = []
    for piece in pieces(folded):
        found += piece_terms(piece.kind, folded[piece.start : piece.end])
    return found


def query_terms(text: str) -> list[str]:
    """The terms of a query, each once, for a BM25 search in which any of them may match.

    Stop words are left out, unless the query holds nothing else.

    >>> query_terms("who is the king?"), query_terms("誰是國王"), query_terms("to be or not to be")
    (['king'], ['国', '王', '谁是', '是国', '国王'], ['to', 'be', 'or', 'not'])
    """
    every = dict.fromkeys(terms(text))
    return [term for term in every if term not in STOP_WORDS] or list(every)


def pieces(folded: str) -> Iterator[Piece]:
    """The stretches of a folded text that give terms, in order, without overlap.

    >>> [piece.kind for piece in pieces("我爱c++ 🍎")]
    ['cjk', 'word', 'emoji']
    """
    for match in _PIECE.finditer(folded.translate(_CLASSES)):
        yield Piece(str(match.lastgroup), *match.span())


def piece_terms(kind: str, piece: str) -> list[str]:
    """The terms of one piece.

    >>> piece_terms("cjk", "相对论"), piece_terms("word", "don't")
    (['相', '对', '论', '相对', '对论'], ["don't"])
    """
    if kind == "cjk":
        return [*piece, *map("".join, pairwise(piece))]
    if kind == "word":
        return _word_terms(piece)
    if kind == "emoji":
        return [piece, *(part for part in _EMOJI_PART.findall(piece) if part != piece)]
    return [piece.replace("." if kind == "acronym" else ",", "")]


def _word_terms(piece: str) -> list[str]:
    word = piece.rstrip("+#")
    parts = [part for part in _HYPHEN.split(word) if part]
    found = [_stem(part) for part in parts]
    if len(parts) > 1:
        found.append(_stem("".join(parts)))
    if word != piece:
        found.append(parts[-1] + piece[len(word) :])
    return found


_stemmers = threading.local()  # a Snowball stemmer must not be shared between threads


def _stem(word: str) -> str:
    word = _APOSTROPHE.sub("'", word)
    if not (word.isascii() and word.replace("'", "").isalpha()):
        return word
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    return str(_stemmers.english.stemWord(word))


# Each character is one letter of a small alphabet, over which the pieces are patterns:
# h CJK, w letter or mark, d digit, q apostrophe, e emoji, z joiner, s skin tone, r flag letter, t tag.
_CLASSES = CharacterTable(lambda char: _class_of(char))
_FIXED = (
    dict.fromkeys("'’ʼ", "q") | dict.fromkeys("-‐‑_", "-") | dict(zip("+#.,\u200d", "+#.,z", strict=True))
)
_APOSTROPHE = re.compile("[’ʼ]")
_HYPHEN = re.compile("[-‐‑_]")
_EMOJI_PART = re.compile("[^\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U0001f1e6-\U0001f1ff]")
_PIECE = re.compile(
    r"""
      (?P<cjk> h+ )
    | (?P<emoji> rr | es*(?:zes*)*t* )
    | (?P<number> (?: d{1,3}(?:,d{3})+(?:\.d+)? | d+(?:\.d+)+ )(?![wd]) )
    | (?P<acronym> w(?:\.w)+(?![wd]) )
    | (?P<word> [wd]+(?:q[wd]+)* (?:-[wd]+(?:q[wd]+)*)* (?:(?:\+\+|\#)(?![wd]))? )
    """,
    re.VERBOSE,
)


def _class_of(char: str) -> str:
    if fixed := _FIXED.get(char):
        return fixed
    if is_cjk(char):
        return "h"
    if is_emoji(char):
        return "e"
    if "\U0001f3fb" <= char <= "\U0001f3ff":
        return "s"
    if "\U0001f1e6" <= char <= "\U0001f1ff":
        return "r"
    if "\U000e0020" <= char <= "\U000e007f":
        return "t"
    category = unicodedata.category(char)
    if category in ("Nd", "Nl", "No"):
        return "d"
    return "w" if category[0] == "L" or category in ("Mn", "Mc") else " "
