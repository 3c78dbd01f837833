"""What users did: rows of (user, item, [weight], [time]) under the user's own ids, counted once for each pair."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from firth.data.sparse import IntArray, Sparse
from firth.errors import InputError, UnknownNameError
from firth.types import FloatArray, Skipped

__all__ = ["Interactions"]

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who took what: one row for each pair of a user and an item, ``m`` in all.

    >>> found = Interactions.of(["amy", "amy", "阿明"], ["1", "2", "1"])
    >>> found
    Interactions(2 users, 2 items, 3 pairs)
    >>> found.taken_by("阿明")
    ['1']

    Attributes:
        users: The users' ids.
        items: The items' ids.
        user: ``(m,)`` places in ``users``.
        item: ``(m,)`` places in ``items``.
        weight: ``(m,)`` how much, above 0; 1 where the rows did not say.
        time: ``(m,)`` seconds since 1970, the last of a pair; None where the rows did not say.
        notes: What was decided: rows summed, items left out.
        skipped: Rows that could not be used, and why.
    """

    users: tuple[str, ...]
    items: tuple[str, ...]
    user: IntArray
    item: IntArray
    weight: FloatArray
    time: Times | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @staticmethod
    def of(
        users: Iterable[object],
        items: Iterable[object],
        *,
        weights: npt.ArrayLike | None = None,
        times: npt.ArrayLike | None = None,
    ) -> Interactions:
        """From columns at hand, a row each; the weights of a pair that comes twice are summed.

        Args:
            users: ``n`` ids.
            items: ``n`` ids.
            weights: ``(n,)``, finite and not negative; a row of weight 0 does not count.
            times: ``(n,)`` numbers that grow with time.

        Raises:
            InputError: Columns of different lengths, a missing id, or a weight or time that is no such number.
        """
        user_ids, user = _numbered(users, "user")
        item_ids, item = _numbered(items, "item")
        weight = np.ones(len(user), np.float32) if weights is None else np.asarray(weights, np.float32)
        time = None if times is None else np.asarray(times, np.float64)
        lengths = {"users": len(user), "items": len(item), "weights": len(weight)}
        if time is not None:
            lengths["times"] = len(time)
        if len(set(lengths.values())) > 1:
            raise InputError(f"got columns of different lengths: {lengths}; expected one of each a row")
        wrong = ~(np.isfinite(weight) & (weight >= 0))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(f"weight {weight[row]} in row {row + 1}; expected finite numbers, none negative")
        if time is not None and not np.isfinite(time).all():
            raise InputError(f"time {time[~np.isfinite(time)][0]}; expected finite numbers")
        return Interactions(user_ids, item_ids, user, item, weight, time).summed()

    def __len__(self) -> int:
        return len(self.user)

    def __repr__(self) -> str:
        return f"Interactions({len(self.users):,} users, {len(self.items):,} items, {len(self):,} pairs)"

    def summed(self) -> Interactions:
        """Each pair once: weights summed, the last time kept; pairs of weight 0 left out. Notes say how many."""
        keys = self.user.astype(np.int64) * max(len(self.items), 1) + self.item
        pairs, place = np.unique(keys, return_inverse=True)
        weight = np.bincount(place, self.weight, len(pairs)).astype(np.float32)
        time = None
        if self.time is not None:
            time = np.full(len(pairs), -np.inf)
            np.maximum.at(time, place, self.time)
        notes = list(self.notes)
        if len(keys) > len(pairs):
            notes.append(
                f"{len(keys) - len(pairs):,} rows repeat a user and item that came before; weights were summed"
            )
        if empty := int((weight == 0).sum()):
            notes.append(f"{empty:,} pairs have weight 0 and do not count")
        user, item = np.divmod(pairs, max(len(self.items), 1))
        whole = replace(
            self,
            user=user.astype(np.int32),
            item=item.astype(np.int32),
            weight=weight,
            time=time,
            notes=tuple(notes),
        )
        return whole.only(weight > 0)

    def only(self, kept: npt.NDArray[np.bool_], *, note: str = "") -> Interactions:
        """The pairs of a mask ``(m,)``, and the users and items that still have any."""
        user, item = self.user[kept], self.item[kept]
        users, of_users = np.unique(user, return_inverse=True)
        items, of_items = np.unique(item, return_inverse=True)
        return replace(
            self,
            users=tuple(self.users[place] for place in users),
            items=tuple(self.items[place] for place in items),
            user=of_users.astype(np.int32),
            item=of_items.astype(np.int32),
            weight=self.weight[kept],
            time=None if self.time is None else self.time[kept],
            notes=(*self.notes, note) if note else self.notes,
        )

    def among(self, known: Collection[str]) -> Interactions:
        """The pairs whose item is one of those known, as in a collection; notes say what was left out.

        Raises:
            InputError: No item is known, or users and items look transposed.
        """
        known = known if isinstance(known, set | frozenset | Mapping) else set(known)
        there = np.array([item in known for item in self.items], bool)
        users = sum(user in known for user in self.users) / max(len(self.users), 1)
        items = float(there.mean()) if len(there) else 0.0
        if users > 0.9 and items < 0.5:
            raise InputError(
                f"{users:.0%} of the users are items of the collection, but only {items:.0%} of the items are: "
                "the columns look transposed. Next: swap user and item"
            )
        if not there.any():
            raise InputError(
                f"none of {len(self.items):,} items is in the collection; got ids such as {_some(self.items)}, "
                f"the collection has {_some(sorted(known)[:3])}. Next: name the column of its ids as item"
            )
        if there.all():
            return self
        unknown = [item for item, is_there in zip(self.items, there, strict=True) if not is_there]
        kept = there[self.item]
        note = (
            f"{len(unknown):,} items are not in the collection ({_some(unknown)}); "
            f"their {int((~kept).sum()):,} pairs were left out"
        )
        return self.only(kept, note=note)

    @cached_property
    def matrix(self) -> Sparse:
        """Users by items, ``(users, items)``: 1 for each pair.

        Weights do not stand in it: of those that stars or clicks give, `read_interactions` keeps what is ``at_least``
        so much.
        """
        ones = np.ones(len(self), np.float32)
        return Sparse.of(self.user, self.item, ones, shape=(len(self.users), len(self.items)))

    def row(self, items: Iterable[str]) -> Sparse:
        """Someone who took these, as models ask for people: ``(1, items)``.

        >>> found = Interactions.of(["amy", "amy", "阿明"], ["1", "2", "1"])
        >>> found.row(["2"]).dense().tolist()
        [[0.0, 1.0]]

        Raises:
            UnknownNameError: Nobody took one of them.
        """
        places = {item: place for place, item in enumerate(self.items)}
        wanted = [*dict.fromkeys(items)]
        if unknown := [item for item in wanted if item not in places]:
            raise UnknownNameError(f"nobody took {_some(unknown)}. Next: leave them out")
        taken = [places[item] for item in wanted]
        return Sparse.of([0] * len(taken), taken, np.ones(len(taken)), shape=(1, len(self.items)))

    @cached_property
    def popularity(self) -> FloatArray:
        """How many users took each item, ``(items,)``."""
        return np.bincount(self.item, minlength=len(self.items)).astype(np.float32)

    def taken_by(self, user: str) -> list[str]:
        """The ids of the items that a user took."""
        matrix = self.matrix
        row = self._places.get(user)
        if row is None:
            return []
        return [self.items[i] for i in matrix.columns[matrix.starts[row] : matrix.starts[row + 1]]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {user: place for place, user in enumerate(self.users)}


def _numbered(ids: Iterable[object], what: str) -> tuple[tuple[str, ...], IntArray]:
    """Ids in order of their first row, and each row's place among them."""
    if isinstance(ids, str):
        raise InputError(f"got {what}s as one str; expected one id a row")
    places: dict[str, int] = {}
    rows: list[int] = []
    for id in ids.tolist() if isinstance(ids, np.ndarray) else ids:
        key = str(id) if id is not None and id == id else ""  # NaN is not itself
        if not key:
            raise InputError(f"row {len(rows) + 1} has no {what}; expected an id in every row")
        rows.append(places.setdefault(key, len(places)))
    return tuple(places), np.array(rows, np.int32)


def _some(ids: Sequence[str]) -> str:
    return ", ".join(map(repr, ids[:3])) + (", ..." if len(ids) > 3 else "")
