"""Keeping some of what is known aside, to judge by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.data.interactions import Interactions
from firth.data.sparse import Sparse
from firth.errors import InputError

__all__ = ["Split", "leave_one_out"]

FEWEST = 3
"""A user with fewer items than this has too little left when one is held out."""


@dataclass(frozen=True, eq=False)
class Split:
    """One item of each of some users, held out.

    Attributes:
        train: Everything else, ``(users, items)``, in the places of the whole.
        users: ``(u,)`` the users judged, as rows of ``train``.
        targets: ``(u,)`` the item held out of each.
        by_time: Whether it is the last one each took; else a random one.
    """

    train: Sparse
    users: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int32]
    by_time: bool


def leave_one_out(interactions: Interactions, *, users: int = 2000, seed: int = 0) -> Split:
    """Hold out the last item of some users where times are known, else one at random.

    Args:
        interactions: Each pair once.
        users: How many users are judged, drawn among those with three items or more.
        seed: Where chance comes from.

    Raises:
        InputError: No user has three items.
    """
    matrix, rng = interactions.matrix, np.random.default_rng(seed)
    able = np.flatnonzero(matrix.counts >= FEWEST)
    if not len(able):
        raise InputError(
            f"no user took {FEWEST} items or more, so nothing can be held out to judge by; "
            f"got {len(interactions):,} pairs of {len(interactions.users):,} users"
        )
    chosen = np.sort(rng.choice(able, min(users, len(able)), replace=False))
    if interactions.time is None:
        places = matrix.starts[chosen] + rng.integers(0, matrix.counts[chosen])
    else:
        when = interactions.time  # in the order of the matrix: by user, then by item
        spans = ((matrix.starts[user], matrix.starts[user + 1]) for user in chosen)
        places = np.array([first + np.argmax(when[first:last]) for first, last in spans])
    kept = np.ones(len(matrix.values), bool)
    kept[places] = False
    train = Sparse.of(matrix.rows[kept], matrix.columns[kept], matrix.values[kept], shape=matrix.shape)
    return Split(train, chosen, matrix.columns[places], interactions.time is not None)
