"""Reading a store item by item: whole items, in batches that fit in memory whatever they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from firth.moving.digest import Digest
from firth.stores import Store
from firth.stores.filters import Filter

__all__ = ["digest_of", "ids_of", "whole_items"]

BATCH_BYTES = 16 * 2**20
"""How much of a store is in memory at once, about; a single item may be larger."""
FIRST = 64
MOST = 4096


def ids_of(store: Store, where: Filter | None = None) -> pa.ChunkedArray:
    """The ids of all items, or of those that pass, in the order in which the store gives them."""
    chunks = [table["id"].combine_chunks() for table in store.scan(["id"], where=where)]
    return pa.chunked_array(chunks, pa.string())


def whole_items(store: Store, ids: pa.ChunkedArray | Sequence[str]) -> Iterator[pa.Table]:
    """All rows and columns of these items, in batches of whole items of about `BATCH_BYTES`.

    Those that are not there any more are passed over. How many items make a batch is learnt from the one before:
    a picture's row may have a thousand times the bytes of a title's.
    """
    ids = ids if isinstance(ids, pa.ChunkedArray) else pa.chunked_array([pa.array(ids, pa.string())])
    start, size = 0, FIRST
    while start < len(ids):
        some = ids.slice(start, size).to_pylist()
        tables = list(store.scan(store.schema().names, ids=some, parts=True))
        start += size
        if tables:
            table = pa.concat_tables(tables)
            size = _next_size(size, table.nbytes)
            yield table


def digest_of(store: Store, seen: Callable[[list[str]], None]) -> Digest:
    """The digest of everything in a store; ``seen`` is told which items are in it, as they are."""
    digest = Digest()
    for table in whole_items(store, ids_of(store)):
        digest.add(table)
        seen(pc.unique(table["id"]).to_pylist())
    return digest


def _next_size(size: int, nbytes: int) -> int:
    fitting = int(size * BATCH_BYTES / max(nbytes, 1))
    return max(1, min(fitting, size * 4, MOST))
