"""Parts become rows of the store: an Arrow table with the columns of `firth.stores.base`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from firth.ingest.encoding import Part
from firth.ingest.fields import field_types, fitted_column
from firth.stores.base import COLUMNS, field_column, vector_column
from firth.text import terms
from firth.types import FloatArray, Item

__all__ = ["rows"]


def rows(parts: Sequence[Part], hashes: Mapping[str, str], schema: pa.Schema) -> pa.Table:
    """The rows of parts: the text, its terms and the picture stand on part 0, the fields on every part.

    Args:
        parts: What to write, all parts of each item.
        hashes: The content hash of each item, by id.
        schema: What the store has now.
    """
    columns: dict[str, Any] = {
        "id": [part.item.id for part in parts],
        "part": pa.array([part.number for part in parts], pa.int32()),
        "kind": [part.item.kind for part in parts],
        "text": [part.item.text if part.number == 0 else None for part in parts],
        "start": pa.array([part.span.start if part.span else None for part in parts], pa.int64()),
        "end": pa.array([part.span.end if part.span else None for part in parts], pa.int64()),
        "path": pa.array([part.item.path for part in parts], pa.string()),
        "source": pa.array([part.item.source for part in parts], pa.string()),
        "hash": [hashes[part.item.id] for part in parts],
        "terms": pa.array([_terms(part.item) if part.number == 0 else None for part in parts], pa.string()),
        "thumb": pa.array([part.thumb for part in parts], pa.large_binary()),
    }
    arrays = {name: pa.array(values, COLUMNS.field(name).type) for name, values in columns.items()}
    names = dict.fromkeys(name for part in parts for name in part.vectors)
    arrays |= {vector_column(name): _vectors([part.vectors.get(name) for part in parts]) for name in names}
    types = field_types([part.item for part in parts], schema)
    for name in dict.fromkeys(name for part in parts for name in part.item.fields):
        if field_column(name) not in types:
            continue
        kind = types[field_column(name)]
        arrays[field_column(name)] = fitted_column([part.item.fields.get(name) for part in parts], kind)
    return pa.table(arrays)


def _terms(item: Item) -> str | None:
    found = terms(f"{item.text or ''}\n{item.words or ''}")
    return " ".join(found) or None


def _vectors(vectors: Sequence[FloatArray | None]) -> pa.Array:
    """A column of vectors, null where a part has none."""
    dim = next(len(vector) for vector in vectors if vector is not None)
    flat = np.zeros((len(vectors), dim), np.float32)
    missing = np.array([vector is None for vector in vectors])
    for i, vector in enumerate(vectors):
        if vector is not None:
            flat[i] = vector
    return pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), dim, mask=pa.array(missing))
