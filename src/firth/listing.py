"""Items as a person reads them: one by one, as a matrix, and the collection in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from firth.search.corpus import Corpus
from firth.search.histories import BEHAVIOUR, ITEMS, TASTE, USER
from firth.search.ordering import ids_by_field
from firth.stores.base import field_name, vector_column
from firth.stores.base import matrix as to_matrix
from firth.stores.filters import And, Filter, columns_of
from firth.stores.where import parse_where
from firth.types import FloatArray

__all__ = ["COPYING", "matrix", "overview", "records", "sorted_records"]

AT_ONCE = 1000
PLAIN = ("id", "kind", "text", "path", "source")
COPYING = "copying"
"""The note of a collection that is an unfinished copy: where it is copied from."""


def records(
    corpus: Corpus,
    *,
    ids: Sequence[str] | None = None,
    where: str | Mapping[str, Any] | None = None,
    vectors: bool = False,
) -> Iterator[dict[str, Any]]:
    """Items as dicts: ``id kind text path source fields``, and ``vectors`` if asked for.

    Users, who are kept beside the items, are among them only where ids or a filter by ``kind`` ask for them.
    """
    for table in _tables(corpus, ids=ids, where=where, vectors=vectors):
        names = table.schema.names
        for row in table.to_pylist():
            record = {name: row[name] for name in PLAIN}
            record["fields"] = {
                field_name(n): row[n] for n in names if n.startswith("f_") and row[n] is not None
            }
            if vectors:
                found = {
                    n.removeprefix("v_"): row[n] for n in names if n.startswith("v_") and row[n] is not None
                }
                record["vectors"] = found
            yield record


def sorted_records(
    corpus: Corpus,
    field: str,
    *,
    k: int | None = None,
    ascending: bool = False,
    where: str | Mapping[str, Any] | None = None,
    vectors: bool = False,
) -> Iterator[dict[str, Any]]:
    """The same by a field, see `firth.search.ordering.ids_by_field`."""
    found = ids_by_field(corpus, field, k=k, ascending=ascending, where=_items_that_pass(corpus, where))
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        by_id = {record["id"]: record for record in records(corpus, ids=some, vectors=vectors)}
        yield from (by_id[id] for id in some if id in by_id)


def _tables(
    corpus: Corpus, *, ids: Sequence[str] | None, where: str | Mapping[str, Any] | None, vectors: bool
) -> Iterator[pa.Table]:
    prefixes = ("f_", "v_") if vectors else ("f_",)
    columns = [*PLAIN, *(name for name in corpus.schema.names if name.startswith(prefixes))]
    condition = _items_that_pass(corpus, where) if ids is None else _parsed(corpus, where)
    return corpus.store.scan(columns, where=condition, ids=ids)


def _parsed(corpus: Corpus, where: str | Mapping[str, Any] | None) -> Filter | None:
    return None if where is None else parse_where(where, corpus.fields)


def _items_that_pass(corpus: Corpus, where: str | Mapping[str, Any] | None) -> Filter:
    """The filter without users, unless it is about kinds itself."""
    condition = _parsed(corpus, where)
    if condition is None:
        return ITEMS
    return condition if "kind" in columns_of(condition) else And((ITEMS, condition))


def matrix(corpus: Corpus, name: str, *, where: Filter | None = None) -> tuple[list[str], FloatArray]:
    """Ids and vectors ``(n, d)`` of the items that have the named vector, and pass the filter.

    Raises:
        UnknownNameError: The collection has no such vector.
    """
    space, column = corpus.space(name), vector_column(name)
    ids: list[str] = []
    blocks = [np.empty((0, space.dim), np.float32)]
    for table in corpus.store.scan(["id", column], where=where):
        table = table.filter(table[column].is_valid())
        ids += table["id"].to_pylist()
        blocks.append(to_matrix(table[column]))
    return ids, np.concatenate(blocks)


def overview(corpus: Corpus) -> dict[str, Any]:
    """The collection in figures; users count by themselves, and what was learned from them says so.

    ``copying`` is there while it is an unfinished copy.
    """
    kinds: Counter[str] = Counter()
    for table in corpus.store.scan(["kind"]):
        kinds.update(table["kind"].to_pylist())
    users = kinds.pop(USER, 0)
    vectors = {}
    for name, space in corpus.spaces.items():
        if corpus.has(name):
            encoders = {modality: stamp.name for modality, stamp in space.stamps.items()}
            learned = bool(users) and name in (BEHAVIOUR, TASTE)
            vectors[name] = {"dim": space.dim, "encoders": encoders, **({"learned": True} if learned else {})}
    origin = corpus.store.read_meta().get(COPYING)
    return {
        "items": kinds.total(),
        "kinds": dict(kinds),
        "users": users,
        "fields": {name: str(kind) for name, kind in corpus.fields.items()},
        "vectors": vectors,
        "calibrated_at": corpus.calibration.items,
        **({COPYING: origin} if origin else {}),
    }
