"""Codes beside vectors: a hidden column of signs for each named vector, by which many vectors are searched.

A code is made when its vector is written, in the same commit, so nothing has to be built or brought up to date, and
compaction and object storage know it as a column like any other. What a code is, `firth.stores.codes` says; it needs
a centre, some mean of the vectors, which is drawn once there are a thousand of them and then stays. It lies with the
notes, under the column's name, which has a digest of it: no other centre is ever taken for it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa

from firth.stores.codes import WORD, centre_of, coded, words_of
from firth.stores.columns import matrix
from firth.stores.lance.tables import FORMAT_NOTE, Tables
from firth.stores.lance.versions import CODES, read, shown
from firth.types import FloatArray

__all__ = ["Coding", "Codings", "code_column"]

ENOUGH = 1000
"""Vectors from which a centre is drawn."""
DRAWN = 8192
"""So many of them at the most are looked at."""
AT_ONCE = 1024
"""Vectors that are coded at once."""


@dataclass(frozen=True, eq=False)
class Coding:
    """How one named vector is coded.

    Attributes:
        column: Where the codes are.
        centre: ``(d,)`` what they are about.
        since: The version of the rows from which on every vector has its code; None while some lack it.
    """

    column: str
    centre: FloatArray
    since: int | None

    @property
    def note(self) -> dict[str, str]:
        """As it is kept."""
        centre = b64encode(self.centre.astype("<f4").tobytes()).decode()
        return {f"_{self.column}": json.dumps({"centre": centre, "since": self.since})}

    @staticmethod
    def of(column: str, note: str) -> Coding:
        """From what is kept."""
        known = json.loads(note)
        return Coding(column, np.frombuffer(b64decode(known["centre"]), "<f4"), known["since"])


class Codings:
    """What is known of the codes of one store; writers hold the lock."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._known: dict[str, Coding] = {}

    def of(self, schema: pa.Schema, vector: str) -> Coding | None:
        """How the vectors of a column of a schema are coded, or None."""
        column = code_column(schema, vector)
        if column is None:
            return None
        if column not in self._known or self._known[column].since is None:
            note = self._tables.notes().get(f"_{column}")
            if note is None:
                return None
            self._known[column] = Coding.of(column, note)
        return self._known[column]

    def add_to(self, rows: pa.Table, table: Any) -> pa.Table:
        """Rows that are about to be written, with codes; from a first large write a centre is drawn."""
        for vector in [name for name in rows.column_names if name.startswith("v_")]:
            coding = self.of(table.schema, vector) or self._begin(table, vector, rows[vector].drop_null())
            if coding:
                rows = rows.append_column(coding.column, _codes(rows[vector], coding.centre))
        return rows

    def complete(self, table: Any, write: Callable[[pa.Table], object]) -> None:
        """See to it that every vector has a code, once there are enough: what lacks it is written again."""
        names = shown(table.schema).names if table.count_rows() >= ENOUGH else []
        for vector in [name for name in names if name.startswith("v_")]:
            coding = self.of(table.schema, vector) or self._begin(table, vector, _some(table, vector))
            if coding is None or coding.since is not None:
                continue
            for rows in read(table, names, f"`{vector}` IS NOT NULL AND `{coding.column}` IS NULL"):
                write(rows)
            self._keep(Coding(coding.column, coding.centre, int(table.version)))

    def drop(self, table: Any, vector: str) -> None:
        """Remove a column of vectors and its codes."""
        column = code_column(table.schema, vector)
        table.drop_columns([vector, *([column] if column else [])])
        if column:  # last, so that there never is a column without a centre
            self._tables.write_notes({f"_{column}": None})

    def _begin(self, table: Any, vector: str, vectors: pa.ChunkedArray) -> Coding | None:
        """Draw a centre from vectors, if they are enough, and make room for codes."""
        drawn = vectors[:DRAWN]
        if len(drawn) < ENOUGH:
            return None
        numbers = matrix(drawn)
        centre = centre_of(numbers, np.linalg.norm(numbers, axis=1))
        digest = sha256(centre.tobytes() + str(table.version).encode()).hexdigest()[:8]
        coding = Coding(f"{CODES}{digest}_{vector}", centre, None)
        self._keep(coding)  # first, for the same reason
        width = (words_of(len(centre)) + 1) * WORD // 8
        table.add_columns(pa.schema([(coding.column, pa.binary(width))]))
        return coding

    def _keep(self, coding: Coding) -> None:
        self._tables.write_notes({**coding.note, **FORMAT_NOTE})
        self._known[coding.column] = coding


def code_column(schema: pa.Schema, vector: str) -> str | None:
    """The column that holds the codes of the vectors of another, or None."""
    ending = f"_{vector}"
    width = len(CODES) + 8 + len(ending)
    return next(
        (n for n in schema.names if n.startswith(CODES) and n.endswith(ending) and len(n) == width), None
    )


def _codes(vectors: pa.ChunkedArray, centre: FloatArray) -> pa.Array:
    """Codes of a column of vectors, null where there is none."""
    numbers = matrix(vectors.drop_null())
    lengths = np.sqrt(np.einsum("nd,nd->n", numbers, numbers, dtype=np.float64)).astype(np.float32)
    parts = (slice(start, start + AT_ONCE) for start in range(0, max(1, len(numbers)), AT_ONCE))
    codes = np.concatenate([coded(numbers[part], lengths[part], centre) for part in parts])
    kind = pa.binary(codes.shape[1] * WORD // 8)
    made = pa.Array.from_buffers(kind, len(codes), [None, pa.py_buffer(codes)])
    if len(made) == len(vectors):
        return made
    there = vectors.is_valid().to_numpy()
    return made.take(pa.array(np.cumsum(there) - 1, mask=~there))


def _some(table: Any, vector: str) -> pa.ChunkedArray:
    """The first of a table's vectors."""
    found: list[pa.ChunkedArray] = []
    for batch in read(table, [vector], f"`{vector}` IS NOT NULL"):
        found.append(batch[vector])
        if sum(map(len, found)) >= DRAWN:
            break
    chunks = [chunk for column in found for chunk in column.chunks]
    return pa.chunked_array(chunks, table.schema.field(vector).type)
