"""Understanding items: what they are, by what names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from firth.collection.base import Base, Where

if TYPE_CHECKING:
    from firth.analysis.labels import Labelled

__all__ = ["Understanding"]


class Understanding(Base):
    """The part of a collection that says what is in it."""

    def label(self, labels: Sequence[str], *, where: Where = None, balanced: bool = False) -> list[Labelled]:
        """Which of some labels suits each item best, with no example of any: `firth.analysis.labels.label`."""
        from firth.analysis.labels import label

        return label(self._corpus(), labels, where=where, balanced=balanced)
