"""The full text half of a search, which a store can look for while it compares vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from firth.search.corpus import Corpus
from firth.stores.filters import Filter
from firth.text.characters import is_cjk

__all__ = ["aside", "best_terms", "coverage", "match"]

P = ParamSpec("P")
Found = TypeVar("Found")

AT_ONCE = 8
"""Threads in which stores are asked aside; what is more waits for one of them."""


def match(corpus: Corpus, terms: Sequence[str], k: int, where: Filter | None) -> dict[str, float]:
    """The ``k`` best items by full text with their BM25, best first."""
    found = corpus.store.match(terms, k, where=where)
    return dict(zip(found["id"].to_pylist(), found["score"].to_pylist(), strict=True))


def best_terms(corpus: Corpus, scores: Mapping[str, float]) -> dict[str, str]:
    """The terms of the best item by its id; of more than one where several share the best score."""
    highest = max(scores.values(), default=0.0)
    best = [id for id, score in scores.items() if score == highest]
    tables = corpus.store.scan(["id", "terms"], ids=best) if best else ()
    return {row["id"]: row["terms"] or "" for table in tables for row in table.to_pylist()}


def aside(work: Callable[P, Found], *args: P.args, **options: P.kwargs) -> Callable[[], Found]:
    """Start something that waits for the store in another thread; what comes back waits for its end.

    >>> aside(len, "蘋果")()
    2
    """
    return _pool().submit(work, *args, **options).result


def coverage(terms: Sequence[str], held: str) -> float:
    """The share of a query's terms that an item holds.

    Of a Chinese query the pairs count; its single characters stand scattered in any long text.

    >>> coverage(["quiet", "evening"], "a quiet place"), coverage(["魔法", "魔", "法"], "魔 法 師")
    (0.5, 0.0)
    """
    wanted = [term for term in terms if len(term) > 1 or not is_cjk(term)] or terms
    there = set(held.split(" "))
    return sum(term in there for term in wanted) / len(wanted)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="firth-words")
