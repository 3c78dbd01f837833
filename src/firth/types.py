"""The nouns of the house: small frozen dataclasses that every room shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import PIL.Image

__all__ = [
    "AddReport",
    "FloatArray",
    "Hit",
    "Item",
    "Pair",
    "Passage",
    "PictureSource",
    "Skipped",
]

FloatArray: TypeAlias = npt.NDArray[np.float32]
PictureSource: TypeAlias = "Path | bytes | PIL.Image.Image"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a user adds: a text, a picture, a row of a table, or vectors of their own.

    Attributes:
        id: The user's own id, a string, unique in a collection.
        text: What is read, shown and encoded: a document's text, a row's text columns, a picture's caption.
        image: The picture, not decoded yet: a file, the bytes of a file, or a PIL image.
        fields: The rest of a table's row, to filter and show by. Values are ``str``, ``int``, ``float``,
            ``bool``, ``datetime``, lists of ``str``, or ``None``.
        vectors: Vectors the user brings, by name, each ``(d,)``.
        words: Searchable words that are no part of the text: of the file's and its folders' names, of
            titles and keywords inside a picture file.
        path: Where the original lies, absolute, if it is a file.
        source: The file or folder that was handed to ``add`` and holds this item, absolute, so that items
            whose file vanished can be told.
    """

    id: str
    text: str | None = None
    image: PictureSource | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    vectors: Mapping[str, FloatArray] = field(default_factory=dict)
    words: str | None = None
    path: str | None = None
    source: str | None = None

    @property
    def kind(self) -> str:
        """``"image"`` where there is a picture, else ``"text"``, else ``"vector"``."""
        if self.image is not None:
            return "image"
        return "text" if self.text is not None else "vector"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be added.

    Attributes:
        source: What it was: a file, ``table.csv row 17``, an id.
        reason: Why, in one line: got, expected, next step.
    """

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of everything that was handed to ``add``: each item is in exactly one of the first four.

    Attributes:
        added: Ids that were new.
        updated: Ids whose content had changed.
        unchanged: Ids that were there with the same content and were not encoded again.
        skipped: What could not be added, and why.
        vanished: Ids that came from the same source before and were not in it this time; `add(..., prune=True)`
            removes them.
        pruned: Whether they were removed.
        notes: What was decided for the user, one line each: which columns are text, say.
    """

    added: Sequence[str] = ()
    updated: Sequence[str] = ()
    unchanged: Sequence[str] = ()
    skipped: tuple[Skipped, ...] = ()
    vanished: tuple[str, ...] = ()
    pruned: bool = False
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        counts = [f"{len(self.added):,} added"]
        counts += [
            f"{len(ids):,} {name}"
            for name, ids in (("updated", self.updated), ("unchanged", self.unchanged))
            if ids
        ]
        if self.vanished:
            counts.append(
                f"{len(self.vanished):,} {'removed' if self.pruned else 'vanished from the source'}"
            )
        counts += [f"{len(self.skipped):,} skipped"] if self.skipped else []
        return "\n".join([", ".join(counts), *self.notes, *(f"skipped {skip}" for skip in self.skipped)])


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an item's text: ``text[start:end]``, offsets in characters of the original."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found.

    Attributes:
        id: The item's id.
        score: What it was ranked by; higher is better. For one vector, the metric's value (a Euclidean
            distance with its sign turned; a picture's cosine among texts on the scale of theirs); for full text,
            BM25; for both together, see `firth.search.ranking`.
        kind: ``"text"``, ``"image"`` or ``"vector"``.
        text: The item's whole text.
        path: Where the original lies.
        fields: The item's fields.
        passage: The stretch of a long text that fits the query best.
        percentile: How many of 100 unrelated queries find nothing in this collection that scores as high;
            None where that is not known.
    """

    id: str
    score: float
    kind: str
    text: str | None = None
    path: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    passage: Passage | None = None
    percentile: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items that are nearly the same: their ids and the cosine of their vectors."""

    id: str
    other: str
    score: float
