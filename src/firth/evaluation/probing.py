"""Which targets of a collection can be probed: tags that readers gave, values of fields, numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from firth.analysis.tags.material import material
from firth.analysis.tags.tagged import Given, read_tagged
from firth.encoders.spaces import MEANING
from firth.errors import InputError, UnknownNameError
from firth.evaluation.probe import FEWEST, Probe, probe_vectors
from firth.search.corpus import Corpus
from firth.stores.base import field_column
from firth.text import fold

__all__ = ["probe"]

Values: TypeAlias = npt.NDArray[np.bool_] | npt.NDArray[np.float64]

MOST = 12
"""Values of one field that are probed, the most frequent ones."""


def probe(
    corpus: Corpus,
    targets: Sequence[str],
    *,
    vector: str = MEANING,
    tagged: Given | None = None,
    where: str | Mapping[str, Any] | None = None,
    seed: int = 0,
) -> list[Probe]:
    """Ask every dimension of a named vector what it alone knows of each target.

    Args:
        corpus: The collection.
        targets: A field of numbers; a field of text or lists, for its most frequent values; one value,
            ``"language=en"``; or a tag of `tagged`.
        vector: Which named vector.
        tagged: Readers' tags: a field that holds them, a table file of items and tags, or pairs of them. An item
            that is not among them is left out.
        where: Only items that pass.
        seed: Where chance begins.

    Raises:
        InputError: No target, or one of which there are too few items to say anything.
        UnknownNameError: A target is no field and no tag, there is no such vector, or none of the tagged ids is an
            item.
    """
    if isinstance(targets, str) or not targets:
        raise InputError(f"got targets {targets!r}; expected a list of fields or tags, such as ['year']")
    corpus.space(vector)
    items = material(corpus, where=where, vectors=[vector])
    view = next((view for view in items.views if view.name == vector), None)
    if view is None:
        raise InputError(f"no item that passes has the vector {vector!r}. Next: ask for fewer")
    ids = [items.ids[row] for row in view.rows]
    known = read_tagged(corpus, tagged)
    found = []
    for target in targets:
        for name, rows, values in _resolved(corpus, target, ids, known.tags):
            one = probe_vectors(view.vectors[rows], values, target=name, seed=seed)
            found.append(replace(one, notes=tuple(known.notes((), ids))))
    return found


def _resolved(
    corpus: Corpus, target: str, ids: Sequence[str], carried: Mapping[str, set[str]]
) -> list[tuple[str, npt.NDArray[np.int64], Values]]:
    """What a target stands for: names, the rows of the items that are known, and what is true of them."""
    if any(fold(target) in some for some in carried.values()):
        marked = [row for row, id in enumerate(ids) if id in carried]
        return [(target, np.array(marked), np.array([fold(target) in carried[ids[row]] for row in marked]))]
    name, equals, value = target.partition("=")
    if target in corpus.fields:
        name, equals = target, ""
    if name not in corpus.fields:
        known = ", ".join([*corpus.fields, *sorted(set().union(*carried.values()))][:20]) or "none"
        raise UnknownNameError(f"no field and no reader's tag {name!r}; there are {known}")
    cells = _cells(corpus, name)
    rows = np.array([row for row, id in enumerate(ids) if id in cells], np.int64)
    own = [cells[ids[row]] for row in rows]
    if equals:
        return [(target, rows, np.array([value in _members(cell) for cell in own], bool))]
    if own and isinstance(own[0], int | float) and not isinstance(own[0], bool):
        return [(name, rows, np.array(own, np.float64))]
    return [(f"{name}={one}", rows, np.array([one in _members(c) for c in own])) for one in _usual(name, own)]


def _cells(corpus: Corpus, name: str) -> dict[str, Any]:
    """The values of a field by id; moments as seconds."""
    column, found = field_column(name), {}
    for table in corpus.store.scan(["id", column]):
        for row in table.to_pylist():
            value = row[column]
            if value is not None:
                found[row["id"]] = value.timestamp() if hasattr(value, "timestamp") else value
    return found


def _members(cell: Any) -> list[str]:
    """What a cell holds, as text.

    >>> _members(["奇幻", "magic"]), _members("en"), _members(True)
    (['奇幻', 'magic'], ['en'], ['true'])
    """
    if isinstance(cell, bool):
        return [str(cell).lower()]
    return list(cell) if isinstance(cell, list) else [str(cell)]


def _usual(name: str, cells: Sequence[Any]) -> list[str]:
    """The most frequent values of which enough items have them, and enough have not."""
    counts = Counter(one for cell in cells for one in set(_members(cell)))
    usual = [one for one, count in counts.most_common() if FEWEST <= count <= len(cells) - FEWEST]
    if not usual:
        raise InputError(
            f"no value of {name!r} that {FEWEST} items have and {FEWEST} have not; nothing can be said of it"
        )
    return usual[:MOST]
