"""A text as words: what vectors of words are trained on, and how a question to them is read.

>>> Tokens()("The U.S. has e-mail, 3,000 cats and 蘋果!")
['the', 'us', 'has', 'e-mail', '3000', 'cats', 'and', '苹', '果']
>>> chinese = Tokens(dictionary={"苹果": -5.0, "苹": -8.0, "果": -8.0, "公司": -6.0})
>>> chinese("蘋果公司"), Tokens(fold=False)("蘋果 CAFÉ")
(['苹果', '公司'], ['蘋', '果', 'café'])
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from firth.text import fold as folded
from firth.text.terms import pieces

__all__ = ["JOINT", "Tokens"]

JOINT = "_"
"""Between the words of a phrase, ``new_york``."""
LONGEST_CHUNK = 40
MOST_CHUNKS = 500_000
"""Chunks between spaces whose words are remembered: ordinary text repeats itself."""


@dataclass(frozen=True)
class Tokens:
    """Cuts texts into words: between letters of other kinds, and within Chinese by a dictionary.

    Attributes:
        fold: Take Traditional as Simplified, full width as half, accents away. Without, only capitals go.
        dictionary: The log probability of each Chinese word; a run of characters is cut where the product of the
            probabilities is highest (Viterbi). Empty: each character is a word.
        phrases: Pairs of words that are one, ``("new", "york")`` -> ``new_york``, a set for each pass.
        spaces: The text is in words already, with spaces between them: nothing else is done to it.
    """

    fold: bool = True
    dictionary: Mapping[str, float] = field(default_factory=dict)
    phrases: tuple[frozenset[tuple[str, str]], ...] = ()
    spaces: bool = False

    def __call__(self, text: str) -> list[str]:
        """The words of one text."""
        return self.many([text])[0]

    def many(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of many texts; in one go, as the dictionary is asked for all of them together."""
        found = [text.split() for text in texts] if self.spaces else self._cut([self._form(t) for t in texts])
        for phrases in self.phrases:
            found = [joined(words, phrases) for words in found]
        return found

    def word(self, text: str) -> str:
        """A word as the vocabulary writes it, though it be none that the dictionary would cut out.

        >>> Tokens().word("國王"), Tokens().word("New York")
        ('国王', 'new_york')
        """
        return text if self.spaces else JOINT.join(self._form(text).split())

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        phrases = [sorted(map(list, turn)) for turn in self.phrases]
        dictionary = {word: round(score, 4) for word, score in self.dictionary.items()}
        return {"fold": self.fold, "spaces": self.spaces, "phrases": phrases, "dictionary": dictionary}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Tokens:
        """What `to_json` gave."""
        phrases = tuple(frozenset((a, b) for a, b in turn) for turn in given.get("phrases", ()))
        return cls(bool(given["fold"]), dict(given["dictionary"]), phrases, bool(given["spaces"]))

    def _form(self, text: str) -> str:
        return folded(text) if self.fold else unicodedata.normalize("NFKC", text).lower()

    def _cut(self, texts: Sequence[str]) -> list[list[str]]:
        """Chunks between spaces, the known ones from memory; runs of Chinese wait for the dictionary."""
        parts = [[part for chunk in text.split() for part in self._parts(chunk)] for text in texts]
        if not self.dictionary:
            return [[word for cjk, piece in text for word in (piece if cjk else (piece,))] for text in parts]
        runs = [piece for text in parts for cjk, piece in text if cjk]
        cut = iter(self._segment(runs))
        return [[word for cjk, piece in text for word in (next(cut) if cjk else (piece,))] for text in parts]

    def _parts(self, chunk: str) -> tuple[tuple[bool, str], ...]:
        if (known := self._memory.get(chunk)) is not None:
            return known
        found = tuple(
            (piece.kind == "cjk", _plain(piece.kind, chunk[piece.start : piece.end]))
            for piece in pieces(chunk)
            if piece.kind != "emoji"
        )
        if len(chunk) <= LONGEST_CHUNK:
            if len(self._memory) >= MOST_CHUNKS:
                self._memory.clear()
            self._memory[chunk] = found
        return found

    def _segment(self, runs: Sequence[str]) -> list[list[str]]:
        cut: list[list[str]] = self._viterbi.encode(runs, out_type=str)
        # SentencePiece marks the beginning, and leaves a stretch of unknown characters in one piece
        return [
            [
                word
                for piece in pieces
                if (text := piece.removeprefix("\u2581"))
                for word in ((text,) if text in self.dictionary else text)
            ]
            for pieces in cut
        ]

    @cached_property
    def _memory(self) -> dict[str, tuple[tuple[bool, str], ...]]:
        return {}

    @cached_property
    def _viterbi(self) -> Any:
        import numpy as np
        import sentencepiece

        from firth.encoders.sentencepieces import UNKNOWN, build_unigram_model

        words = [b"<unk>", "\u2581".encode(), *(word.encode() for word in self.dictionary)]
        scores = np.array([0.0, 0.0, *self.dictionary.values()], np.float32)
        model = build_unigram_model(words, scores, kinds={0: UNKNOWN})
        return sentencepiece.SentencePieceProcessor(model_proto=model)


def joined(words: Sequence[str], phrases: frozenset[tuple[str, str]]) -> list[str]:
    """Words with phrases made one, from left to right.

    >>> joined(["new", "york", "city"], frozenset({("new", "york"), ("york", "city")}))
    ['new_york', 'city']
    """
    found, at = [], 0
    while at < len(words):
        if at + 1 < len(words) and (words[at], words[at + 1]) in phrases:
            found.append(f"{words[at]}{JOINT}{words[at + 1]}")
            at += 2
        else:
            found.append(words[at])
            at += 1
    return found


def _plain(kind: str, piece: str) -> str:
    if kind == "acronym":
        return piece.replace(".", "")
    return piece.replace(",", "") if kind == "number" else piece.replace("’", "'")
