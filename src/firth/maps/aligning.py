"""Two maps of the same items, laid one on the other: turned, mirrored, scaled and moved, never bent.

Orthogonal Procrustes analysis (Schoenemann 1966, doi:10.1007/BF02289451; with scale and shift, Gower 1975).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import DimensionError
from firth.types import FloatArray

__all__ = ["Alignment", "procrustes", "shared_rows"]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A map's way onto another.

    Attributes:
        rotation: ``(dim, dim)``, orthogonal; with a mirroring where its determinant is -1.
        scale: By what distances grow.
        before: The middle of the positions, ``(dim,)``.
        after: The middle of those they are laid on, ``(dim,)``.
        residual: What the best scale leaves between the two, as a share of the second's spread: 0 one and the
            same shape, 1 nothing in common.
    """

    rotation: FloatArray
    scale: float
    before: FloatArray
    after: FloatArray
    residual: float

    def apply(self, positions: FloatArray) -> FloatArray:
        """Positions ``(n, dim)``, laid on the other map."""
        moved = (positions - self.before) @ self.rotation * self.scale + self.after
        return np.asarray(moved, np.float32)


def procrustes(positions: npt.ArrayLike, target: npt.ArrayLike, *, scaling: bool = True) -> Alignment:
    """The rotation, mirroring, scale and shift that bring positions nearest to others, in the least squares.

    Args:
        positions: ``(m, dim)``.
        target: ``(m, dim)``, row by row the same items.
        scaling: Whether distances may grow or shrink; if not, the scale is 1.

    Raises:
        DimensionError: The shapes differ, or there are no rows.

    >>> turned = procrustes([[0, 0], [1, 0], [0, 2]], [[5, 5], [5, 7], [1, 5]])
    >>> round(turned.scale, 6), turned.residual < 1e-6, turned.apply(np.array([[1, 2]])).round(3).tolist()
    (2.0, True, [[1.0, 7.0]])
    """
    ours, theirs = np.asarray(positions, np.float64), np.asarray(target, np.float64)
    if ours.shape != theirs.shape or ours.ndim != 2 or not len(ours):
        raise DimensionError(
            f"got positions {ours.shape} and {theirs.shape}; expected the same (m, dim), m > 0"
        )
    before, after = ours.mean(0), theirs.mean(0)
    ours, theirs = ours - before, theirs - after
    left, strengths, right = np.linalg.svd(ours.T @ theirs)
    spread, target_spread = float((ours**2).sum()), float((theirs**2).sum())
    scale = float(strengths.sum() / spread) if scaling and spread and strengths.sum() else 1.0
    explained = strengths.sum() ** 2 / (spread * target_spread) if spread and target_spread else 0.0
    rotation = (left @ right).astype(np.float32)
    middle = before.astype(np.float32), after.astype(np.float32)
    return Alignment(rotation, scale, *middle, residual=float(max(0.0, 1 - explained)))


def shared_rows(ids: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.int64]:
    """For each id its row among the others, -1 where it is none of them.

    >>> shared_rows(["a", "b"], ["b", "c"]).tolist()
    [-1, 0]
    """
    row = {id: i for i, id in enumerate(others)}
    return np.array([row.get(id, -1) for id in ids], np.int64)
