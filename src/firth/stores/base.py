"""The seam behind which collections are kept: rows of items and their parts, vectors, filters, words.

A store knows nothing of encoders, languages or ranking. It keeps *rows*. An item is one or more rows that
share its ``id``: part 0 is the item itself, parts 1, 2, ... are passages of its text or other views of it. Fields
stand on every row, so that a filter works before a search on whichever part is searched.

Columns of a row, in Arrow types::

    id      string          the item's id
    part    int32           0 the item itself, 1.. its passages
    kind    string          "text", "image", "vector"
    text    string          on part 0 only
    start   int64           offsets of a passage in the item's text, in characters; null on part 0
    end     int64
    path    string          where the original lies
    source  string          what was handed to `add`
    hash    string          of the content, to tell changed from unchanged
    terms   string          folded tokens joined by one space, for full text; on part 0 only
    thumb   large_binary    a small picture, on part 0 only
    v_NAME  fixed_size_list<float32>[d]   a named vector; null where the row has none
    f_NAME  any of FIELD_TYPES            a field of the user's

Every implementation passes tests/contracts/test_store.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from firth.similarity import Metric
from firth.stores.columns import COLUMNS, FIELD_TYPES, field_column, field_name, matrix, vector_column
from firth.stores.filters import Filter
from firth.types import FloatArray

__all__ = ["COLUMNS", "FIELD_TYPES", "Store", "field_column", "field_name", "matrix", "vector_column"]


@runtime_checkable
class Store(Protocol):
    """Where rows live: a folder, a database, memory.

    Several processes may use one store at once. What `put` has returned from is there for every other
    process and survives the death of this one.
    """

    def schema(self) -> pa.Schema:
        """The columns the store has now: `COLUMNS`, then ``v_`` and ``f_`` columns in order of arrival."""
        ...

    def put(self, rows: pa.Table) -> None:
        """Write whole items, all or nothing, replacing every row that stood under their ids.

        Columns that ``rows`` lacks become null; ``v_`` and ``f_`` columns that the store lacks are added.
        An integer column takes floats by becoming float; any other change of type is refused. Fields come
        in near types too (int32, dates, large strings, ...); NaN in a field is null.

        Raises:
            SchemaError: A column has another type or width than before, ``id`` or ``part`` is null, the same
                (id, part) stands twice in ``rows``, or a vector holds NaN or infinity.
        """
        ...

    def delete(self, ids: Sequence[str]) -> int:
        """Remove items with all their parts; ids that are not there are passed over.

        Returns:
            How many items were there.
        """
        ...

    def count(self, where: Filter | None = None) -> int:
        """How many items (not rows) there are, or how many pass the filter."""
        ...

    def scan(
        self,
        columns: Sequence[str],
        *,
        where: Filter | None = None,
        ids: Sequence[str] | None = None,
        parts: bool = False,
    ) -> Iterator[pa.Table]:
        """Read rows in batches, in no promised order.

        Args:
            columns: Which columns.
            where: Only items that pass.
            ids: Only these items; ids that are not there are passed over.
            parts: Also the rows of parts 1, 2, ...; without, part 0 alone.

        Raises:
            SchemaError: The store does not have a column.
        """
        ...

    def nearest(
        self,
        vector: str,
        query: FloatArray,
        k: int,
        *,
        metric: Metric = Metric.COSINE,
        where: Filter | None = None,
        exact: bool = False,
    ) -> pa.Table:
        """The ``k`` best rows (any part) by one named vector, best first, ties by (id, part).

        The filter is applied before the search: with a filter that 10 items pass, 10 rows can come back. A
        vector of zeros has no direction: by ``COSINE`` it is never found, and as a query it finds nothing.

        Args:
            vector: The vector's name, for example ``"meaning"``.
            query: ``(d,)``.
            k: How many rows.
            metric: Which similarity; the score is the metric's own (for ``EUCLIDEAN`` the distance).
            where: Only rows that pass.
            exact: Pass by any index.

        Returns:
            Columns ``id``, ``part``, ``score`` (float64).

        Raises:
            UnknownNameError: There is no such vector.
            DimensionError: The query has another width, or NaN or infinity in it.
        """
        ...

    def nearest_of_many(
        self,
        vector: str,
        queries: Sequence[FloatArray] | FloatArray,
        k: int,
        *,
        metric: Metric = Metric.COSINE,
        where: Filter | None = None,
        exact: bool = False,
    ) -> list[pa.Table]:
        """What `nearest` gives for each of many queries ``(m, d)``; vectors in memory are read once for all of them."""
        ...

    def match(self, terms: Sequence[str], k: int, *, where: Filter | None = None) -> pa.Table:
        """The ``k`` best items by BM25 (k1 = 1.2, b = 0.75) over the column ``terms``, any term may match.

        Returns:
            Columns ``id``, ``part`` (0), ``score`` (float64), best first. Items without any of the terms
            are not among them.
        """
        ...

    def drop_vector(self, name: str) -> None:
        """Remove a named vector from every row."""
        ...

    def read_meta(self) -> dict[str, Any]:
        """The collection's own notes (encoders, calibration, format version); ``{}`` in a new store."""
        ...

    def write_meta(self, changes: Mapping[str, Any]) -> None:
        """Merge JSON values into the notes, atomically, key by key; ``None`` removes a key.

        Keys that begin with an underscore are the store's own.

        Raises:
            InputError: Such a key, or a value that JSON cannot hold.
        """
        ...

    def optimize(self) -> None:
        """Fold small writes together and bring indexes up to date; safe to call at any time."""
        ...

    def version(self) -> int:
        """A number that grows with every write by anyone, so that caches know when they are stale."""
        ...
