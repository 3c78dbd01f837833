"""From a collection to a file: Parquet that loses nothing, JSON lines for people and programs, vectors for numpy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from firth.errors import InputError
from firth.listing import COPYING, matrix
from firth.moving.digest import Digest
from firth.moving.layout import PLAIN, named, to_file, types_of
from firth.moving.reading import ids_of, whole_items
from firth.search.corpus import Corpus
from firth.stores.filters import Filter
from firth.stores.where import parse_where

__all__ = ["FORMAT", "KEY", "export"]

KEY = b"firth"
"""The key in a Parquet file's metadata that tells an export of firth from other tables."""
FORMAT = 1
"""The version of the layout of an export; a file with a higher one is refused."""


def export(
    corpus: Corpus, path: Path, *, vectors: bool = True, where: str | Mapping[str, Any] | None = None
) -> int:
    """Write items to a file; its ending says which kind. Under its name it is there whole or not at all.

    =============  =============================================================================================
    ``.parquet``   everything, one row an item, see `firth.moving.layout`; `add` takes it back without encoding.
                   Without vectors it is a plain table of id, kind, text, path, source and fields.
    ``.jsonl``     id, kind, text, path, source, fields and ``vector:NAME``; for people and other programs. Small
                   pictures, passages and hashes are left out, so what adds it encodes again.
    ``.npy``       the vectors ``meaning`` ``(n, d)`` alone, with the ids beside it in ``.ids.txt``.
    =============  =============================================================================================

    Args:
        corpus: The collection.
        path: The file.
        vectors: With the vectors.
        where: Only items that pass.

    Returns:
        How many items were written.

    Raises:
        InputError: The ending is of no such kind.
        FilterError: The filter does not parse or names an unknown field.
    """
    writers: dict[str, Callable[[Corpus, Path, Filter | None], int]] = {
        ".parquet": _whole_parquet if vectors else _plain_parquet,
        ".jsonl": _jsonl if vectors else _plain_jsonl,
        ".npy": _npy,
    }
    if path.suffix not in writers:
        raise InputError(f"got {path.name!r}; export writes {', '.join(writers)}")
    condition = None if where is None else parse_where(where, corpus.fields)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    try:
        count = writers[path.suffix](corpus, draft, condition)
        if path.suffix == ".npy":
            _ids_beside(draft).replace(_ids_beside(path))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
        _ids_beside(draft).unlink(missing_ok=True)
    return count


def _whole_parquet(corpus: Corpus, path: Path, where: Filter | None) -> int:
    import pyarrow.parquet as pq

    schema, digest = corpus.schema, Digest()
    empty = to_file(schema.empty_table()).schema
    with pq.ParquetWriter(
        path, empty, compression="zstd", use_dictionary=False, write_page_checksum=True
    ) as to:
        for rows in whole_items(corpus.store, ids_of(corpus.store, where)):
            digest.add(rows)
            table = to_file(rows.select(schema.names)).cast(empty)
            to.write_table(table, row_group_size=max(1, len(table)))
        notes = {key: note for key, note in corpus.store.read_meta().items() if key != COPYING}
        about = {"format": FORMAT, "items": digest.items, "rows": digest.rows, "digest": digest.hex}
        about |= {"types": types_of(schema), "notes": notes}
        to.add_key_value_metadata({KEY: json.dumps(about, ensure_ascii=False)})
    return digest.items


def _plain_parquet(corpus: Corpus, path: Path, where: Filter | None) -> int:
    import pyarrow.parquet as pq

    columns, count = _columns(corpus, "f_"), 0
    schema = _renamed(pa.schema([corpus.schema.field(name) for name in columns]).empty_table()).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as to:
        for table in corpus.store.scan(columns, where=where):
            to.write_table(_renamed(table))
            count += len(table)
    return count


def _jsonl(corpus: Corpus, path: Path, where: Filter | None) -> int:
    return _write_lines(corpus, path, _columns(corpus, "f_", "v_"), where)


def _plain_jsonl(corpus: Corpus, path: Path, where: Filter | None) -> int:
    return _write_lines(corpus, path, _columns(corpus, "f_"), where)


def _write_lines(corpus: Corpus, path: Path, columns: list[str], where: Filter | None) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for table in corpus.store.scan(columns, where=where):
            for row in _renamed(table).to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
                count += 1
    return count


def _npy(corpus: Corpus, path: Path, where: Filter | None) -> int:
    ids, array = matrix(corpus, "meaning", where=where)
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    _ids_beside(path).write_text("".join(f"{id}\n" for id in ids), "utf-8")
    return len(ids)


def _ids_beside(path: Path) -> Path:
    return path.with_name(f"{path.name.removesuffix('.part').removesuffix('.npy')}.ids.txt")


def _columns(corpus: Corpus, *prefixes: str) -> list[str]:
    return [*PLAIN, *(name for name in corpus.schema.names if name.startswith(prefixes))]


def _renamed(table: pa.Table) -> pa.Table:
    """Columns as the user knows them, where there are no others of ours than these."""
    return table.rename_columns([named(name, PLAIN) for name in table.column_names])
