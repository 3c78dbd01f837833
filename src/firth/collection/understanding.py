"""Understanding items: what they are, by names, tags and axes; and what the numbers of their vectors know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from firth.collection.base import Base, Where

if TYPE_CHECKING:
    from firth.analysis.axes import Axis
    from firth.analysis.labels import Labelled
    from firth.analysis.senses import Senses
    from firth.analysis.tags import TagScores
    from firth.evaluation.probe import Probe
    from firth.maps import Map

__all__ = ["Understanding"]


class Understanding(Base):
    """The part of a collection that says what is in it."""

    def label(self, labels: Sequence[str], *, where: Where = None, balanced: bool = False) -> list[Labelled]:
        """Which of some labels suits each item best, with no example of any: `firth.analysis.labels.label`."""
        from firth.analysis.labels import label

        return label(self._corpus(), labels, where=where, balanced=balanced)

    def tags(
        self,
        names: Sequence[str] | Mapping[str, Sequence[str]],
        *,
        examples: Mapping[str, Sequence[str]] | None = None,
        counterexamples: Mapping[str, Sequence[str]] | None = None,
        tagged: str | Path | Iterable[tuple[str, str]] | None = None,
        where: Where = None,
        vectors: Sequence[str] | None = None,
        share: float | None = None,
        save: bool = False,
    ) -> TagScores:
        """For every item a score from 0 to 1 for each tag, and how far each tag is to be trusted.

        From the tags' words alone, or better with ids of ``examples``, or best with what readers have ``tagged``; with
        ``save`` they are kept as fields, ``where="tag:奇幻 > 0.8"``. All is said at `firth.analysis.tags.tags`.
        """
        from firth.analysis.tags import tags

        return tags(
            self._corpus(),
            names,
            examples=examples,
            counterexamples=counterexamples,
            tagged=tagged,
            where=where,
            vectors=vectors,
            share=share,
            save=save,
        )

    def axis(
        self,
        low: str | Sequence[str],
        high: str | Sequence[str],
        *,
        where: Where = None,
        vectors: Sequence[str] | None = None,
    ) -> Axis:
        """Items along the line from one pole to the other, words or ``"id:12"``: `firth.analysis.axes.axis`."""
        from firth.analysis.axes import axis

        return axis(self._corpus(), low, high, where=where, vectors=vectors)

    def probe(
        self,
        targets: Sequence[str],
        *,
        vector: str = "meaning",
        tagged: str | Path | Iterable[tuple[str, str]] | None = None,
        where: Where = None,
    ) -> list[Probe]:
        """What every single dimension of a vector knows of tags and fields: `firth.evaluation.probing.probe`."""
        from firth.evaluation.probing import probe

        return probe(self._corpus(), targets, vector=vector, tagged=tagged, where=where)

    def senses(self, word: str, *, k: int | None = None, limit: int = 300, where: Where = None) -> Senses:
        """The senses of a word in the collection's texts: `firth.analysis.senses.senses`."""
        from firth.analysis.senses import senses

        texts = (str(record["text"]) for record in self.items(where=where) if record["text"])
        return senses(texts, word, k=k, limit=limit)

    def map(self, vector: str = "meaning", *, method: str = "umap", dim: int = 2, again: bool = False) -> Map:
        """Where every item lies on the map of a vector, with named regions; drawn once and brought up to date.

        `firth.mapping.mapped` says how; ``firth.notebook.map_view`` and ``firth map`` show it.
        """
        from firth.mapping import Plan, mapped

        return mapped(self.store, self.location, Plan(vector, method, dim), again=again)[1].map
