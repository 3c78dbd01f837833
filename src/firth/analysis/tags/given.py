"""What people have said already: example ids of a tag, a field with tags, pairs of items and tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from firth.analysis.tags.bases import Marks
from firth.data import open_table
from firth.errors import InputError, SchemaError, UnknownNameError
from firth.search.corpus import Corpus
from firth.stores.base import field_column
from firth.text import fold
from firth.types import Skipped

__all__ = ["Ids", "marks_of", "pairs_in", "tagged_by_field", "tagged_by_pairs"]

Ids = Mapping[str, Sequence[str]]


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


def tagged_by_field(corpus: Corpus, name: str) -> dict[str, set[str]]:
    """The folded tags of each item that has a value in a field: a list, or a text with commas between.

    Raises:
        UnknownNameError: There is no such field.
        SchemaError: It holds neither text nor lists.
    """
    if name not in corpus.fields:
        known = ", ".join(corpus.fields) or "none"
        raise UnknownNameError(f"no field {name!r}; this collection has {known}")
    kind = corpus.fields[name]
    if not (pa.types.is_string(kind) or pa.types.is_list(kind)):
        raise SchemaError(f"field {name!r} holds {kind}; expected tags: a list, or text with commas between")
    found = {}
    for table in corpus.store.scan(["id", column := field_column(name)]):
        for row in table.to_pylist():
            if row[column] is not None:
                found[row["id"]] = _folded(row[column])
    return found


def tagged_by_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The folded tags of each item, of pairs of an item's id and a tag.

    >>> sorted(tagged_by_pairs([("12", "奇幻"), ("12", "Magic")])["12"])
    ['magic', '奇幻']
    """
    found: dict[str, set[str]] = {}
    for id, tag in pairs:
        found.setdefault(str(id), set()).add(fold(tag.strip()))
    return found


def pairs_in(path: Path) -> list[tuple[str, str]]:
    """The pairs of a table file: its columns ``item`` (or ``id``) and ``tag``, else its first two.

    Raises:
        SchemaError: It has fewer than two columns.
        UnreadableError: It is no table, or a row cannot be read.
    """
    if not path.is_file():
        raise InputError(f"got {str(path)!r}; expected a field of the collection or a table file of pairs")
    table = open_table(path)
    names = [column.name for column in table.columns]
    if len(names) < 2:
        raise SchemaError(f"{path.name} has columns {names}; expected two, items and tags")
    item = next((name for name in names if name.lower() in ("item", "id")), names[0])
    tag = next((name for name in names if name.lower() == "tag" and name != item), names[1])
    pairs = []
    for row in table.rows():
        if isinstance(row, Skipped):
            raise InputError(f"{row}. Next: mend it, or take it out")
        if row.cells[item] is not None and row.cells[tag] is not None:
            pairs.append((str(row.cells[item]), str(row.cells[tag])))
    return pairs


def _rows(row_of: Mapping[str, int], tags: Sequence[str], tag: str, ids: Sequence[str]) -> list[int]:
    if tag not in tags:
        raise UnknownNameError(f"got examples of {tag!r}; the tags are {', '.join(tags)}")
    if isinstance(ids, str):
        raise InputError(f"got the text {ids!r} as examples of {tag!r}; expected a list of ids")
    for id in ids:
        if id not in row_of:
            raise UnknownNameError(f"the example {id!r} of {tag!r} is no item that can be scored here")
    return [row_of[id] for id in ids]


def _folded(value: str | list[str]) -> set[str]:
    """The tags of a field's value.

    >>> sorted(_folded("奇幻、魔法"))
    ['奇幻', '魔法']
    """
    parts = re.split("[,，、;；|]", value) if isinstance(value, str) else value
    return {fold(part.strip()) for part in parts if part and part.strip()}
