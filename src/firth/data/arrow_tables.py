"""Arrow data of any origin: Parquet files, pyarrow, pandas and polars tables, streams of record batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from firth.data.cells import TO_FIELD
from firth.data.tables import Column, Kind, Row, Table
from firth.errors import InputError, UnreadableError
from firth.types import Skipped

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_source", "arrow_table", "parquet_table"]

Batches: TypeAlias = "Callable[[], Iterable[pa.RecordBatch]]"

BATCH_BYTES = 16 * 2**20
BATCH_ROWS = 1024


def parquet_table(path: Path, name: str) -> Table:
    """A Parquet file, read in batches of some MiB.

    Args:
        path: The file.
        name: What it is called in ids and reports.

    Raises:
        UnreadableError: It is damaged or no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, _rows_a_batch(file.metadata)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableError(f"not a Parquet file that can be read: {_first_line(error)}") from error

    def batches() -> Iterator[pa.RecordBatch]:
        # Buffered reading: else whole column chunks, often whole files, are taken into memory.
        with pq.ParquetFile(path, buffer_size=2**20, pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=rows)

    return arrow_table(schema, batches, name=name, path=path)


def arrow_source(source: Any) -> tuple[pa.Schema, Batches]:
    """Schema and batches of a pandas, polars or pyarrow table, or of anything with an Arrow stream.

    A named pandas index becomes a column; an unnamed one is left out.

    Raises:
        InputError: It is no table, or has a column that Arrow cannot hold.
    """
    import pyarrow as pa

    if not (hasattr(source, "columns") or hasattr(source, "schema")):
        raise InputError(
            f"got a {type(source).__name__}, a single column; expected a table, or a list of texts"
        )
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    try:
        if type(source).__module__.split(".")[0] == "pandas":
            source = pa.Table.from_pandas(source, preserve_index=any(source.index.names))
        if not isinstance(source, pa.RecordBatchReader):
            source = pa.RecordBatchReader.from_stream(source)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise InputError(
            f"got a table that Arrow cannot hold: {_first_line(error)}. Next: give each column one type, "
            "or pass a list of dicts"
        ) from error
    return source.schema, lambda: _small(source)


def arrow_table(schema: pa.Schema, batches: Batches, *, name: str, path: Path | None = None) -> Table:
    """Rows of record batches.

    Args:
        schema: Of the batches.
        batches: Starts reading.
        name: What the table is called in ids and reports.
        path: The file, if it is one.

    Raises:
        UnreadableError: Two columns have one name.
    """
    import pyarrow as pa

    twice = sorted({column for column in schema.names if schema.names.count(column) > 1})
    if twice:
        raise UnreadableError(f"columns named {', '.join(map(repr, twice))} stand twice. Next: rename them")
    kinds = {field.name: _kind(field.type) for field in schema}

    def rows() -> Iterator[Row | Skipped]:
        number = 0
        try:
            for batch in batches():
                for cells in _without_nanoseconds(batch).to_pylist():
                    number += 1
                    yield Row(number, cells)
        except (pa.ArrowException, OSError, ValueError) as error:
            yield Skipped(name, f"the rows after {number} cannot be read: {_first_line(error)}")

    return Table(name, [Column(column, kind, TO_FIELD[kind]) for column, kind in kinds.items()], rows, path)


def _kind(kind: pa.DataType) -> Kind:
    import pyarrow.types as at

    if at.is_dictionary(kind) or at.is_run_end_encoded(kind):
        kind = kind.value_type
    if at.is_integer(kind):
        return Kind.TEXT if at.is_uint64(kind) else Kind.INT  # half of uint64 does not fit int64
    if at.is_list(kind) or at.is_large_list(kind) or at.is_fixed_size_list(kind) or at.is_list_view(kind):
        return _kind_of_list(kind.value_type)
    tests = (
        (at.is_boolean, Kind.BOOL),
        (at.is_floating, Kind.FLOAT),
        (at.is_decimal, Kind.FLOAT),
        (at.is_timestamp, Kind.TIME),
        (at.is_date, Kind.TIME),
        (at.is_binary, Kind.BYTES),
        (at.is_large_binary, Kind.BYTES),
        (at.is_binary_view, Kind.BYTES),
        (at.is_fixed_size_binary, Kind.BYTES),
        (_is_picture_struct, Kind.BYTES),
        (at.is_nested, Kind.JSON),
    )
    return next((found for test, found in tests if test(kind)), Kind.TEXT)


def _kind_of_list(values: pa.DataType) -> Kind:
    import pyarrow.types as at

    if at.is_floating(values):
        return Kind.VECTOR
    is_text = at.is_string(values) or at.is_large_string(values) or at.is_string_view(values)
    return Kind.LIST if is_text else Kind.JSON


def _is_picture_struct(kind: pa.DataType) -> bool:
    """The way data sets keep pictures in Parquet: struct{bytes, path}."""
    import pyarrow.types as at

    return at.is_struct(kind) and {field.name for field in kind} == {"bytes", "path"}


def _without_nanoseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Timestamps cut to microseconds, which is what ``datetime`` holds."""
    import pyarrow as pa
    import pyarrow.types as at

    for number, field in enumerate(batch.schema):
        if at.is_timestamp(field.type) and field.type.unit == "ns":
            cut = batch.column(number).cast(pa.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(number, field.name, cut)
    return batch


def _small(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, len(batch), BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)


def _rows_a_batch(metadata: Any) -> int:
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    return int(min(BATCH_ROWS, max(1, BATCH_BYTES * metadata.num_rows // max(size, 1))))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
