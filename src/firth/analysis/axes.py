"""A concept axis: items along the line from one pole to the other (semantic projection).

The axis leads from the mean vector of the words of one pole to that of the other, and an item's place is how far it
lies along it (Grand, Blank, Pereira and Fedorenko 2022, doi:10.1038/s41562-022-01316-8). Where a collection has other
vectors, of behaviour say, they are taught by the items nearest to either pole, as in `firth.analysis.tags.learning`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from firth.analysis.tags.bases import Marks, standard
from firth.analysis.tags.learning import learn
from firth.analysis.tags.material import Material, material
from firth.analysis.tags.ranks import Doubles
from firth.analysis.tags.wording import pole_scores
from firth.encoders.spaces import MEANING
from firth.errors import InputError, UnknownNameError
from firth.search.corpus import Corpus
from firth.text import pad
from firth.types import FloatArray

__all__ = ["Axis", "axis"]

EXAMPLE = "id:"
"""What a pole begins with that is an item of the collection, as in a search by examples."""
SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Items along an axis, from the low pole to the high one.

    Attributes:
        low: What the low pole was described by.
        high: What the high pole was described by.
        ids: The ``n`` items, from low to high.
        places: ``(n,)``, in standard deviations from the mean of all: below 0 towards the low pole.
        agreement: The correlation between places by one phrasing of the poles and by another; None without words. High
            agreement is no proof: phrasings can be wrong together.
        skipped: Ids of items without any vector that could be used.
    """

    low: tuple[str, ...]
    high: tuple[str, ...]
    ids: tuple[str, ...]
    places: FloatArray
    agreement: float | None
    skipped: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, id: str) -> float:
        """One item's place.

        Raises:
            UnknownNameError: There is no such item among them.
        """
        if id not in self.ids:
            raise UnknownNameError(f"no item {id!r} among the {len(self):,} on this axis")
        return float(self.places[self.ids.index(id)])

    def ends(self, k: int = SHOWN) -> tuple[list[str], list[str]]:
        """The ``k`` items nearest to the low pole and to the high one, each the nearest first."""
        return list(self.ids[:k]), list(self.ids[::-1][:k])

    def to_list(self) -> list[dict[str, Any]]:
        """A dict for each item, ``id`` and ``place``, from low to high."""
        return [{"id": id, "place": place} for id, place in zip(self.ids, self.places.tolist(), strict=True)]

    def __str__(self) -> str:
        low, high = self.ends()
        lines = [f"{', '.join(self.low)}  <  {', '.join(self.high)}"]
        lines += [f"{self.of(id):+.2f}  {pad(id, 40).rstrip()}" for id in dict.fromkeys([*low, *high[::-1]])]
        return "\n".join(lines)


def axis(
    corpus: Corpus,
    low: str | Sequence[str],
    high: str | Sequence[str],
    *,
    where: str | Mapping[str, Any] | None = None,
    vectors: Sequence[str] | None = None,
) -> Axis:
    """Put items along the axis between two poles.

    Args:
        corpus: The collection.
        low: The one pole: a word or several, in any language, or items, ``"id:12"``.
        high: The other pole.
        where: Only items that pass.
        vectors: Which named vectors count; by default all.

    Raises:
        InputError: A pole is empty, both are the same, or words are given where there is no meaning to compare with.
        UnknownNameError: There is no such item or vector.
    """
    poles = [_checked(low), _checked(high)]
    if poles[0] == poles[1]:
        raise InputError(f"got {', '.join(poles[0])} as both poles; expected two that differ")
    items = material(corpus, where=where, vectors=vectors)
    words = [[part for part in pole if not part.startswith(EXAMPLE)] for pole in poles]
    places, agreement = _by_words(corpus, items, words)
    marks = _marks(items, poles)
    use = [view.name for view in items.views if vectors is None or view.name in vectors]
    scores = learn(items, np.stack([-places, places], axis=1), marks, use=use).scores
    found = standard(scores[:, 1:] - scores[:, :1]).ravel()
    there, ids = ~np.isnan(found), np.array(items.ids, object)
    order = np.argsort(found[there], kind="stable")
    return Axis(
        low=poles[0],
        high=poles[1],
        ids=tuple(ids[there][order].tolist()),
        places=found[there][order].astype(np.float32),
        agreement=agreement,
        skipped=(*items.skipped, *ids[~there].tolist()),
    )


def _checked(pole: str | Sequence[str]) -> tuple[str, ...]:
    """What a pole is described by, without space around it.

    >>> _checked("童話"), _checked(["fairy tale ", "id:12"])
    (('童話',), ('fairy tale', 'id:12'))
    """
    parts = tuple(part.strip() for part in ([pole] if isinstance(pole, str) else pole))
    if not parts or not all(parts):
        raise InputError(f"got the pole {pole!r}; expected a word, several, or items like 'id:12'")
    return parts


def _by_words(
    corpus: Corpus, items: Material, words: Sequence[Sequence[str]]
) -> tuple[Doubles, float | None]:
    """Places by the words alone, ``(n,)``, and how phrasings agree; NaN and None where a pole has no words."""
    if not all(words):
        if any(words):
            raise InputError("got a pole of words and one of items; expected two of words or two of items")
        return np.full(len(items.ids), np.nan), None
    space = corpus.spaces.get(MEANING)
    if items.meaning is None or space is None or not space.takes("text"):
        raise InputError(
            "these items have no meaning that words can be compared with. Next: give items as poles, 'id:12'"
        )
    return pole_scores(items, space, words[0], words[1])


def _marks(items: Material, poles: Sequence[Sequence[str]]) -> Marks:
    """Items that are a pole carry it, and do not carry the other one."""
    row_of = {id: row for row, id in enumerate(items.ids)}
    positive = np.zeros((len(items.ids), 2), bool)
    for column, pole in enumerate(poles):
        for part in pole:
            id = part.removeprefix(EXAMPLE)
            if part.startswith(EXAMPLE):
                if id not in row_of:
                    raise UnknownNameError(
                        f"the pole {part!r} is no item that can be placed here. Next: firth ls shows ids"
                    )
                positive[row_of[id], column] = True
    return Marks(positive, positive[:, ::-1].copy())
