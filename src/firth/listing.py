"""Items as a person reads them: one by one, as a matrix, as a file, and the collection in figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from firth.errors import InputError
from firth.search.corpus import Corpus
from firth.stores.base import field_name, vector_column
from firth.stores.base import matrix as to_matrix
from firth.stores.where import parse_where
from firth.types import FloatArray

__all__ = ["export", "matrix", "overview", "records"]

PLAIN = ("id", "kind", "text", "path", "source")


def records(
    corpus: Corpus,
    *,
    ids: Sequence[str] | None = None,
    where: str | Mapping[str, Any] | None = None,
    vectors: bool = False,
) -> Iterator[dict[str, Any]]:
    """Items as dicts: ``id kind text path source fields``, and ``vectors`` if asked for."""
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


def _tables(
    corpus: Corpus, *, ids: Sequence[str] | None, where: str | Mapping[str, Any] | None, vectors: bool
) -> Iterator[pa.Table]:
    prefixes = ("f_", "v_") if vectors else ("f_",)
    columns = [*PLAIN, *(name for name in corpus.schema.names if name.startswith(prefixes))]
    condition = None if where is None else parse_where(where, corpus.fields)
    return corpus.store.scan(columns, where=condition, ids=ids)


def matrix(corpus: Corpus, name: str) -> tuple[list[str], FloatArray]:
    """Ids and vectors ``(n, d)`` of the items that have the named vector.

    Raises:
        UnknownNameError: The collection has no such vector.
    """
    space, column = corpus.space(name), vector_column(name)
    ids: list[str] = []
    blocks = [np.empty((0, space.dim), np.float32)]
    for table in corpus.store.scan(["id", column]):
        table = table.filter(table[column].is_valid())
        ids += table["id"].to_pylist()
        blocks.append(to_matrix(table[column]))
    return ids, np.concatenate(blocks)


def export(corpus: Corpus, path: Path, *, vectors: bool = True) -> int:
    """Write all items to a file; its ending says which kind.

    ``.parquet`` and ``.jsonl`` hold id, kind, text, path, source, every field by its own name and every vector as
    ``vector:NAME``. ``.npy`` holds the vectors ``meaning`` ``(n, d)`` alone, with the ids beside it in ``.ids.txt``.

    Returns:
        How many items were written.

    Raises:
        InputError: The ending is of no such kind.
    """
    writers = {".parquet": _export_parquet, ".jsonl": _export_jsonl, ".npy": _export_npy}
    if path.suffix not in writers:
        raise InputError(f"got {path.name!r}; export writes {', '.join(writers)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    count = writers[path.suffix](corpus, draft, vectors)
    draft.replace(path)
    return count


def _renamed(table: pa.Table) -> pa.Table:
    """Columns as the user knows them; a field that is called like one of ours says so."""
    names = []
    for name in table.schema.names:
        own = field_name(name) if name.startswith("f_") else name
        clash = name.startswith("f_") and own in PLAIN
        names.append(
            f"field:{own}" if clash else own.replace("v_", "vector:", 1) if own.startswith("v_") else own
        )
    return table.rename_columns(names)


def _export_parquet(corpus: Corpus, path: Path, vectors: bool) -> int:
    import pyarrow.parquet as pq

    count, writer = 0, None
    try:
        for table in _tables(corpus, ids=None, where=None, vectors=vectors):
            table = _renamed(table)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
            count += len(table)
    finally:
        if writer:
            writer.close()
    if writer is None:
        raise InputError("the collection is empty: there is nothing to export")
    return count


def _export_jsonl(corpus: Corpus, path: Path, vectors: bool) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for table in _tables(corpus, ids=None, where=None, vectors=vectors):
            for row in _renamed(table).to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
                count += 1
    return count


def _export_npy(corpus: Corpus, path: Path, vectors: bool) -> int:
    ids, array = matrix(corpus, "meaning")
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    name = path.name.removeprefix(".").removesuffix(".npy.part")
    path.with_name(f"{name}.ids.txt").write_text("".join(f"{id}\n" for id in ids), "utf-8")
    return len(ids)


def overview(corpus: Corpus) -> dict[str, Any]:
    """The collection in figures."""
    kinds: Counter[str] = Counter()
    for table in corpus.store.scan(["kind"]):
        kinds.update(table["kind"].to_pylist())
    vectors = {}
    for name, space in corpus.spaces.items():
        if corpus.has(name):
            encoders = {modality: stamp.name for modality, stamp in space.stamps.items()}
            vectors[name] = {"dim": space.dim, "encoders": encoders}
    return {
        "items": kinds.total(),
        "kinds": dict(kinds),
        "fields": {name: str(kind) for name, kind in corpus.fields.items()},
        "vectors": vectors,
        "calibrated_at": corpus.calibration.items,
    }
