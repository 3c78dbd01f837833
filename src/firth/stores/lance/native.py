"""Reading tables by LanceDB's compiled module, without the Python package around it.

`import lancedb` executes some 500 modules: models of a REST service, embedding functions, and pandas where that is
installed. That was half the time until a search from the shell answered, and for each read the package asks the
table's schema again. The compiled module, ``lancedb._lancedb``, is what the package itself reads by. Its interface is
not promised, so pyproject.toml holds LanceDB to one minor version; writers go through the package.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib import import_module, util
from importlib.machinery import PathFinder
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.stores.lance.engine import LOADING, settle
from firth.types import FloatArray

__all__ = ["ROW", "Database", "Reader", "row_ids"]

ROW = "_rowid"
"""Where the engine finds a row of one version; the next version may have another row there."""
MODULE = "lancedb._lancedb"

Answer = TypeVar("Answer")


class Reader:
    """A table for reading, at its newest version or at the one that was checked out.

    Args:
        table: The compiled module's table; one that was opened for writing has it inside.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    @staticmethod
    def of(table: Any) -> Reader:
        """What reads by a table of the package `lancedb`, and so sees what is written through it."""
        return Reader(table._table._inner)

    @property
    def version(self) -> int:
        """The version that is read; without `checkout` the newest."""
        return int(_ask(self._table.version))

    @property
    def schema(self) -> pa.Schema:
        """The columns."""
        return _ask(self._table.schema)

    def checkout(self, version: int) -> None:
        """Stay at a version."""
        _ask(lambda: self._table.checkout(version))

    def count_rows(self, condition: str | None = None) -> int:
        """How many rows there are, or pass."""
        return int(_ask(lambda: self._table.count_rows(condition)))

    def unindexed(self, index: str) -> int | None:
        """How many rows an index has not seen yet; None where there is no such index."""
        stats = _ask(lambda: self._table.index_stats(index))
        return None if stats is None else int(stats["num_unindexed_rows"])

    def scan(
        self, columns: Sequence[str], condition: str | None, *, size: int, ids: bool = False
    ) -> Iterator[pa.Table]:
        """Rows in batches; with ``ids``, and the column `ROW`."""
        query = _with(self._table.query(), columns, condition, ids=ids)
        stream = _ask(lambda: query.execute(size, None))
        while (batch := _ask(lambda: _next(stream))) is not None:
            yield pa.Table.from_batches([batch])

    def take(self, rows: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """The rows of these ids with the column `ROW`, in no promised order."""
        return _ask(lambda: _whole(_with(self._table.take_row_ids(list(rows)), columns, ids=True)))

    def match(
        self, terms: str, limit: int, columns: Sequence[str], condition: str | None, *, ids: bool = False
    ) -> pa.Table:
        """The rows that hold any of the terms best, with ``_score``."""
        query = self._table.query().nearest_to_text({"query": terms, "columns": ["terms"]})
        query.limit(limit)
        return _ask(lambda: _whole(_with(query, [*columns, "_score"], condition, ids=ids), None, None))

    def nearest(
        self,
        column: str,
        vector: FloatArray,
        limit: int,
        columns: Sequence[str],
        condition: str | None,
        *,
        metric: str,
    ) -> pa.Table:
        """The nearest rows of all with ``_distance``."""
        values = pa.Array.from_buffers(pa.float32(), len(vector), [None, pa.py_buffer(vector.tobytes())])
        query = self._table.query().nearest_to(values)
        query.column(column)
        query.distance_type(metric)
        query.limit(limit)
        query.bypass_vector_index()
        return _ask(lambda: _whole(_with(query, [*columns, "_distance"], condition)))


class Database:
    """A folder of tables, or its address on object storage."""

    def __init__(self, location: str, options: Mapping[str, str] | None) -> None:
        asked = {"read_consistency_interval": 0.0, "storage_options": dict(options) if options else None}
        module = _module()
        self._connection = _ask(lambda: module.connect(location, **asked))

    def open(self, name: str) -> Reader:
        """A table, which sees what others write.

        Raises:
            ValueError: There is none of that name.
        """
        return Reader(_ask(lambda: self._connection.open_table(name)))


def row_ids(rows: pa.Table) -> npt.NDArray[np.uint64]:
    """The column `ROW`, as it lies in memory; `to_numpy` would import pandas where that is installed."""
    chunks = [chunk for chunk in rows[ROW].chunks if len(chunk)]
    ids = [np.frombuffer(chunk.buffers()[1], np.uint64, len(chunk), 8 * chunk.offset) for chunk in chunks]
    return ids[0] if len(ids) == 1 else np.concatenate([np.empty(0, np.uint64), *ids])


def _with(query: Any, columns: Sequence[str], condition: str | None = None, *, ids: bool = False) -> Any:
    query.select_columns(list(columns))
    if condition:
        query.where(condition)
    if ids:
        query.with_row_id()
    return query


async def _whole(query: Any, *options: timedelta | int | None) -> pa.Table:
    stream = await query.execute(*options)
    return pa.Table.from_batches([batch async for batch in stream], stream.schema)


async def _next(stream: Any) -> pa.RecordBatch | None:
    async for batch in stream:
        return batch
    return None


def _ask(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """What the engine answers, from any thread."""

    async def answer() -> Answer:
        return await call()

    asked = asyncio.run_coroutine_threadsafe(answer(), _loop())
    try:
        return asked.result()
    except BaseException:
        asked.cancel()
        raise


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="firth-lance", daemon=True).start()
    return loop


@cache
def _module() -> Any:
    """The compiled module, which the package takes from here if it is imported later."""
    settle()
    with LOADING:
        package = None if MODULE in sys.modules else util.find_spec("lancedb")
        folders = list(package.submodule_search_locations or ()) if package else []
        spec = PathFinder.find_spec(MODULE, folders) if folders else None
        if spec is None or spec.loader is None:
            return import_module(MODULE)
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[MODULE] = module
        return module
