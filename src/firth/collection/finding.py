"""Finding items: by words, by pictures, by examples, by one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.collection.base import Base, Where
from firth.errors import InputError
from firth.similarity import Metric
from firth.types import Pair

if TYPE_CHECKING:
    import PIL.Image

    from firth.search import Hits, Mode
    from firth.search.recommending import Recommendations

__all__ = ["Finding"]


class Finding(Base):
    """The part of a collection that searches."""

    def search(
        self,
        text: str | None = None,
        *,
        image: str | Path | bytes | PIL.Image.Image | None = None,
        positive: Sequence[Any] = (),
        negative: Sequence[Any] = (),
        k: int = 10,
        where: Where = None,
        mode: Mode = "hybrid",
        vector: str | None = None,
        metric: str = "cosine",
        min_percentile: float | None = None,
        sort: str | None = None,
    ) -> Hits:
        """Find items by words in any language, by a picture, or by examples.

        Args:
            text: Words.
            image: A picture.
            positive: Examples of what is wanted: ``"id:12"``, texts, paths of pictures, vectors.
            negative: Examples of what is not.
            k: How many hits.
            where: A filter, ``"year > 2000 and language = 'eng'"`` or a dict.
            mode: ``"hybrid"``, ``"vector"`` or ``"text"``.
            vector: Which named vector; by default the one that suits the question.
            metric: ``"cosine"``, ``"dot"`` or ``"euclidean"``.
            min_percentile: The least percentile of a hit; then there may be no good match.
            sort: A field of numbers or dates, such as ``"tag:奇幻"``, by which these hits are put in order.

        Raises:
            FilterError: The filter does not parse or names an unknown field.
            EncoderMismatchError: The encoder installed here is not the one that made the vectors.
        """
        from firth.search import Request, search

        asked = text, image, positive, negative, k, where, mode, vector, _metric(metric), min_percentile, sort
        return search(self._corpus(), Request(*asked))

    def similar(
        self,
        id: str,
        *,
        k: int = 10,
        vector: str | None = None,
        weights: Mapping[str, float] | None = None,
        where: Where = None,
    ) -> Hits:
        """The items nearest to one of the collection's own.

        Args:
            id: The item.
            k: How many.
            vector: By which named vector; by default the one that suits the item.
            weights: By several, ``{"meaning": 0.5, "behaviour": 0.5}``: see `firth.search.lenses.similar_by`.
            where: A filter.
        """
        from firth.search import similar
        from firth.search.lenses import similar_by

        if weights is None:
            return similar(self._corpus(), id, k=k, vector=vector, where=where)
        if vector is not None:
            raise InputError("got a vector and weights; expected one of the two")
        return similar_by(self._corpus(), id, weights, k=k, where=where)

    def recommend(
        self,
        user: str | None = None,
        *,
        positive: Sequence[str] = (),
        negative: Sequence[str] = (),
        k: int = 10,
        where: Where = None,
        seen: bool = False,
        diversity: float = 0.0,
        popularity: float | None = None,
        new: int | None = None,
    ) -> Recommendations:
        """What suits a user, or anyone who likes a few things, best, with reasons: see `firth.search.taste.Taste`.

        Raises:
            UnknownNameError: No such user or item, or nothing was learned yet; see `learn_interactions`.
        """
        from firth.search.recommending import recommend
        from firth.search.taste import Taste

        asked = user, positive, negative, k, where, seen, diversity, popularity, new
        return recommend(self._corpus(), Taste(*asked))

    def duplicates(
        self, *, threshold: float = 0.97, vector: str | None = None, where: Where = None
    ) -> list[Pair]:
        """Pairs of items that are nearly the same, best first."""
        from firth.search import duplicates

        return duplicates(self._corpus(), threshold=threshold, vector=vector, where=where)


def _metric(name: str) -> Metric:
    if name not in set(Metric):
        raise InputError(f"got metric {name!r}; expected one of {', '.join(Metric)}")
    return Metric(name)
