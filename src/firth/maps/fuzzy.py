"""From distances to neighbours to a weighted graph, as in UMAP (McInnes, Healy, Melville 2018, arXiv:1802.03426)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.maps.neighbours import Neighbours
from firth.types import FloatArray

__all__ = ["Edges", "fuzzy_graph", "memberships"]

HALVINGS = 40
LEAST_WIDTH = 1e-3
"""Of a neighbourhood, against the mean distance, so that duplicates do not make it nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """An undirected graph without loops, each edge once.

    Attributes:
        heads: ``(e,)`` int64.
        tails: ``(e,)`` int64, larger than its head.
        weights: ``(e,)`` float32 in 0..1: how surely the two belong together.
    """

    heads: npt.NDArray[np.int64]
    tails: npt.NDArray[np.int64]
    weights: FloatArray


def memberships(distances: FloatArray) -> FloatArray:
    """How surely each neighbour belongs to an item's own neighbourhood, ``(n, k)`` in 0..1.

    exp(-max(0, d - rho) / sigma), with rho the distance to the nearest neighbour that is not a duplicate, and sigma
    such that a row sums to log2(k) (the paper's section 3.1 and algorithm 3).

    Args:
        distances: ``(n, k)``, each row rising.

    >>> memberships(np.array([[0.1, 0.2, 0.3, 0.4]], np.float32)).round(2)
    array([[1.  , 0.54, 0.3 , 0.16]], dtype=float32)
    """
    rho = np.where(distances > 0, distances, np.inf).min(1, initial=np.inf)
    excess = np.maximum(distances - np.where(np.isfinite(rho), rho, 0)[:, None], 0)
    low, high = np.zeros(len(distances)), np.full(len(distances), np.inf)
    sigma, goal = np.ones(len(distances)), np.log2(max(distances.shape[1], 1))
    for _ in range(HALVINGS):
        too_wide = np.exp(-excess / sigma[:, None]).sum(1) > goal
        high, low = np.where(too_wide, sigma, high), np.where(too_wide, low, sigma)
        sigma = np.where(np.isinf(high), 2 * sigma, (low + high) / 2)
    sigma = np.maximum(sigma, LEAST_WIDTH * max(float(distances.mean()) if distances.size else 0.0, 1e-12))
    return np.exp(-excess / sigma[:, None]).astype(np.float32)


def fuzzy_graph(neighbours: Neighbours) -> Edges:
    """The fuzzy union of all neighbourhoods: a + b - ab for the two directions of an edge (section 3.1)."""
    n, k = neighbours.indices.shape
    weights = memberships(neighbours.distances).ravel()
    rows, columns = np.repeat(np.arange(n), k), neighbours.indices.ravel().astype(np.int64)
    keys = np.minimum(rows, columns) * n + np.maximum(rows, columns)
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    edges, first = np.unique(keys, return_index=True)
    mutual = np.diff(np.append(first, len(keys))) == 2
    there = weights[first]
    back = np.zeros_like(there)
    back[mutual] = weights[first[mutual] + 1]
    return Edges(edges // max(n, 1), edges % max(n, 1), there + back - there * back)
