"""`learn_interactions`: what users did, learned into a collection. Done again with the same rows it changes nothing.

Items get the vector ``behaviour`` and the field ``taken``; users become items of kind ``user`` with the vector
``taste`` and the field ``took``. The note that says what was learned is written last: stopped before that, the same
call does what is left.
"""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from firth.data.interaction_tables import read_interactions
from firth.data.interactions import Interactions
from firth.errors import InputError
from firth.search.corpus import Corpus
from firth.search.histories import BEHAVIOUR, ITEMS, NOTE, TAKEN, TASTE, TOOK, USER, user_id
from firth.stores import Store
from firth.stores.base import field_column, vector_column
from firth.stores.filters import And, Compare, Filter, IsNull, Not
from firth.training.behaviour import DIM, Behaviour, InteractionsReport, interactions, learned
from firth.training.listening import Listener
from firth.types import FloatArray

__all__ = ["interactions", "learn_interactions"]

VERSION = 1
ITEMS_AT_ONCE, USERS_AT_ONCE = 1024, 8192
_TAKEN: Filter = And((ITEMS, Not(IsNull(field_column(TAKEN)))))


def learn_interactions(
    corpus: Corpus,
    source: Any,
    *,
    user: str | None = None,
    item: str | None = None,
    weight: str | None = None,
    time: str | None = None,
    at_least: float | None = None,
    dim: int = DIM,
    seed: int = 0,
    again: bool = False,
    listener: Listener | None = None,
) -> InteractionsReport:
    """Learn from a table of who took what, which replaces what was learned before.

    Args:
        corpus: The collection; its items are those that can be taken.
        source: A table, see `firth.data.interaction_tables.read_interactions`, which also explains the columns.
        user: The column of users.
        item: The column of items, under the collection's ids.
        weight: The column that says how much.
        time: The column that says when.
        at_least: Only rows with this weight or more.
        dim: How wide ``behaviour`` is.
        seed: Where chance comes from.
        again: Learn even if the same was learned before.
        listener: Told how far it is.

    Raises:
        SchemaError: There is no such column.
        InputError: No item is in the collection, the columns look transposed, or the collection has a field ``took``
            or ``taken`` of its own.
    """
    start, store, listener = clock.monotonic(), corpus.store, listener or Listener()
    before = store.read_meta().get(NOTE)
    _check_names(corpus, before)
    found = read_interactions(source, user=user, item=item, weight=weight, time=time, at_least=at_least)
    found = found.among(_item_ids(store))
    mark = _fingerprint(found, dim, seed)
    if before and before["fingerprint"] == mark and not again and _is_whole(store, found):
        return _unchanged(before, found, clock.monotonic() - start)
    behaviour = learned(found, dim=dim, seed=seed, listener=listener)
    removed = _write(store, behaviour, listener)
    waiting = store.count(ITEMS) - len(found.items)
    report = replace(
        behaviour.report, waiting=waiting, removed=removed, seconds=round(clock.monotonic() - start, 1)
    )
    ridge = behaviour.ridge
    settings = {"penalty": ridge.penalty, "popularity": ridge.popularity, "smoothing": ridge.smoothing}
    store.write_meta({NOTE: {"fingerprint": mark, "settings": settings, "report": _kept(report)}})
    store.optimize()
    return report


def _check_names(corpus: Corpus, before: object) -> None:
    for name in (TOOK, TAKEN):
        if name in corpus.fields and before is None and not _is_ours(corpus.store, name):
            raise InputError(
                f"the collection has a field {name!r} of its own, which learning writes. Next: rename it in your table"
            )


def _is_ours(store: Store, name: str) -> bool:
    """Whether a field was written by a learning that was stopped before its note: then there are users."""
    users = store.count(Compare("kind", "=", USER))
    others = store.count(And((ITEMS, Not(IsNull(field_column(name))))))
    return users > 0 or others == 0


def _item_ids(store: Store) -> set[str]:
    return {id for table in store.scan(["id"], where=ITEMS) for id in table["id"].to_pylist()}


def _fingerprint(found: Interactions, dim: int, seed: int) -> str:
    digest = sha256(repr((VERSION, dim, seed, found.users, found.items)).encode())
    for part in (found.user, found.item, found.time):
        digest.update(b"" if part is None else np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:32]


def _is_whole(store: Store, found: Interactions) -> bool:
    """Whether every item and user still has what was learned; an item that was added anew has lost it."""
    users = store.count(Compare("kind", "=", USER))
    return users == len(found.users) and store.count(_TAKEN) == len(found.items)


def _kept(report: InteractionsReport) -> dict[str, Any]:
    """What the collection's notes keep of a report."""
    return {**report.to_json(), "skipped": []}


def _unchanged(before: dict[str, Any], found: Interactions, seconds: float) -> InteractionsReport:
    kept = before["report"]
    return InteractionsReport(
        users=len(found.users),
        items=len(found.items),
        pairs=len(found),
        by_time=kept["by_time"],
        chosen=kept["chosen"],
        dim=kept["dim"],
        agreement=kept["agreement"],
        waiting=kept["waiting"],
        unchanged=True,
        seconds=round(seconds, 1),
        skipped=found.skipped,
        notes=(*found.notes, "the same was learned before: nothing was written"),
    )


def _write(store: Store, behaviour: Behaviour, listener: Listener) -> int:
    """Write vectors and fields of items and users; returns how many users went."""
    for name in (BEHAVIOUR, TASTE):
        column = vector_column(name)
        if (
            column in store.schema().names
            and store.schema().field(column).type.list_size != behaviour.report.dim
        ):
            store.drop_vector(name)
    found = behaviour.interactions
    listener.begin("writing", len(found.items) + len(found.users))
    place = {id: number for number, id in enumerate(found.items)}
    lost = []
    if field_column(TAKEN) in store.schema().names:
        taken = {id for table in store.scan(["id"], where=_TAKEN) for id in table["id"].to_pylist()}
        lost = sorted(taken - place.keys())
    for some in _batches([*found.items, *lost], ITEMS_AT_ONCE):
        rows = pa.concat_tables(store.scan(store.schema().names, ids=some, parts=True))
        store.put(_with_behaviour(rows, place, behaviour))
        listener.advance(len(some))
    return _write_users(store, behaviour, listener)


def _with_behaviour(rows: pa.Table, place: dict[str, int], behaviour: Behaviour) -> pa.Table:
    """Rows of items with their vector, on part 0, and on all parts how many users took them."""
    places = np.array([place.get(id, -1) for id in rows["id"].to_pylist()])
    whole = (places >= 0) & (rows["part"].to_numpy() == 0)
    popularity = behaviour.interactions.popularity
    taken = pa.array(popularity[places].astype(np.int64), mask=places < 0)
    rows = _set(rows, field_column(TAKEN), taken)
    return _set(rows, vector_column(BEHAVIOUR), _vectors(behaviour.item_vectors[places], whole))


def _write_users(store: Store, behaviour: Behaviour, listener: Listener) -> int:
    found = behaviour.interactions
    ids, took = [user_id(user) for user in found.users], _took(found)
    tables = store.scan(["id", "hash"], where=Compare("kind", "=", USER))
    known = {row["id"]: row["hash"] for table in tables for row in table.to_pylist()}
    gone = sorted(known.keys() - set(ids))
    for some in _batches(gone, USERS_AT_ONCE):
        store.delete(some)
    hashes = [
        sha256("\n".join(items).encode() + vector.tobytes()).hexdigest()[:32]
        for items, vector in zip(took, behaviour.user_vectors, strict=True)
    ]
    changed = [row for row, id in enumerate(ids) if known.get(id) != hashes[row]]
    for rows in _batches(changed, USERS_AT_ONCE):
        columns = {
            "id": pa.array([ids[row] for row in rows]),
            "part": pa.array(np.zeros(len(rows), np.int32)),
            "kind": pa.array([USER] * len(rows)),
            "hash": pa.array([hashes[row] for row in rows]),
            field_column(TOOK): pa.array([took[row] for row in rows], pa.list_(pa.string())),
            vector_column(TASTE): _vectors(behaviour.user_vectors[rows], np.ones(len(rows), bool)),
        }
        store.put(pa.table(columns))
        listener.advance(len(rows))
    return len(gone)


def _took(found: Interactions) -> list[list[str]]:
    """What each user took, oldest first where times are known."""
    order = np.lexsort((found.item, found.time if found.time is not None else found.item, found.user))
    items = np.array(found.items, object)[found.item[order]]
    ends = np.cumsum(np.bincount(found.user, minlength=len(found.users)))
    return [part.tolist() for part in np.split(items, ends[:-1])]


def _set(rows: pa.Table, name: str, column: pa.Array) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.append_column(name, column) if place < 0 else rows.set_column(place, name, column)


def _vectors(vectors: FloatArray, there: npt.NDArray[np.bool_]) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(vectors, np.float32).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1], mask=pa.array(~there))


def _batches(values: Sequence[Any], size: int) -> Iterator[list[Any]]:
    return (list(values[first : first + size]) for first in range(0, len(values), size))
