"""What tagging gives back: scores, and for each tag how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from firth.errors import UnknownNameError
from firth.text import display_width, pad
from firth.types import FloatArray

__all__ = ["Reliability", "TagScores"]

CERTAIN = 0.5
"""The AUC of chance: a tag whose interval begins above it says something."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well a tag's scores part items that carry it from the others.

    Attributes:
        auc: How often an item that carries the tag scores higher than one that does not; 0.5 is chance.
        low: Where the AUC lies in nine cases of ten: from here
        high: to here.
        examples: Items known to carry the tag, each scored by what the others tell; 0 where the AUC is predicted
            from how the tag's words behave in this collection.
    """

    auc: float
    low: float
    high: float
    examples: int = 0

    @property
    def known(self) -> bool:
        """Whether the scores are better than chance; if not, nobody can tell from this collection."""
        return self.low > CERTAIN

    def __str__(self) -> str:
        how = f"from {self.examples:,} examples" if self.examples else "predicted"
        said = "" if self.known else "cannot tell: "
        return f"{said}AUC {self.auc:.2f} ({self.low:.2f} to {self.high:.2f}), {how}"


@dataclass(frozen=True, slots=True, eq=False)
class TagScores:
    """Items with a score from 0 to 1 for every tag.

    A score is the probability that the item carries the tag, if as many items do as `shares` says: an unreliable
    tag has no high scores.

    Attributes:
        ids: The ``n`` items that could be scored.
        tags: The ``t`` tags.
        scores: ``(n, t)``.
        reliability: By tag.
        shares: Which share of the items is taken to carry the tag, by tag.
        skipped: Ids of items without any vector that could be used.
        notes: What was decided and passed over, one line each: by what items are scored, how many are taken to carry
            a tag, tagged ids that are no items.
    """

    ids: tuple[str, ...]
    tags: tuple[str, ...]
    scores: FloatArray
    reliability: Mapping[str, Reliability]
    shares: Mapping[str, float]
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, id: str) -> dict[str, float]:
        """One item's scores by tag.

        Raises:
            UnknownNameError: There is no such item among them.
        """
        if id not in self.ids:
            raise UnknownNameError(f"no item {id!r} among the {len(self):,} that were scored")
        return dict(zip(self.tags, self.scores[self.ids.index(id)].tolist(), strict=True))

    def top(self, tag: str, k: int = 10) -> list[tuple[str, float]]:
        """The ``k`` items that a tag suits best, with their scores.

        Raises:
            UnknownNameError: There is no such tag.
        """
        if tag not in self.tags:
            raise UnknownNameError(f"no tag {tag!r}; there are {', '.join(self.tags)}")
        column = self.scores[:, self.tags.index(tag)]
        best = np.argsort(-column, kind="stable")[:k]
        return [(self.ids[row], float(column[row])) for row in best]

    def sorted_by(self, tag: str | None = None) -> list[str]:
        """All ids, those first that suit a tag best; without a tag, by the sum over the tags."""
        if tag is not None:
            return [id for id, _ in self.top(tag, len(self))]
        return [self.ids[row] for row in np.argsort(-self.scores.sum(1), kind="stable")]

    def to_list(self) -> list[dict[str, Any]]:
        """A dict for each item: ``id`` and ``scores`` by tag."""
        rows = zip(self.ids, self.scores.tolist(), strict=True)
        return [{"id": id, "scores": dict(zip(self.tags, row, strict=True))} for id, row in rows]

    def to_arrow(self) -> Any:
        """A `pyarrow.Table` with a column ``id`` and one for each tag."""
        import pyarrow as pa

        columns: dict[str, Any] = {"id": pa.array(self.ids, pa.string())}
        return pa.table({**columns, **{tag: self.scores[:, i] for i, tag in enumerate(self.tags)}})

    def to_pandas(self) -> Any:
        """The same as a `pandas.DataFrame` (needs pandas)."""
        return self.to_arrow().to_pandas()

    def __str__(self) -> str:
        shown = self._table(self.sorted_by()[:SHOWN])
        return "\n".join([*self._reliabilities(), "", *shown, *(["", *self.notes] if self.notes else [])])

    def _reliabilities(self) -> Sequence[str]:
        width = max(display_width(tag) for tag in self.tags)
        return [f"{pad(tag, width)}  {self.reliability[tag]}" for tag in self.tags]

    def _table(self, ids: Sequence[str]) -> Sequence[str]:
        rows = [[id, *(f"{score:.2f}" for score in self.of(id).values())] for id in ids]
        lines = [["id", *self.tags], *rows]
        return ["  ".join(pad(cell, 12) for cell in line).rstrip() for line in lines]
