"""Scores by vectors of items alone: what lies near what was taken."""

from __future__ import annotations

import numpy as np

from firth.data.sparse import Sparse
from firth.types import FloatArray

__all__ = ["near_taken", "widened"]

PEOPLE = 128


def near_taken(rows: Sparse, vectors: FloatArray, *, power: float) -> FloatArray:
    """``(people, items)``: the sum over what was taken of each cosine, where it is positive, to the power.

    Args:
        rows: Who took what.
        vectors: ``(items, d)``, of unit length.
        power: How much the nearest one decides.
    """
    found = np.empty(rows.shape, np.float32)
    for first in range(0, rows.shape[0], PEOPLE):
        some = rows.taken(np.arange(first, min(first + PEOPLE, rows.shape[0])))
        taken, columns = np.unique(some.columns, return_inverse=True)
        near = np.maximum(vectors[taken] @ vectors.T, 0) ** np.float32(power)
        shape = (some.shape[0], len(taken))
        found[first : first + PEOPLE] = (
            Sparse(some.starts, columns.astype(np.int32), some.values, shape) @ near
        )
    return found


def widened(vectors: FloatArray, dim: int) -> FloatArray:
    """As wide as asked, with zeros where there are fewer directions than that."""
    return np.asarray(np.pad(vectors, ((0, 0), (0, dim - vectors.shape[1]))))
