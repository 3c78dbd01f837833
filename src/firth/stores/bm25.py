"""BM25, the textbook form, over items whose terms are joined by spaces.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
doi:10.1561/1500000019, with the idf that cannot become negative: ln(1 + (N - df + .5) / (df + .5)).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["K1", "B", "Statistics", "score"]

K1 = 1.2
B = 0.75


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 knows of all items.

    Attributes:
        items: How many items have terms (N).
        terms: How many terms they have together, repeats counted.
        frequencies: For each term of a query, in how many items it stands (df).
    """

    items: int
    terms: int
    frequencies: Mapping[str, int] = field(default_factory=dict)


def score(query: Sequence[str], document: Sequence[str], statistics: Statistics) -> float:
    """The score of one item; a term that stands twice in the query counts twice.

    >>> books = Statistics(items=2, terms=4, frequencies={"魔法": 1})
    >>> round(score(["魔法"], ["魔法", "學校"], books), 4)  # ln 2
    0.6931
    """
    counts = Counter(document)
    length = len(document) * statistics.items / statistics.terms
    total = 0.0
    for term in query:
        if count := counts[term]:
            frequency = statistics.frequencies[term]
            idf = math.log(1 + (statistics.items - frequency + 0.5) / (frequency + 0.5))
            total += idf * count * (K1 + 1) / (count + K1 * (1 - B + B * length))
    return total
