"""A digest of rows that does not depend on their order, nor on the store that keeps them.

Every row is hashed by itself, over the columns that hold something in it, in the order of their names; the digest of
many rows is the sum of their hashes modulo 2**128. So a column that is missing equals one without values, batches may
come in any order, and two digests can be added.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from firth.stores.columns import matrix

__all__ = ["Digest", "item_digests"]

BITS = 128


@dataclass
class Digest:
    """What stands in a store: how many items and rows, and the sum of the rows' hashes.

    >>> one, other = Digest(), Digest()
    >>> rows = pa.table({"id": ["a", "乙"], "part": pa.array([0, 0], pa.int32()), "text": ["apple", "蘋果"]})
    >>> one.add(rows)
    >>> other.add(rows.take([1, 0]).append_column("f_year", pa.nulls(2, pa.int64())))
    >>> one == other
    True
    """

    items: int = 0
    rows: int = 0
    total: int = 0

    def add(self, table: pa.Table) -> None:
        """Take rows in; an item is counted by its part 0."""
        self.items += sum(part == 0 for part in table["part"].to_pylist())
        self.rows += len(table)
        self.total = (self.total + sum(_row_hashes(table))) % 2**BITS

    @property
    def hex(self) -> str:
        """The digest in 32 hexadecimal digits."""
        return f"{self.total:0{BITS // 4}x}"

    def __str__(self) -> str:
        return f"{self.items:,} items, {self.rows:,} rows, digest {self.hex}"


def item_digests(table: pa.Table) -> dict[str, int]:
    """The digest of each item of which rows stand in the table, by id."""
    digests: dict[str, int] = {}
    for id, digest in zip(table["id"].to_pylist(), _row_hashes(table), strict=True):
        digests[id] = (digests.get(id, 0) + digest) % 2**BITS
    return digests


def _row_hashes(table: pa.Table) -> Iterator[int]:
    """The hash of each row, over (name and kind, length, value) of its cells."""
    columns = []
    for name in sorted(table.column_names):
        kind, cells = _cells(table[name])
        columns.append((_sized(f"{kind} {name}".encode()), cells))
    for i in range(len(table)):
        content = b"".join(head + _sized(cell) for head, cells in columns if (cell := cells[i]) is not None)
        yield int.from_bytes(blake2b(content, digest_size=BITS // 8).digest(), "little")


def _sized(value: bytes) -> bytes:
    return len(value).to_bytes(8, "little") + value


def _cells(column: pa.ChunkedArray) -> tuple[str, Sequence[bytes | None]]:
    """What kind of column it is, whatever width a store keeps it in, and each value as bytes."""
    kind = column.type
    if pa.types.is_fixed_size_list(kind):
        return "vector", _vectors(column)
    if pa.types.is_list(kind):
        return "list", _each(column, lambda value: json.dumps(value, ensure_ascii=False).encode())
    if pa.types.is_floating(kind):
        return "float", _each(column, lambda value: struct.pack("<d", value))
    if pa.types.is_timestamp(kind):
        return "moment", _each(column.cast(pa.timestamp("us")).cast(pa.int64()), _integer)
    if pa.types.is_integer(kind):
        return "integer", _each(column, _integer)
    if pa.types.is_boolean(kind):
        return "boolean", _each(column, lambda value: b"\1" if value else b"\0")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "bytes", column.to_pylist()
    return "text", _each(column, str.encode)


def _each(column: pa.ChunkedArray, convert: Callable[[Any], bytes]) -> list[bytes | None]:
    return [None if value is None else convert(value) for value in column.to_pylist()]


def _integer(value: int) -> bytes:
    return value.to_bytes(8, "little", signed=True)


def _vectors(column: pa.ChunkedArray) -> list[bytes | None]:
    rows = iter(matrix(column.drop_null()).astype("<f4", copy=False))
    return [next(rows).tobytes() if valid else None for valid in column.is_valid().to_pylist()]
