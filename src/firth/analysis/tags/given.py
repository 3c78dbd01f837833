"""What is known of items, as marks: examples of a tag, counterexamples, and what somebody has tagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from firth.analysis.tags.bases import Marks
from firth.errors import InputError, UnknownNameError
from firth.text import fold

__all__ = ["Ids", "marks_of"]

Ids: TypeAlias = Mapping[str, Sequence[str]]


def marks_of(
    ids: Sequence[str],
    tags: Sequence[str],
    *,
    examples: Ids,
    counterexamples: Ids,
    tagged: Mapping[str, set[str]],
) -> Marks:
    """What is known of ``n`` items and ``t`` tags.

    Args:
        ids: The items.
        tags: The tags.
        examples: Ids of items that carry a tag, by tag.
        counterexamples: Ids of items that do not.
        tagged: The folded tags of items that somebody tagged: such an item carries none of the other tags, where
            anybody has used them.

    Raises:
        UnknownNameError: An example is no item of this collection, or is given for a tag that was not asked for.
    """
    row_of = {id: row for row, id in enumerate(ids)}
    folded = [fold(tag) for tag in tags]
    used = set().union(*tagged.values())
    marks = Marks(*(np.zeros((len(ids), len(tags)), bool) for _ in range(2)))
    for id, carried in tagged.items():
        if id in row_of:
            marks.positive[row_of[id]] = [tag in carried for tag in folded]
            marks.negative[row_of[id]] = [tag in used and tag not in carried for tag in folded]
    for given, known, other in (
        (examples, marks.positive, marks.negative),
        (counterexamples, marks.negative, marks.positive),
    ):
        for tag, some in given.items():
            for row in _rows(row_of, tags, tag, some):
                known[row, tags.index(tag)], other[row, tags.index(tag)] = True, False
    return marks


def _rows(row_of: Mapping[str, int], tags: Sequence[str], tag: str, ids: Sequence[str]) -> list[int]:
    if tag not in tags:
        raise UnknownNameError(f"got examples of {tag!r}; the tags are {', '.join(tags)}")
    if isinstance(ids, str):
        raise InputError(f"got the text {ids!r} as examples of {tag!r}; expected a list of ids")
    for id in ids:
        if id not in row_of:
            raise UnknownNameError(
                f"the example {id!r} of {tag!r} is no item that can be scored here. Next: firth ls shows ids"
            )
    return [row_of[id] for id in ids]
