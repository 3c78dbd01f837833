"""Who took what, as it stands in a collection: users are items of kind ``user``, beside the items that they took.

``behaviour`` is a vector of items; what a user took is the field ``took``, and the user's own vector is called
``taste``, so that no search among items ever meets a user. An item's field ``taken`` says by how many users.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from firth.data.sparse import Sparse
from firth.errors import UnknownNameError
from firth.search.corpus import Corpus
from firth.search.ridge import Ridge
from firth.stores.base import field_column, vector_column
from firth.stores.filters import And, Compare, Filter
from firth.stores.where import parse_where

__all__ = [
    "BEHAVIOUR",
    "ITEMS",
    "LEARNED",
    "NOTE",
    "TAKEN",
    "TASTE",
    "TOOK",
    "USER",
    "WERE_TAKEN",
    "Histories",
    "histories",
    "user_id",
]

BEHAVIOUR = "behaviour"
"""The vector of an item from what users did."""
TASTE = "taste"
"""The vector of a user, in the same space."""
USER = "user"
"""The kind of a user."""
TOOK, TAKEN = "took", "taken"
"""The fields: which items a user took, oldest first where times are known; how many users took an item."""
LEARNED = (vector_column(BEHAVIOUR), field_column(TAKEN))
"""The columns of items that are learned from what users did."""
NOTE = "behaviour"
"""Under which the collection notes what was learned."""
PREFIX = "user:"

ITEMS = Compare("kind", "!=", USER)
"""Passes everything but users."""
WERE_TAKEN = And((ITEMS, Compare(field_column(TAKEN), ">", 0)))
"""Passes items that somebody took."""


def user_id(user: str) -> str:
    """The id of a user's own row: users and items may be called alike.

    >>> user_id("314"), user_id("user:314")
    ('user:314', 'user:314')
    """
    return user if user.startswith(PREFIX) else PREFIX + user


@dataclass(frozen=True, eq=False)
class Histories:
    """Who took what.

    Attributes:
        items: Ids of items that anyone took, in order.
        users: Ids of the users' rows.
        matrix: ``(users, items)`` of ones.
        settings: Of the model, as they were chosen: ``penalty``, ``popularity``, ``smoothing``.
    """

    items: list[str]
    users: list[str]
    matrix: Sparse
    settings: Mapping[str, float]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each item stands."""
        return {id: place for place, id in enumerate(self.items)}

    @cached_property
    def rows(self) -> dict[str, int]:
        """Where each user stands."""
        return {id: row for row, id in enumerate(self.users)}

    @cached_property
    def ridge(self) -> Ridge:
        """The model."""
        return Ridge(self.matrix, **self.settings)

    def took(self, user: str) -> list[int]:
        """The places of what a user took.

        Raises:
            UnknownNameError: There is no such user.
        """
        row = self.rows.get(user_id(user))
        if row is None:
            raise UnknownNameError(
                f"no user {user!r} among {len(self.users):,}. Next: name things that they like instead"
            )
        return [int(place) for place in self.matrix.taken(np.array([row])).columns]


def histories(corpus: Corpus) -> Histories:
    """Who took what in a collection; read once for each state of it.

    Raises:
        UnknownNameError: It has learned nothing of users yet.
    """
    kept = vars(corpus)  # as a cached_property of the corpus would; it lives until anyone writes
    if "histories" not in kept:
        kept["histories"] = _read(corpus)
    found: Histories = kept["histories"]
    return found


def _read(corpus: Corpus) -> Histories:
    note = corpus.store.read_meta().get(NOTE)
    if not note or TOOK not in corpus.fields or not corpus.store.count(Compare("kind", "=", USER)):
        raise UnknownNameError(
            "this collection knows nothing of what users did. "
            "Next: firth train interactions TABLE --user COLUMN --item COLUMN"
        )
    tables = list(corpus.store.scan(["id", "f_took"], where=Compare("kind", "=", USER)))
    table = pa.concat_tables(tables).combine_chunks().sort_by("id")
    lists = table["f_took"].combine_chunks()
    known = pa.array(sorted(_items(corpus)), pa.string())
    places = pc.index_in(pc.list_flatten(lists), value_set=known)
    rows = pc.list_parent_indices(lists).filter(places.is_valid()).to_numpy()
    columns = places.drop_null().to_numpy()
    shape = (len(table), len(known))
    matrix = Sparse.of(rows, columns, np.ones(len(rows), np.float32), shape=shape)
    return Histories(known.to_pylist(), table["id"].to_pylist(), matrix, note["settings"])


def _items(corpus: Corpus) -> set[str]:
    """Ids of items that anyone took."""
    if TAKEN not in corpus.fields:
        return set()
    return {id for table in corpus.store.scan(["id"], where=WERE_TAKEN) for id in table["id"].to_pylist()}


def items_only(corpus: Corpus, where: str | Mapping[str, Any] | None) -> Filter:
    """A filter that users do not pass, beside the one that was asked for."""
    return ITEMS if where is None else And((ITEMS, parse_where(where, corpus.fields)))
