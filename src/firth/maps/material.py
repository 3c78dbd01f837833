"""What a map is made of: the items of a collection that have a vector, with their texts or captions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from firth.search.corpus import Corpus
from firth.search.hits import NAMES
from firth.stores.base import field_column, matrix, vector_column
from firth.stores.where import parse_where
from firth.types import FloatArray

__all__ = ["Material", "material"]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Items to lay out.

    Attributes:
        ids: n of them.
        vectors: ``(n, d)``.
        texts: A text for each; for a picture, what a field such as ``name`` or ``title`` calls it; else none.
    """

    ids: list[str]
    vectors: FloatArray
    texts: list[str | None]


def material(corpus: Corpus, vector: str, *, where: str | Mapping[str, Any] | None = None) -> Material:
    """The items of a collection that have the named vector, and pass the filter, in order of their ids.

    Raises:
        UnknownNameError: The collection has no such vector.
        FilterError: The filter does not parse.
    """
    space, column = corpus.space(vector), vector_column(vector)
    worded = ["text", *map(field_column, _naming(corpus))]
    condition = None if where is None else parse_where(where, corpus.fields)
    ids: list[str] = []
    texts: list[str | None] = []
    blocks = [np.empty((0, space.dim), np.float32)]
    for table in corpus.store.scan(["id", *worded, column], where=condition):
        table = table.filter(table[column].is_valid())
        ids += table["id"].to_pylist()
        texts += _first([table[name] for name in worded])
        blocks.append(matrix(table[column]))
    order = sorted(range(len(ids)), key=ids.__getitem__)  # stores promise no order, and a map depends on it
    return Material([ids[i] for i in order], np.concatenate(blocks)[order], [texts[i] for i in order])


def _naming(corpus: Corpus) -> list[str]:
    """Fields of text that say what an item is called, in the user's order."""
    return [
        field
        for field, kind in corpus.fields.items()
        if field.lower().startswith(NAMES) and (pa.types.is_string(kind) or pa.types.is_large_string(kind))
    ]


def _first(columns: list[pa.ChunkedArray]) -> list[str | None]:
    """For each row, the first value that says something."""
    values = zip(*(column.to_pylist() for column in columns), strict=True)
    return [next((value for value in row if value), None) for row in values]
