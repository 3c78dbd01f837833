"""Items in the order of a field: numbers, scores of tags, dates; what has no value comes last."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import pyarrow as pa

from firth.errors import SchemaError, UnknownNameError
from firth.search.corpus import Corpus
from firth.stores.base import field_column
from firth.stores.columns import TAG
from firth.stores.filters import Filter

__all__ = ["column_with_order", "ids_by_field", "order"]

K = TypeVar("K", str, int)
Place: TypeAlias = tuple[bool, float | int, K]


def ids_by_field(
    corpus: Corpus, name: str, *, k: int | None = None, ascending: bool = False, where: Filter | None = None
) -> list[str]:
    """Ids of items by a field, the highest value first; of equal values the lower id first.

    Args:
        corpus: The collection.
        name: A field of numbers, dates or truth values, such as ``"tag:奇幻"``.
        k: Only so many; no more are held in memory at once.
        ascending: The lowest value first instead; what has no value is last either way.
        where: Only items that pass.

    Raises:
        UnknownNameError: There is no such field.
        SchemaError: It holds something else.
    """
    rows = _rows(corpus, column_with_order(corpus, name), where)
    places = (_place(value, id, ascending=ascending) for id, value in rows)
    found = sorted(places) if k is None else heapq.nsmallest(k, places)
    return [id for *_, id in found]


def order(values: Mapping[K, Any], *, ascending: bool = False) -> list[K]:
    """Ids, or anything that has an order itself, by their values, the highest first; those without one last.

    >>> order({"12": 0.9, "7": None, "98": 0.3, "5": 0.9})
    ['12', '5', '98', '7']
    >>> order({"紅樓夢": 1791, "西遊記": 1592}, ascending=True)
    ['西遊記', '紅樓夢']
    """
    return [id for *_, id in sorted(_place(value, id, ascending=ascending) for id, value in values.items())]


def _rows(corpus: Corpus, column: str, where: Filter | None) -> Iterator[tuple[str, Any]]:
    for table in corpus.store.scan(["id", column], where=where):
        yield from zip(table["id"].to_pylist(), table[column].to_pylist(), strict=True)


def _place(value: Any, id: K, *, ascending: bool) -> Place[K]:
    """What sorts an item to its place."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC).timestamp()  # without a zone Windows knows no moment before 1970
    if value is None or value != value:  # not a number: no value either
        return True, 0, id
    return False, value if ascending else -value, id


def column_with_order(corpus: Corpus, name: str) -> str:
    """The column of a field by which items can be sorted.

    Raises:
        UnknownNameError: There is no such field.
        SchemaError: It holds neither numbers nor dates.
    """
    if name not in corpus.fields:
        tag = name.removeprefix(TAG)
        step = f"firth tags {tag} --save" if name.startswith(TAG) else "firth status shows the fields"
        raise UnknownNameError(
            f"no field {name!r} to sort by; there are {_some(corpus.fields)}. Next: {step}"
        )
    kind = corpus.fields[name]
    if not _has_order(kind):
        fields = _some(one for one, other in corpus.fields.items() if _has_order(other))
        raise SchemaError(
            f"field {name!r} holds {kind}; expected numbers or dates to sort by, such as {fields}"
        )
    return field_column(name)


def _has_order(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_timestamp)
    return any(test(kind) for test in tests)


def _some(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
