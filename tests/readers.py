"""Made readers: four kinds of books, and readers who keep to one of them, nearly. The right answer is known."""

from __future__ import annotations

import numpy as np

from firth.types import Item

KINDS = ("奇幻", "crime", "詩", "history")
BOOKS = 20
"""Of each kind; the ids are numbers, and those of kind i are i * BOOKS to i * BOOKS + 19."""


def rows(*, readers: int = 160, seed: int = 0) -> list[dict[str, object]]:
    """What readers took: eight books of their kind and one of another; ``day`` grows."""
    rng = np.random.default_rng(seed)
    found = []
    for reader in range(readers):
        kind = reader % len(KINDS)
        own = kind * BOOKS + rng.choice(BOOKS, 8, replace=False)
        other = rng.integers(0, BOOKS * len(KINDS))
        for day, book in enumerate(dict.fromkeys([int(other), *map(int, own)])):
            found.append({"reader": f"r{reader}", "book": book, "stars": int(rng.integers(3, 6)), "day": day})
    return found


def kind_of(book: str) -> str:
    return KINDS[int(book) // BOOKS]


def books(*, more: int = 0, seed: int = 1) -> list[Item]:
    """The books, with a ``meaning`` that says their kind; ``more`` of each kind that nobody read come after them."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(BOOKS * len(KINDS) + more * len(KINDS)):
        kind = number // BOOKS if number < BOOKS * len(KINDS) else (number - BOOKS * len(KINDS)) // more
        meaning = rng.normal(0, 0.1, 16).astype(np.float32)
        meaning[kind] += 1
        fields = {"kind_of_book": KINDS[kind], "year": 1900 + number}
        found.append(
            Item(
                str(number), text=f"{KINDS[kind]} book {number}", fields=fields, vectors={"meaning": meaning}
            )
        )
    return found
