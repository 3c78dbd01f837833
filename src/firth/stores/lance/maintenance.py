"""Folding small writes together and keeping indexes exact; the caller holds the writers' lock.

An index is built from nothing each time, never updated or moved: Lance holds the index of words in memory as a whole
for that, while building it takes some 70 MB for any number of rows (`engine.settle`), and is quicker besides. That it
happens each time the rows have grown by a quarter makes it some 4 % of a long import.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from firth.errors import StoreError
from firth.stores.lance.freed import give_back

__all__ = [
    "EXACT_BELOW",
    "WORDS",
    "compact",
    "create_indexes",
    "fold_notes",
    "index",
    "is_scattered",
    "needs_folding",
    "unindexed",
]

EXACT_BELOW = 50_000
"""Below so many vectors an exact scan is fast (20 ms) and no codes are asked."""

WORDS, IDS = "terms_idx", "id_idx"
_KEEP = timedelta(hours=1)  # old versions, for readers that are in the middle of a scan
_FRAGMENT = (
    1000  # rows, in which they may lie without harm: of a million, a search hardly sees the difference
)
_ATTEMPTS = 6


def create_indexes(table: Any) -> None:
    """The indexes that every store has from its first write, words and ids; a killed compaction leaves it without."""
    if _missing(table):
        index(table)


def index(table: Any) -> None:
    """Build the indexes of words and ids from nothing: 1 s for 100,000 items; .01 s for none."""
    from lancedb.index import FTS, BTree

    words = FTS(
        base_tokenizer="whitespace",
        with_position=False,
        lower_case=False,
        stem=False,
        remove_stop_words=False,
        ascii_folding=False,
        max_token_length=None,
    )
    table.create_index("terms", config=words)
    give_back()
    table.create_index("id", config=BTree())


def needs_folding(table: Any) -> bool:
    """Whether so many small or unindexed writes have piled up that queries become slow.

    Both limits grow with the store, so that a long import spends a constant share of its time here.
    """
    rows, fragments = _size(table)
    return fragments > 64 + rows // _FRAGMENT or unindexed(table) > max(1000, rows // 4)


def is_scattered(table: Any) -> bool:
    """Whether rows lie in many more fragments than their number asks for."""
    rows, fragments = _size(table)
    return fragments > 8 + rows // _FRAGMENT


def compact(table: Any) -> None:
    """Write rows together, and drop versions that are over an hour old; leaves the table without indexes."""
    for name in {WORDS, IDS} - _missing(table):
        table.drop_index(name)
    _optimize(table)


def unindexed(table: Any) -> int:
    """How many rows the index of words has not seen."""
    stats = table.index_stats(WORDS)
    return int(table.count_rows() if stats is None else stats.num_unindexed_rows)


def fold_notes(notes: Any) -> None:
    """Compact the notes once their small writes have piled up."""
    if notes.stats()["fragment_stats"]["num_fragments"] > 64:
        _optimize(notes)


def _missing(table: Any) -> set[str]:
    return {WORDS, IDS} - {index.name for index in table.list_indices()}


def _size(table: Any) -> tuple[int, int]:
    """How many rows there are, in how many fragments."""
    stats = table.stats()
    return stats["num_rows"], stats["fragment_stats"]["num_fragments"]


def _optimize(table: Any) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            table.optimize(cleanup_older_than=_KEEP)
            return
        except RuntimeError as error:
            if "conflict" not in str(error).lower():
                raise
            time.sleep(0.1 * 2**attempt)
    raise StoreError(f"other writers were in the way of {_ATTEMPTS} attempts to optimize. Next: try later")
