"""What somebody has tagged already: a field with tags, a table file, pairs of items and tags."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from firth.data import open_table
from firth.errors import InputError, SchemaError, UnknownNameError
from firth.search.corpus import Corpus
from firth.search.histories import ITEMS
from firth.stores.base import field_column
from firth.text import fold
from firth.types import Skipped

__all__ = ["Given", "Tagged", "read_tagged"]

Given: TypeAlias = str | Path | Iterable[tuple[str, str]]
"""The name of a field, a table file of items and tags, or pairs of them."""

NAMED = 3
"""How many unknown ids are named, and how many tags that readers use."""
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Tagged:
    """Items that somebody has tagged.

    Attributes:
        tags: The folded tags of each, by its id.
        written: How a folded tag was written first.
        unknown: Ids that were tagged and are no items of the collection.
    """

    tags: Mapping[str, set[str]] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def notes(self, wanted: Sequence[str], ids: Iterable[str]) -> list[str]:
        r"""What a person should know who has asked for some tags of some items.

        >>> books = Tagged({"1": {"magic"}, "2": {"war"}}, unknown=("x-9",))
        >>> print(*books.notes(["Magic", "奇幻"], ["1"]), sep="\n")
        1 of 3 tagged ids is no item of this collection: 'x-9'
        1 of 2 tagged items not among those asked for: they tell nothing
        nobody has tagged an item with 奇幻, which is scored by words and examples; readers say magic
        """
        if not self.tags:
            return []
        here = {id: self.tags[id] for id in ids if id in self.tags}
        found = [_unknown_note(self)] if self.unknown else []
        if away := len(self.tags) - len(here):
            found.append(
                f"{away:,} of {len(self.tags):,} tagged items not among those asked for: they tell nothing"
            )
        counts = Counter(tag for carried in here.values() for tag in carried)
        if unused := [tag for tag in wanted if fold(tag) not in counts]:
            usual = ", ".join(self.written.get(tag, tag) for tag, _ in counts.most_common(NAMED)) or "nothing"
            which = "which is" if len(unused) == 1 else "which are"
            found.append(
                f"nobody has tagged an item with {', '.join(unused)}, {which} scored by words and examples; "
                f"readers say {usual}"
            )
        return found


def read_tagged(corpus: Corpus, given: Given | None) -> Tagged:
    """What somebody has tagged.

    Args:
        corpus: The collection.
        given: A field of it (a list, or a text with commas between), a table file, or pairs of ids and tags.

    Raises:
        UnknownNameError: There is no such field, or none of the ids is an item.
        SchemaError: The field holds neither text nor lists, or the table has fewer than two columns.
        InputError: A row of the table cannot be read.
    """
    if given is None:
        return Tagged()
    if isinstance(given, str) and (given in corpus.fields or not Path(given).is_file()):
        return _gathered(_in_field(corpus, given))
    cells = _in_table(Path(given)) if isinstance(given, str | Path) else ((id, [tag]) for id, tag in given)
    found = _gathered(cells)
    known = _known(corpus, list(found.tags))
    if found.tags and not known:
        raise UnknownNameError(_none_known(corpus, found.tags, given))
    unknown = tuple(id for id in found.tags if id not in known)
    return replace(found, tags={id: found.tags[id] for id in found.tags if id in known}, unknown=unknown)


def _gathered(cells: Iterable[tuple[str, Iterable[str]]]) -> Tagged:
    """What was said of ids, as a whole.

    >>> found = _gathered([("12", ["奇幻"]), ("12", ["Magic"]), ("7", [])])
    >>> sorted(found.tags["12"]), found.tags["7"], found.written["magic"]
    (['magic', '奇幻'], set(), 'Magic')
    """
    tags: dict[str, set[str]] = {}
    written: dict[str, str] = {}
    for id, some in cells:
        carried = tags.setdefault(str(id), set())
        for tag in some:
            carried.add(folded := fold(tag.strip()))
            written.setdefault(folded, tag.strip())
    return Tagged(tags, written)


def _in_field(corpus: Corpus, name: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Items with a value in a field, and the tags it holds."""
    if name not in corpus.fields:
        known = ", ".join(corpus.fields) or "none"
        raise UnknownNameError(f"no field {name!r} and no such file; this collection has the fields {known}")
    kind = corpus.fields[name]
    if not (pa.types.is_string(kind) or pa.types.is_list(kind)):
        raise SchemaError(f"field {name!r} holds {kind}; expected tags: a list, or text with commas between")
    for table in corpus.store.scan(["id", column := field_column(name)]):
        for row in table.to_pylist():
            if row[column] is not None:
                yield row["id"], _divided(row[column])


def _known(corpus: Corpus, ids: Sequence[str]) -> set[str]:
    """Those ids that are items."""
    known: set[str] = set()
    for start in range(0, len(ids), AT_ONCE):
        for table in corpus.store.scan(["id"], ids=ids[start : start + AT_ONCE]):
            known.update(table["id"].to_pylist())
    return known


def _none_known(corpus: Corpus, found: Mapping[str, set[str]], given: Given) -> str:
    own = (id for table in corpus.store.scan(["id"], where=ITEMS) for id in table["id"].to_pylist())
    where = f" in {Path(given).name}" if isinstance(given, str | Path) else ""
    return (
        f"none of the {len(found):,} tagged ids{where} is an item of this collection: got {_some(list(found))}; "
        f"expected ids such as {_some(list(islice(own, NAMED)))}. Next: firth ls shows ids; "
        "a table has the columns item and tag"
    )


def _unknown_note(tagged: Tagged) -> str:
    count, all_ = len(tagged.unknown), len(tagged.unknown) + len(tagged.tags)
    are = "is no item" if count == 1 else "are no items"
    return f"{count:,} of {all_:,} tagged ids {are} of this collection: {_some(tagged.unknown)}"


def _some(ids: Sequence[str]) -> str:
    """The first few of some ids.

    >>> _some(["1", "2", "3", "4"]), _some(["書一"])
    ("'1', '2', '3', ...", "'書一'")
    """
    return ", ".join([*map(repr, ids[:NAMED]), *(["..."] if len(ids) > NAMED else [])])


def _in_table(path: Path) -> Iterator[tuple[str, Iterable[str]]]:
    """Ids and tags of a table file: its columns ``item`` (or ``id``) and ``tag``, else its first two."""
    if not path.is_file():
        raise InputError(f"got {str(path)!r}; expected a field of the collection or a table file of pairs")
    table = open_table(path)
    names = [column.name for column in table.columns]
    if len(names) < 2:
        raise SchemaError(f"{path.name} has columns {names}; expected two, items and tags")
    item = next((name for name in names if name.lower() in ("item", "id")), names[0])
    tag = next((name for name in names if name.lower() in ("tag", "tags") and name != item), "")
    tag = tag or next(name for name in names if name != item)
    for row in table.rows():
        if isinstance(row, Skipped):
            raise InputError(f"{row}. Next: mend it, or take it out")
        if row.cells[item] is not None and row.cells[tag] is not None:
            yield str(row.cells[item]), _divided(str(row.cells[tag]))


def _divided(value: str | list[str]) -> list[str]:
    """The tags of a field's value, or of a table's cell.

    >>> _divided("奇幻、Magic"), _divided(["old, wise"])
    (['奇幻', 'Magic'], ['old, wise'])
    """
    parts = re.split("[,，、;；|]", value) if isinstance(value, str) else value
    return [part.strip() for part in parts if part and part.strip()]
