"""Hits of ids and scores, with everything a person wants to see."""

from __future__ import annotations

from collections.abc import Mapping

from firth.search.corpus import Corpus
from firth.stores.base import field_name
from firth.types import Hit

__all__ = ["hits_of"]


def hits_of(corpus: Corpus, scores: Mapping[str, float]) -> tuple[tuple[Hit, ...], dict[str, bytes]]:
    """Hits in the order of the scores given, and small pictures by id; what is no longer there is left out."""
    names = [column.name for column in corpus.schema if column.name.startswith("f_")]
    tables = corpus.store.scan(["id", "kind", "text", "path", "thumb", *names], ids=list(scores))
    rows = {row["id"]: row for table in tables for row in table.to_pylist()}
    hits = tuple(
        Hit(
            id,
            score,
            rows[id]["kind"],
            text=rows[id]["text"],
            path=rows[id]["path"],
            fields={field_name(name): rows[id][name] for name in names if rows[id][name] is not None},
        )
        for id, score in scores.items()
        if id in rows
    )
    return hits, {id: row["thumb"] for id, row in rows.items() if row["thumb"]}
