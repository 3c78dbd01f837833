"""What tags are read from: the items of a collection, and their vectors by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from firth.encoders.spaces import MEANING
from firth.errors import InputError
from firth.search.corpus import Corpus
from firth.similarity import normalize
from firth.stores.base import matrix, vector_column
from firth.stores.where import parse_where
from firth.types import FloatArray

__all__ = ["Material", "Modality", "View", "material"]

Modality: TypeAlias = Literal["image", "text"]
Rows: TypeAlias = npt.NDArray[np.int64]

USER = "user"
"""The kind of those who did something with items: they stand in the same store, and carry no tags."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One named vector of the items that have it.

    Attributes:
        name: For example ``"behaviour"``.
        rows: Which items, ``(m,)``.
        vectors: ``(m, d)``, of unit length.
    """

    name: str
    rows: Rows
    vectors: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The items.

    Attributes:
        ids: Of the ``n`` items that have a vector.
        modality: What each one's meaning was made from, ``(n,)``: a picture without a caption is seen, anything
            else is read.
        views: The named vectors; the meaning first, where there is one.
        skipped: Ids of items that have none of these vectors.
    """

    ids: tuple[str, ...]
    modality: npt.NDArray[np.str_]
    views: tuple[View, ...]
    skipped: tuple[str, ...] = ()

    @property
    def meaning(self) -> View | None:
        """The view to which words can be compared."""
        return next((view for view in self.views if view.name == MEANING), None)

    @property
    def others(self) -> tuple[View, ...]:
        """All views but the meaning."""
        return tuple(view for view in self.views if view.name != MEANING)


def material(
    corpus: Corpus,
    *,
    where: str | Mapping[str, Any] | None = None,
    vectors: Sequence[str] | None = None,
) -> Material:
    """Read the items and their vectors.

    Args:
        corpus: The collection.
        where: Only items that pass.
        vectors: Only these named vectors; by default all. The meaning is always read where there is one, for by
            it words are compared.

    Raises:
        UnknownNameError: The collection has no such vector.
        InputError: No item has one.
    """
    for name in vectors or ():
        corpus.space(name)
    wanted = {*vectors, MEANING} if vectors else set(corpus.spaces)
    names = [name for name in [MEANING, *(n for n in corpus.spaces if n != MEANING)] if name in wanted]
    names = [name for name in names if corpus.has(name)]
    ids, modality, columns = _read(corpus, names, where)
    found = {name: (rows, np.concatenate(blocks)) for name, (rows, blocks) in columns.items() if rows}
    if not found:
        that = "that passes the filter " if where else ""
        raise InputError(f"no item {that}has a vector, by which items are tagged. Next: firth add")
    has = np.zeros(len(ids), bool)
    for rows, _ in found.values():
        has[rows] = True
    place = np.cumsum(has) - 1
    views = [View(name, place[rows], normalize(block)) for name, (rows, block) in found.items()]
    every = np.array(ids, object)
    return Material(tuple(every[has]), np.array(modality)[has], tuple(views), tuple(every[~has]))


def _read(
    corpus: Corpus, names: Sequence[str], where: str | Mapping[str, Any] | None
) -> tuple[list[str], list[Modality], dict[str, tuple[list[int], list[FloatArray]]]]:
    """Ids and modalities, and of each vector the rows that have it with their blocks ``(m, d)``."""
    condition = None if where is None else parse_where(where, corpus.fields)
    columns = {name: vector_column(name) for name in names}
    ids: list[str] = []
    modality: list[Modality] = []
    found: dict[str, tuple[list[int], list[FloatArray]]] = {name: ([], []) for name in names}
    for table in corpus.store.scan(["id", "kind", "text", *columns.values()], where=condition):
        table = table.filter(np.array(table["kind"].to_pylist()) != USER) if len(table) else table
        for name, column in columns.items():
            there = np.flatnonzero(table[column].is_valid().to_numpy())
            found[name][0].extend((there + len(ids)).tolist())
            found[name][1].append(matrix(table[column].filter(table[column].is_valid())))
        ids += table["id"].to_pylist()
        plain = table.select(["kind", "text"]).to_pylist()
        modality += ["image" if row["kind"] == "image" and row["text"] is None else "text" for row in plain]
    return ids, modality, found
