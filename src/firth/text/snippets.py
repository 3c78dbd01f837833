"""Snippets: the few words of a long text that show why it was found.

>>> found = snippet("秋天到了。台灣中部的山上種滿了蘋果樹。", "苹果", width=30)
>>> found.text, [found.text[span.start : span.end] for span in found.highlights]
('…台灣中部的山上種滿了蘋果樹。', ['蘋果'])
>>> found = snippet("The apples ripen late. Everyone was running home.", "run", width=30)
>>> found.text, [found.text[span.start : span.end] for span in found.highlights]
('…Everyone was running home.', ['running'])
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.text.characters import is_cjk
from firth.text.fold import fold, fold_offsets
from firth.text.sentences import Span
from firth.text.terms import piece_terms, pieces, query_terms
from firth.text.width import ELLIPSIS, printable, widths

__all__ = ["Snippet", "snippet"]

MIN_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Snippet:
    """A window of a text, ready to show on one line.

    Attributes:
        text: The window, with an ellipsis at either end where the text goes on; line breaks are spaces.
        highlights: What matches the query, as spans of this ``text``, in order.
        start: Where the window begins in the original, in characters.
        end: Where it ends.
    """

    text: str
    highlights: tuple[Span, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Match:
    term: str
    span: Span


def snippet(text: str, query: str, *, width: int = 120, start: int = 0, end: int | None = None) -> Snippet:
    """The window of a text that holds most of a query's terms.

    Terms match as they do in search: 蘋果 is 苹果, "runs" is "running". Of a Chinese query, pairs of
    characters count, joined to the longest run; single ones only if the query is one character or no
    pair is found. Where nothing matches, the window is the beginning.

    Args:
        text: The whole text.
        query: What was searched for.
        width: How many terminal columns the snippet may take, ellipses included; at least 8.
        start: Where to look from, for example a passage's start.
        end: Where to look to; the text's end if not given.

    Raises:
        InputError: ``width`` is less than 8, or ``start`` and ``end`` do not lie in the text in this order.
    """
    end = len(text) if end is None else end
    if width < MIN_WIDTH:
        raise InputError(f"got width={width}; expected at least {MIN_WIDTH} columns")
    if not 0 <= start <= end <= len(text):
        raise InputError(f"got start={start}, end={end}; expected 0 <= start <= end <= {len(text)}")
    body = text[start:end]
    matches = _matches(body, query)
    line = _Line(body, goes_on=(bool(text[:start].strip()), bool(text[end:].strip())))
    window = line.window(_best(matches, line, width - 2), width)
    lead = ELLIPSIS if line.has_before(window) else ""
    tail = ELLIPSIS if line.has_after(window) else ""
    shown = lead + printable(body[window.start : window.end]) + tail
    highlights = tuple(_highlights(matches, window, len(lead) - window.start))
    return Snippet(shown, highlights, start + window.start, start + window.end)


def _matches(text: str, query: str) -> list[_Match]:
    wanted = frozenset(query_terms(query))
    folded_query = fold(query)
    runs = [folded_query[piece.start : piece.end] for piece in pieces(folded_query) if piece.kind == "cjk"]
    single = frozenset(char for char in wanted if len(char) == 1 and is_cjk(char))
    alone = single.intersection(runs)
    folded = fold_offsets(text)
    for skipped in (single - alone, frozenset[str]()):
        found = [
            _Match(term, Span(*folded.original(first, last)))
            for term, first, last in _occurrences(folded.text, wanted - skipped)
        ]
        if found:
            return found
    return []


def _occurrences(folded: str, wanted: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    for piece in pieces(folded):
        if piece.kind == "cjk":
            for first in range(piece.start, piece.end):
                for last in (first + 1, min(first + 2, piece.end)):
                    if folded[first:last] in wanted:
                        yield folded[first:last], first, last
            continue
        for term in piece_terms(piece.kind, folded[piece.start : piece.end]):
            if term in wanted:
                yield term, piece.start, piece.end


def _best(matches: list[_Match], line: _Line, columns: int) -> Span:
    """The stretch, from one match to another, that holds most of the different terms."""
    # A term that is everywhere in the text says less about the place than one that stands there alone.
    times = Counter(match.term for match in matches)
    weight = {term: 1000 + 1000 // count for term, count in times.items()}
    inside: Counter[str] = Counter()
    best, best_score, score, left = Span(0, 0), (0, 0), 0, 0
    for right, match in enumerate(matches):
        score += weight[match.term] if not inside[match.term] else 0
        inside[match.term] += 1
        while left < right and line.columns(matches[left].span.start, match.span.end) > columns:
            gone = matches[left].term
            inside[gone] -= 1
            score -= weight[gone] if not inside[gone] else 0
            left += 1
        if (score, right - left) > best_score:
            best, best_score = Span(matches[left].span.start, match.span.end), (score, right - left)
    return best


def _highlights(matches: list[_Match], window: Span, shift: int) -> Iterator[Span]:
    """Matches that touch, as one; those outside the window left out, those on its edge cut."""
    joined: list[Span] = []
    for span in sorted(match.span for match in matches):
        span = Span(max(span.start, window.start), min(span.end, window.end))
        if span.start >= span.end:
            continue
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return (Span(span.start + shift, span.end + shift) for span in joined)


class _Line:
    """A text laid out on one line: what fits in how many columns, and where it may be cut."""

    def __init__(self, text: str, *, goes_on: tuple[bool, bool]) -> None:
        self.text = text
        self.first = len(text) - len(text.lstrip())
        self.last = max(self.first, len(text.rstrip()))
        self._goes_on = goes_on
        self._places: npt.NDArray[np.int64] = np.concatenate([[0], np.cumsum(widths(text), dtype=np.int64)])

    def columns(self, start: int, end: int) -> int:
        return int(self._places[end] - self._places[start])

    def has_before(self, window: Span) -> bool:
        return self._goes_on[0] or window.start > self.first

    def has_after(self, window: Span) -> bool:
        return self._goes_on[1] or window.end < self.last

    def window(self, core: Span, width: int) -> Span:
        """What to show around the core: from its sentence's beginning if that fits, and what fits after."""
        start = self._window_start(core, width - 2) if len(core) else self.first
        room = width - self.has_before(Span(start, start))
        if self.columns(start, self.last) <= room - self._goes_on[1]:
            return Span(start, self.last)
        end = int(np.searchsorted(self._places, self._places[start] + room - 1, side="right")) - 1
        end = max(start, min(end, self.last))
        return Span(start, self._before_word(end, max(start, min(core.end, end))))

    def _window_start(self, core: Span, columns: int) -> int:
        spare = max(0, columns - self.columns(core.start, core.end))
        if self.columns(self.first, core.start) <= spare:
            return self.first
        reach = self._reach_back(core.start, spare)
        lead = _SENTENCE_BEGIN.finditer(self.text[reach : core.start])
        begins = [reach + match.end() for match in lead if not self._is_inside(reach + match.end())]
        if begins:
            return begins[-1]
        return self._after_word(self._reach_back(core.start, spare // 3), core.start)

    def _reach_back(self, place: int, columns: int) -> int:
        reached = int(np.searchsorted(self._places, self._places[place] - columns, side="left"))
        # Not into a cluster: all its characters but the first have no width, so the last of that place.
        return int(np.searchsorted(self._places, self._places[reached], side="right")) - 1

    def _after_word(self, place: int, limit: int) -> int:
        while place < limit and (self._is_inside(place) or self.text[place].isspace()):
            place += 1
        return place

    def _before_word(self, place: int, limit: int) -> int:
        cut = place
        while cut > limit and self._is_inside(cut):
            cut -= 1
        cut = cut if cut > limit else place  # a word longer than the window is cut where it must be
        return max(limit, len(self.text[:cut].rstrip())) if cut else cut

    def _is_inside(self, place: int) -> bool:
        """Whether a cut there would part a Latin word, or an accent from its letter."""
        before, after = self.text[place - 1 : place], self.text[place : place + 1]
        if after and not self.columns(place, place + 1):
            return True
        return before.isalnum() and after.isalnum() and not (is_cjk(before) or is_cjk(after))


_SENTENCE_BEGIN = re.compile(r"[。！？；\n]+[」』”’）]*\s*|[.!?]+[\"')]*\s+")
