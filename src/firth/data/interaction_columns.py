"""Columns of plain tables, batch by batch: a value that stands in many rows is looked at once.

Rows that need care (quotes, other encodings, missing cells, rows of another length) are not for here: then nothing
comes of it, and `firth.data.tables` reads row by row, which names each row that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from firth.data.arrow_tables import arrow_source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ColumnTable", "Encoded", "NotPlainError", "column_table"]

Batches: TypeAlias = "Callable[[Sequence[str]], Iterator[pa.RecordBatch]]"

BLOCK = 1 << 22
LONGEST_HEADER = 1 << 16
DELIMITERS = ",;\t|"
"""As in `firth.data.csv_tables`."""


class NotPlainError(Exception):
    """The table needs to be read row by row; raised and caught within this room."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """A column of a batch.

    Attributes:
        distinct: Its values as row by row reading gives them, by first appearance.
        places: ``(rows,)``: which of them stands in each row.
    """

    distinct: list[Any]
    places: npt.NDArray[np.int64]

    @classmethod
    def of(cls, column: Any) -> Encoded:
        """Of an Arrow array.

        Raises:
            NotPlainError: A cell is missing, or is no number, text or moment.
        """
        import pyarrow as pa
        import pyarrow.types as at

        if column.null_count:
            raise NotPlainError
        if at.is_timestamp(column.type) and column.type.unit == "ns":  # more than a datetime holds
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        known = (at.is_integer, at.is_floating, at.is_string, at.is_large_string, at.is_timestamp, at.is_date)
        if not any(is_known(column.type) for is_known in known):
            raise NotPlainError
        encoded = column.dictionary_encode()
        return cls(encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64))


@dataclass(frozen=True)
class ColumnTable:
    """A table by columns.

    Attributes:
        names: Of all of them.
        batches: Starts reading some of them; raises `NotPlainError` where that does not do.
    """

    names: Sequence[str]
    batches: Batches


def column_table(source: Any) -> ColumnTable | None:
    """A file or a table in memory by its columns; None where it must be read row by row."""
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        opened = {".csv": _csv, ".tsv": _csv, ".parquet": _parquet}.get(path.suffix.lower())
        return opened(path) if opened and path.is_file() else None
    if hasattr(source, "__arrow_c_stream__") and hasattr(
        source, "columns"
    ):  # and not a stream, which is read once
        schema, batches = arrow_source(source)
        return ColumnTable(schema.names, lambda names: (batch.select(names) for batch in batches()))
    return None


def _parquet(path: Path) -> ColumnTable | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def batches(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        try:
            with pq.ParquetFile(path, buffer_size=2**20, pre_buffer=False) as file:
                yield from file.iter_batches(batch_size=BLOCK // 64, columns=list(names))
        except (pa.ArrowException, OSError) as error:
            raise NotPlainError from error

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
    except (pa.ArrowException, OSError):
        return None
    return ColumnTable(names, batches) if len(set(names)) == len(names) else None


def _csv(path: Path) -> ColumnTable | None:
    """A file without quotes, whose first line names the columns."""
    with path.open("rb") as file:
        first = file.readline(LONGEST_HEADER)
    try:
        line = first.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return None
    counts = {delimiter: line.count(delimiter) for delimiter in DELIMITERS}
    delimiter = "," if counts[","] else max(counts, key=lambda delimiter: counts[delimiter])
    delimiter = "\t" if path.suffix.lower() == ".tsv" else delimiter
    names = line.split(delimiter)
    if len(set(names)) < max(len(names), 2) or "" in names or "\r" in line or not _is_plain(path):
        return None
    return ColumnTable(names, lambda chosen: _csv_batches(path, delimiter, chosen))


def _csv_batches(path: Path, delimiter: str, chosen: Sequence[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    from pyarrow import csv

    types = dict.fromkeys(chosen, pa.string())
    try:
        yield from csv.open_csv(
            path,
            read_options=csv.ReadOptions(block_size=BLOCK, use_threads=False),
            parse_options=csv.ParseOptions(delimiter=delimiter, quote_char=False),
            convert_options=csv.ConvertOptions(column_types=types, include_columns=list(chosen)),
        )
    except (pa.ArrowException, OSError) as error:
        raise NotPlainError from error


def _is_plain(path: Path) -> bool:
    """Whether no cell can be quoted, and it is no UTF-16."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b'"' in block or b"\0" in block:
                return False
    return True
