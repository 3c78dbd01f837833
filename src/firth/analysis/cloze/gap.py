"""A sentence with a gap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from firth.errors import InputError
from firth.text.characters import is_cjk

__all__ = ["Fill", "Gap", "checked_candidates"]

_GAP = re.compile("[_＿]+")


@dataclass(frozen=True, slots=True)
class Fill:
    """A word in the gap, and how well it fits: higher is better, comparable within one gap only."""

    word: str
    score: float


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands before the gap and behind it.

    >>> gap = Gap.of("他在花園裡種了＿。")
    >>> gap.fill("番茄"), gap.place("番茄")
    ('他在花園裡種了番茄。', (7, 9))
    """

    before: str
    after: str

    @classmethod
    def of(cls, sentence: str) -> Gap:
        """Read a sentence whose gap is written as one or more underscores.

        Raises:
            InputError: It has no gap, or more than one, or nothing but a gap.
        """
        parts = _GAP.split(sentence)
        if len(parts) != 2 or not "".join(parts).strip():
            raise InputError(
                f"got {sentence!r} with {len(parts) - 1} gaps; expected words around one gap. "
                'Next: "He grew _ in his garden"'
            )
        return cls(*parts)

    def fill(self, word: str) -> str:
        """The sentence with the word in the gap."""
        return self.before + word + self.after

    def place(self, word: str) -> tuple[int, int]:
        """Where the word then stands: its beginning and end in characters."""
        return len(self.before), len(self.before) + len(word)

    @property
    def without(self) -> str:
        """The sentence with nothing in the gap."""
        if self.before[-1:].isspace() or not self.before or is_cjk(self.before[-1]):
            return self.before + self.after.lstrip()
        return self.before + self.after


def checked_candidates(candidates: Sequence[str]) -> list[str]:
    """Candidates without space around them.

    Raises:
        InputError: There is none, or one is empty or there twice.

    >>> checked_candidates(["番茄", " 腳踏車"])
    ['番茄', '腳踏車']
    """
    if isinstance(candidates, str):
        raise InputError(
            f"got the text {candidates!r}; expected a list of words. Next: {candidates.split(',')}"
        )
    words = [word.strip() for word in candidates]
    if not words or not all(words) or len(set(words)) < len(words):
        raise InputError(f"got candidates {words}; expected one or more words, each once")
    return words
