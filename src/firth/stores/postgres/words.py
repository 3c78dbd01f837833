"""BM25 over the column ``terms``, computed by PostgreSQL from a table of its own, exact in every write's moment.

PostgreSQL's own text search would take "c++", "3.14" and emoji apart again, keeps no lexeme above 2 KB, and ranks
by no statistics. Here every distinct term of a row is a 64-bit hash in an array with a GIN index, and its count
stands at the same place in a second array. How often a term occurs in all is kept up to date by every write, so
that a search starts with its rarest terms, and leaves the common ones unread where they cannot matter any more
(Turtle and Flood, "Query evaluation: strategies and optimizations" (1995), doi:10.1016/0306-4573(95)00020-H).
Two of a million terms share a hash with a probability of 3e-8.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from firth.stores.bm25 import K1, B
from firth.stores.filters import Filter
from firth.stores.hits import no_hits, ranked
from firth.stores.postgres.layout import View
from firth.stores.postgres.sql import Statement, to_sql

__all__ = ["counted", "hashed", "match"]

_PILOT = 2000  # rows that the first look may read; most searches end with it
_ROUNDING = 1e-9
_MANY = 500  # terms; looking into arrays is quicker up to here, and beyond thousands too deep for PostgreSQL


@functools.lru_cache(maxsize=200_000)
def hashed(term: str) -> int:
    """A term as a whole number of 64 bits, the same everywhere and for ever.

    >>> hashed("魔法"), hashed("c++")
    (1696397502672249690, -2756428418900102742)
    """
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big", signed=True)


def counted(terms: str | None) -> tuple[int | None, tuple[list[int], list[int]]]:
    """How many terms a text has, and the hash and the count of every distinct one; no number for no text."""
    if not terms:
        return None, ([], [])
    words = terms.split()
    counts = Counter(map(hashed, words))
    return len(words), (list(counts), list(counts.values()))


def match(view: View, terms: Sequence[str], k: int, *, where: Filter | None) -> pa.Table:
    """See `firth.stores.base.Store.match`."""
    weights = _weights(view, Counter(map(hashed, " ".join(terms).split())))
    if not weights or k <= 0:
        return no_hits()
    rows_read = list(itertools.accumulate(weight.frequency for weight in weights))
    few = max(1, sum(read <= _PILOT for read in rows_read))
    found = _search(view, weights, few, k=k, where=where)
    needed = _needed(weights, found[-1][2] if len(found) == k else 0.0)
    if needed > few:
        found = _search(view, weights, needed, k=k, where=where)
    ids, parts, scores = zip(*found, strict=True) if found else ((), (), ())
    rows = pa.table({"id": pa.array(ids, pa.string()), "part": pa.array(parts, pa.int32())})
    return ranked(rows, scores, k)


@dataclass(frozen=True, slots=True)
class _Weight:
    """A term of the query: its hash, what it adds to a score at most, in how many rows it stands."""

    word: int
    most: float
    frequency: int


def _weights(view: View, query: Counter[int]) -> list[_Weight]:
    """The query's terms that stand anywhere, the weightiest first."""
    sql = f"select word, n from {view.tables.frequencies} where word = any($1::bigint[]) and n > 0"
    documents, weights = view.layout.documents, []
    for word, n in view.connection.execute(sql, [list(query)]).fetchall() if query else ():
        idf = math.log(1 + (documents - n + 0.5) / (n + 0.5))
        weights.append(_Weight(word, query[word] * idf * (K1 + 1), n))
    return sorted(weights, key=lambda weight: (-weight.most, weight.word))


def _needed(weights: Sequence[_Weight], least: float) -> int:
    """How many of the first terms a row must have one of, to score as much as ``least``."""
    rest = 0.0
    for n in range(len(weights), 0, -1):
        rest += weights[n - 1].most
        if rest * (1 + _ROUNDING) >= least:
            return n
    return 1


def _search(
    view: View, weights: Sequence[_Weight], first: int, *, k: int, where: Filter | None
) -> list[tuple[str, int, float]]:
    """The best rows among those that have one of the first terms, scored by all terms."""
    statement, tables, layout = Statement(), view.tables, view.layout
    short, long = K1 * (1 - B), K1 * B * layout.documents / max(1, layout.terms)
    norm = f"({statement.add(short)}::float8 + {statement.add(long)}::float8 * w.n)"
    words = [weight.word for weight in weights]
    word, most = statement.add(words), statement.add([weight.most for weight in weights])
    score = _score(f"{word}::bigint[]", f"{most}::float8[]", norm, len(weights))
    any_of_them = f"w.words && {statement.add(words[:first])}::bigint[]"
    join = passing = ""
    if where is not None:
        join = f"join {tables.items} i on i.id = w.id and i.part = w.part"
        passing = f"and {to_sql(where, layout, statement)}"
    sql = f"""select w.id, w.part, {score} as score from {tables.words} w {join}
        where {any_of_them} {passing} order by score desc, w.id, w.part limit {statement.add(k)}"""
    found: list[tuple[str, int, float]] = view.connection.execute(sql, statement.values).fetchall()
    return found


def _score(word: str, most: str, norm: str, n: int) -> str:
    """BM25 in SQL: the sum of most * count / (count + norm), each count looked for once."""
    if n > _MANY:
        return f"""(select sum(q.most / (1 + {norm} / d.count)) from unnest(w.words, w.counts) as d (word, count)
            join unnest({word}, {most}) as q (word, most) on q.word = d.word)"""
    return " + ".join(
        f"coalesce(({most})[{i}] / (1 + {norm} / w.counts[array_position(w.words, ({word})[{i}])]), 0)"
        for i in range(1, n + 1)
    )
