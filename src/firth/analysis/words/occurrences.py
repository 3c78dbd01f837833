"""Where a word occurs in a text."""

from __future__ import annotations

import re

from firth.errors import InputError
from firth.text import fold, fold_offsets, terms
from firth.text.characters import is_cjk

__all__ = ["WordFinder"]

_START = r"(?<!\w)"
_STOP = r"(?!\w|[-*\"`][^\W\d_])"
"""Not within a word, nor before a mark that goes on with it: bat-like, and the Bat"tle of old dictionaries."""


class WordFinder:
    """Finds a word in texts: in both scripts of Chinese, in small and capital letters, one of it and several.

    >>> finder = WordFinder("蘋果")
    >>> finder.spans("苹果和蘋果")
    [(0, 2), (3, 5)]
    >>> text = "Bats! A bat, a bat-like thing, a battle."
    >>> [text[start:end] for start, end in WordFinder("bat").spans(text)]
    ['Bats', 'bat']
    """

    def __init__(self, word: str) -> None:
        self.word = word.strip()
        self.folded = fold(self.word)
        if not self.folded or not any(char.isalnum() for char in self.folded):
            raise InputError(f"got {word!r}; expected a word")
        self._terms, chinese = terms(self.word), any(map(is_cjk, self.folded))
        stem = self._terms[0] if len(self._terms) == 1 and not chinese else ""
        # a stem is the beginning of its forms, but for a last y or e that changes
        begin = re.escape(stem[:-1] if len(stem) > 3 else stem)
        inner = rf"{begin}\w*" if begin else re.escape(self.folded)
        # Chinese has no spaces around its words
        self._pattern = re.compile(inner if chinese else _START + inner + _STOP)
        self._whole = not begin

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Beginning and end of each occurrence, in characters of the text."""
        folded = fold_offsets(text)
        found = [match.span() for match in self._pattern.finditer(folded.text) if self._is_form(match[0])]
        return [folded.original(start, end) for start, end in found]

    def _is_form(self, form: str) -> bool:
        if self._whole or form == self.folded:
            return True
        # "bats" is the word "bat"; "batting" and "batted" share its stem and are others
        return "s" in (form[-1], self.folded[-1]) and terms(form) == self._terms
