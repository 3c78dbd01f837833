"""The layout itself: stochastic gradient descent on a fuzzy graph, many edges at a time.

UMAP moves two items per step (arXiv:1802.03426, algorithm 5); in numpy that would take an hour. Here an epoch is a
few steps that each move everything: along the edges that are due, and away from items drawn by chance. A block
of items shares its draw, so that repulsion is arithmetic on small dense matrices, with nothing to gather or to
scatter; its strength is that of some draws for each edge that is due, as in the paper. Items are kept in random
order meanwhile, so that those of a block are no neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.maps.curve import REACH, attraction, repulsion
from firth.maps.fuzzy import Edges
from firth.types import FloatArray

__all__ = ["Descent", "descend"]

BLOCK = 512
"""Items that share a draw."""


@dataclass(frozen=True, slots=True)
class Descent:
    """How a layout descends.

    Attributes:
        epochs: Passes over the graph; an edge of full weight is due in every one.
        rate: How far the first steps go; it falls to 0.
        steps: Of an epoch.
        draws: Items by which a block is repelled, in an epoch.
        negatives: The strength of the repulsion: draws for each edge that is due. The paper's code has 5; more
            keeps more of the neighbourhoods, and costs nothing here.
    """

    epochs: int = 300
    rate: float = 0.3
    steps: int = 4
    draws: int = 48
    negatives: int = 8


def descend(
    edges: Edges, initial: FloatArray, rng: np.random.Generator, how: Descent
) -> Iterator[FloatArray]:
    """Positions ``(n, dim)`` after each epoch.

    Args:
        edges: The fuzzy graph.
        initial: Where items begin, ``(n, dim)``, some ten units wide.
        rng: Where chance comes from.
        how: Its measures.
    """
    n = len(initial)
    order = rng.permutation(n)
    place = np.argsort(order)
    heads, tails, share = (
        place[edges.heads],
        place[edges.tails],
        edges.weights / edges.weights.max(initial=1e-9),
    )
    kept = share >= 1 / how.epochs  # the others would never be due
    heads, tails, share = heads[kept], tails[kept], share[kept]
    busy = (np.bincount(heads, share, n) + np.bincount(tails, share, n)).astype(np.float32)
    positions = np.ascontiguousarray(initial[order].T, np.float32)
    clock = rng.random(len(share), np.float32)
    for epoch in range(how.epochs):
        rate = np.float32(how.rate * (1 - epoch / how.epochs))
        clock += share
        due = np.flatnonzero(clock >= 1)
        clock[due] -= 1
        rng.shuffle(due)
        for part in np.array_split(due, how.steps):
            _pull(positions, heads[part], tails[part], rate)
            strength = rate * how.negatives * busy / np.float32(how.draws)
            _push(positions, rng, how.draws // how.steps, strength)
        yield positions.T[place]


def _pull(
    positions: FloatArray, heads: npt.NDArray[np.int64], tails: npt.NDArray[np.int64], rate: np.float32
) -> None:
    """Move the ends of edges towards each other; twice, since the paper's graph holds each edge in both directions."""
    n = positions.shape[1]
    apart = positions[:, heads] - positions[:, tails]
    moves = attraction(np.einsum("de,de->e", apart, apart)) * apart
    moves = 2 * rate * np.clip(moves, -REACH, REACH)
    for axis, move in zip(positions, moves, strict=True):
        axis += (np.bincount(heads, move, n) - np.bincount(tails, move, n)).astype(np.float32)


def _push(positions: FloatArray, rng: np.random.Generator, draws: int, strength: FloatArray) -> None:
    """Move every item away from some drawn by chance."""
    n = positions.shape[1]
    for start in range(0, n, BLOCK):
        block = slice(start, min(start + BLOCK, n))
        others = positions[:, rng.integers(0, n, draws)]
        apart = positions[:, block, None] - others[:, None, :]
        squares = apart[0] * apart[0]
        for axis in apart[1:]:
            squares += axis * axis
        apart *= repulsion(squares)
        np.clip(apart, -REACH, REACH, out=apart)
        positions[:, block] += apart.sum(2) * strength[block]
