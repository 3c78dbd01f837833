"""What a person asks for, checked once before anything is loaded or encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal, TypeAlias, get_args

from firth.errors import InputError
from firth.similarity import Metric

__all__ = ["Example", "Mode", "Request"]

Mode: TypeAlias = Literal["hybrid", "vector", "text"]
Example: TypeAlias = Any
"""``"id:12"``, a text, a picture (``Path``, the path of a picture file as str, bytes, PIL image) or a vector."""


@dataclass(frozen=True, slots=True)
class Request:
    """A search, as it was asked.

    Attributes:
        text: Words to find by.
        image: A picture to find by: a file, bytes or a PIL image.
        positive: Examples of what is wanted.
        negative: Examples of what is not.
        k: How many hits.
        where: A filter, see `firth.stores.where`.
        mode: Both halves, vectors alone, or full text alone.
        vector: Which named vector; None for the one that suits the question.
        metric: How vectors are compared.
        min_percentile: Leave out hits that more than this share of unrelated queries' best hits would beat.
        sort: A field of numbers or dates by which the hits are put in order, the highest value first; which hits
            they are does not change. Without it the best hit is first.
    """

    text: str | None = None
    image: Any = None
    positive: Sequence[Example] = ()
    negative: Sequence[Example] = ()
    k: int = 10
    where: str | Mapping[str, Any] | None = None
    mode: Mode = "hybrid"
    vector: str | None = None
    metric: Metric = Metric.COSINE
    min_percentile: float | None = None
    sort: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.k, Integral) or self.k < 1:
            raise InputError(f"got k={self.k!r}; expected a whole number of hits, at least 1")
        if self.mode not in get_args(Mode):
            raise InputError(f"got mode={self.mode!r}; expected one of {', '.join(get_args(Mode))}")
        if isinstance(self.positive, str) or isinstance(self.negative, str):
            raise InputError("got examples as one str; expected a list. Next: positive=['id:12', 'dragons']")
        if self.min_percentile is not None and not 0 <= self.min_percentile <= 100:
            raise InputError(f"got min_percentile={self.min_percentile}; expected 0 to 100")
        if self.text is not None and not self.text.strip():
            raise InputError(
                "the query is empty. Next: give words, a picture (image=) or examples (positive=)"
            )
        if self.text is None and self.image is None and not self.positive:
            raise InputError(
                "nothing to search by. Next: give words, a picture (image=) or examples (positive=)"
            )
        if self.mode == "text" and (self.text is None or self.image is not None or self.examples):
            raise InputError("mode='text' matches words only. Next: give words alone, or mode='hybrid'")

    @property
    def examples(self) -> bool:
        """Whether it is asked by examples."""
        return bool(self.positive or self.negative)

    @property
    def words_alone(self) -> bool:
        """Whether full text can take part: words, and nothing beside them."""
        return self.text is not None and self.image is None and not self.examples
