"""A collection as HTML, for a notebook: what it holds, and its first items."""

from __future__ import annotations

from html import escape
from itertools import islice

from firth.listing import overview, records
from firth.places import shown
from firth.search import Corpus, Hits
from firth.search.markup import html_table
from firth.types import Hit

__all__ = ["collection_html"]

FIRST = 8
WIDTH = 120


def collection_html(corpus: Corpus, location: str) -> str:
    """Figures, named vectors, and a table of the first items with their pictures."""
    told = overview(corpus)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in told["kinds"].items())
    vectors = ", ".join(f"{name} ({what['dim']}-d)" for name, what in told["vectors"].items())
    lines = [f"<b>{escape(shown(location))}</b>", f"{told['items']:,} items{': ' if kinds else ''}{kinds}"]
    lines += [f"vectors: {escape(vectors)}"] if vectors else []
    lines += [f"fields: {escape(', '.join(told['fields']))}"] if told["fields"] else []
    return "<div>" + "<br>".join(lines) + "</div>" + _table(corpus, told["items"])


def _table(corpus: Corpus, items: int) -> str:
    first = list(islice(records(corpus), FIRST))
    if not first:
        return ""
    small = _thumbs(corpus, [record["id"] for record in first])
    hits = [Hit(one["id"], 0.0, one["kind"], one["text"], one["path"], one["fields"]) for one in first]
    titles = [Hits((hit,)).excerpt(hit, WIDTH).text for hit in hits]
    rows = [
        (hit.id, hit.kind, small.get(hit.id, b""), title) for hit, title in zip(hits, titles, strict=True)
    ]
    more = f"<div>and {items - len(rows):,} more</div>" if items > len(rows) else ""
    return html_table(["id", "kind", "", "text"], rows) + more


def _thumbs(corpus: Corpus, ids: list[str]) -> dict[str, bytes]:
    tables = corpus.store.scan(["id", "thumb"], ids=ids)
    return {row["id"]: row["thumb"] for table in tables for row in table.to_pylist() if row["thumb"]}
