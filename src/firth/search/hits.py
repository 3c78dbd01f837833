"""What was found: a sequence of hits that prints as a table and goes on as pandas or Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, overload

from firth.search.markup import html_table
from firth.text import Snippet, clip, pad, snippet
from firth.types import Hit

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["NAMES", "Hits"]

NAMES = ("name", "title", "caption", "label", "名", "標題", "标题")
"""How fields that name an item begin."""
WIDTH = 100
"""How wide a printed table is, in columns of a terminal."""
EXCERPT = 160
"""How wide the text of a hit is in a notebook."""


@dataclass(frozen=True)
class Hits(Sequence[Hit]):
    """Hits, best first.

    Attributes:
        hits: The hits.
        query: The words they were found by, for snippets; ``""`` if it was something else.
        note: What a person should know beside them: "no good match", for one.
        thumbs: Small pictures by id, WebP, for showing.
    """

    hits: tuple[Hit, ...]
    query: str = ""
    note: str = ""
    thumbs: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Hits: ...
    def __getitem__(self, index: int | slice) -> Hit | Hits:
        if isinstance(index, slice):
            return Hits(self.hits[index], self.query, self.note, self.thumbs)
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    @property
    def ids(self) -> list[str]:
        """The ids, best first."""
        return [hit.id for hit in self.hits]

    def to_list(self) -> list[dict[str, Any]]:
        """Plain dicts, ready for JSON."""
        return [asdict(hit) for hit in self.hits]

    def to_arrow(self) -> pa.Table:
        """A table: one column each for id, score, percentile, kind, text, path, passage and every field."""
        import pyarrow as pa

        names = ("id", "score", "percentile", "kind", "text", "path")
        columns = {name: [getattr(hit, name) for hit in self.hits] for name in names}
        columns["passage"] = [hit.passage.text if hit.passage else None for hit in self.hits]
        for name in dict.fromkeys(name for hit in self.hits for name in hit.fields):
            column = f"field:{name}" if name in columns else name
            columns[column] = [hit.fields.get(name) for hit in self.hits]
        return pa.table(columns)

    def to_pandas(self) -> pd.DataFrame:
        """The same as a DataFrame (needs pandas)."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def excerpt(self, hit: Hit, width: int) -> Snippet:
        """What of a hit fits a line: the words around the match, else a field that names it."""
        if not hit.text:
            return Snippet(clip(" ".join(_name(hit).split()), width), (), 0, 0)
        start, end = (hit.passage.start, hit.passage.end) if hit.passage else (0, None)
        return snippet(hit.text, self.query, width=width, start=start, end=end)

    def __str__(self) -> str:
        if not self.hits:
            return self.note or "no hits"
        widest = max(12, min(28, max(len(hit.id) for hit in self.hits) + 1))
        lines = [self._line(hit, widest) for hit in self.hits]
        return "\n".join([*lines, *([self.note] if self.note else [])])

    def _line(self, hit: Hit, width: int) -> str:
        share = "" if hit.percentile is None else f"{hit.percentile:5.1f}%"
        excerpt = self.excerpt(hit, WIDTH - width - 18).text
        return f"{hit.score:7.3f} {share:>6}  {pad(clip(hit.id, width), width)} {excerpt}"

    def _repr_html_(self) -> str:
        note = f"<div>{escape(self.note)}</div>" if self.note else ""
        if not self.hits:
            return note or "<div>no hits</div>"
        rows = [
            (
                f"{hit.score:.3f}",
                "" if hit.percentile is None else f"{hit.percentile:.1f}",
                hit.id,
                self.thumbs.get(hit.id, b""),
                self.excerpt(hit, EXCERPT),
            )
            for hit in self.hits
        ]
        return html_table(["score", "%", "id", "", "text"], rows) + note


def _name(hit: Hit) -> str:
    """What an item without a text is called: a field of names or titles, else the first that is text or a list of it.

    A user has but the list of what they took.
    """
    texts = {name: value for name, value in hit.fields.items() if isinstance(value, str)}
    named = [value for name, value in texts.items() if name.lower().startswith(NAMES)]
    lists = [", ".join(map(str, value)) for value in hit.fields.values() if isinstance(value, list)]
    return next(iter([*named, *texts.values(), *lists]), "")
