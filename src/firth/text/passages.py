"""Passages: a long text as stretches that fit an encoder, cut between sentences.

>>> text = "春眠不覺曉。處處聞啼鳥。夜來風雨聲。花落知多少。"
>>> [text[span.start : span.end] for span in passages(text, max_length=12)]
['春眠不覺曉。處處聞啼鳥。', '夜來風雨聲。花落知多少。']
>>> [(span.start, span.end) for span in passages("One two. Three four.", max_length=3, measure=words)]
[(0, 8), (9, 20)]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from firth.errors import InputError
from firth.text.sentences import MAX_SENTENCE, Span, cut_up, sentences

__all__ = ["Measure", "characters", "passages", "words"]

Measure: TypeAlias = Callable[[list[str]], Sequence[int]]
"""How long texts are: many texts in, as many lengths out, so that a tokenizer is called in batches."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n|\r\n\s*\r\n|\u2029")
_NEARLY_FULL = 0.75  # from here on a paragraph's end is a better place to stop than the bound
_CHARACTERS_PER_UNIT = 16  # what is longer, per unit of max_length, is cut before it is measured


def characters(texts: list[str]) -> list[int]:
    """The measure by characters.

    >>> characters(["蘋果", "apple"])
    [2, 5]
    """
    return [len(text) for text in texts]


def words(texts: list[str]) -> list[int]:
    """The measure by words between spaces; of no use for Chinese."""
    return [len(text.split()) for text in texts]


def passages(text: str, *, max_length: int, measure: Measure = characters) -> list[Span]:
    """Pack whole sentences, in order, into passages of at most ``max_length``.

    A sentence is cut only if it alone is too long: at a comma, else at a space, else between
    characters. Every character that is not white space is in exactly one passage. When a passage is
    three quarters full, the end of a paragraph ends it.

    Args:
        text: Any text.
        max_length: The bound, in units of ``measure``. A single character that measures more stays whole.
        measure: `characters`, or the counts of a tokenizer, ``lambda texts: [len(ids) for ids in
            encode(texts)]``. It is called a few times for a whole text, however long.

    Returns:
        Spans of the text, without white space at their ends.

    Raises:
        InputError: ``max_length`` is less than 1.
    """
    if max_length < 1:
        raise InputError(f"got max_length={max_length}; expected at least 1")
    longest = max(MAX_SENTENCE, _CHARACTERS_PER_UNIT * max_length)
    units = _units(text, sentences(text, max_length=longest), max_length, measure)
    return _joined(text, _pack(text, units, max_length, measure), max_length, measure)


def _units(text: str, spans: list[Span], max_length: int, measure: Measure) -> list[tuple[Span, int]]:
    """The sentences and their lengths; those too long cut up until all fit."""
    fitting: list[tuple[Span, int]] = []
    pending = spans
    while pending:
        lengths = _measured(text, pending, measure)
        measured, pending = zip(pending, lengths, strict=True), []
        for span, length in measured:
            if length <= max_length or len(span) == 1:
                fitting.append((span, length))
            else:
                # As many characters as should fit if the sentence is equally dense all over.
                size = max(1, min(len(span) - 1, len(span) * max_length // length))
                pending += cut_up(text, span, size)
    return sorted(fitting)


def _pack(text: str, units: list[tuple[Span, int]], max_length: int, measure: Measure) -> list[list[Span]]:
    """Join units in order while the sum of their lengths, and of the gaps between them, fits."""
    gaps = [text[before.end : after.start] for (before, _), (after, _) in pairwise(units)]
    kinds = list(dict.fromkeys(gaps))
    gap_lengths = dict(zip(kinds, measure(kinds), strict=True))
    groups: list[list[Span]] = []
    filled = 0
    for (unit, length), gap in zip(units, ["", *gaps], strict=False):
        together = filled + gap_lengths.get(gap, 0) + length
        paragraph_ends = filled >= _NEARLY_FULL * max_length and _PARAGRAPH.search(gap)
        if groups and together <= max_length and not paragraph_ends:
            groups[-1].append(unit)
            filled = together
        else:
            groups.append([unit])
            filled = length
    return groups


def _joined(text: str, groups: list[list[Span]], max_length: int, measure: Measure) -> list[Span]:
    """One span for each group, measured as a whole: a tokenizer can make more of it than of its parts."""
    fitting: list[Span] = []
    pending = groups
    while pending:
        spans = [Span(group[0].start, group[-1].end) for group in pending]
        lengths = _measured(text, spans, measure)
        measured, pending = zip(pending, spans, lengths, strict=True), []
        for group, span, length in measured:
            if length <= max_length or len(group) == 1:
                fitting.append(span)
            else:
                pending += [group[: len(group) // 2], group[len(group) // 2 :]]
    return sorted(fitting)


def _measured(text: str, spans: list[Span], measure: Measure) -> list[int]:
    return [int(length) for length in measure([text[span.start : span.end] for span in spans])]
