"""Scores kept as fields, ``tag:NAME``, so that items can be filtered by them, shown with them and exported."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from firth.analysis.tags.result import TagScores
from firth.errors import InputError
from firth.search.corpus import Corpus
from firth.stores.base import field_column
from firth.stores.columns import TAG

__all__ = ["NOTE", "save"]

NOTE = "tags"
"""The collection's note on the tags that were kept: their reliability, and when."""
BATCH = 1000
DIGITS = 4


def save(corpus: Corpus, found: TagScores) -> None:
    """Keep scores with the items; nothing is encoded again.

    They stay when the same items are added again. An item whose content has changed loses its scores, which were of
    its old content; so does one that is new have none: tag again then.

    Raises:
        InputError: A field of such a name came with the items, and holds something else.
    """
    columns = {tag: field_column(TAG + tag) for tag in found.tags}
    for tag, column in columns.items():
        kind = corpus.schema.field(column).type if column in corpus.schema.names else pa.float64()
        if kind != pa.float64():
            raise InputError(f"the field {TAG + tag!r} came with the items and holds {kind}. Next: rename it")
    row_of = {id: row for row, id in enumerate(found.ids)}
    rounded = found.scores.astype(float).round(DIGITS)
    for start in range(0, len(found), BATCH):
        wanted = list(found.ids[start : start + BATCH])
        tables = corpus.store.scan(corpus.schema.names, ids=wanted, parts=True)
        table = pa.concat_tables(tables)
        rows = [row_of[id] for id in table["id"].to_pylist()]
        for number, column in enumerate(columns.values()):
            table = _with(table, column, pa.array(rounded[rows, number], pa.float64()))
        corpus.store.put(table)
    corpus.store.write_meta({NOTE: {**corpus.store.read_meta().get(NOTE, {}), **_about(found)}})
    corpus.store.optimize()


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """A table with a column put in, in its place if it is there."""
    place = table.schema.get_field_index(name)
    return table.append_column(name, values) if place < 0 else table.set_column(place, name, values)


def _about(found: TagScores) -> dict[str, object]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        tag: {
            "auc": round(r.auc, DIGITS),
            "low": round(r.low, DIGITS),
            "high": round(r.high, DIGITS),
            "examples": r.examples,
            "items": len(found),
            "at": now,
        }
        for tag, r in found.reliability.items()
    }
