"""What a map is made of: the items of a collection that have a vector, with their texts or captions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from firth.search.corpus import Corpus
from firth.stores.base import matrix, vector_column
from firth.stores.where import parse_where
from firth.types import FloatArray

__all__ = ["Material", "material"]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Items to lay out.

    Attributes:
        ids: n of them.
        vectors: ``(n, d)``.
        texts: A text or caption for each, none where it has none.
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
    condition = None if where is None else parse_where(where, corpus.fields)
    ids: list[str] = []
    texts: list[str | None] = []
    blocks = [np.empty((0, space.dim), np.float32)]
    for table in corpus.store.scan(["id", "text", column], where=condition):
        table = table.filter(table[column].is_valid())
        ids += table["id"].to_pylist()
        texts += table["text"].to_pylist()
        blocks.append(matrix(table[column]))
    order = sorted(range(len(ids)), key=ids.__getitem__)  # stores promise no order, and a map depends on it
    return Material([ids[i] for i in order], np.concatenate(blocks)[order], [texts[i] for i in order])
