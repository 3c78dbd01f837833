"""The ways to lay items out, by name; one seam for our own and for those of other packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

from firth.errors import InputError, UnknownNameError
from firth.maps.forces import Descent, descend
from firth.maps.frames import Frame, Steps
from firth.maps.fuzzy import fuzzy_graph
from firth.maps.neighbours import Neighbours
from firth.maps.pca import principal_components
from firth.similarity import Metric
from firth.types import FloatArray

__all__ = ["LAYOUTS", "PCA", "UMAP", "Layout", "Task", "layout"]

WIDTH = 10.0
"""From the middle to the farthest item, where a layout begins."""
JITTER = 1e-3
"""Parts items that begin at one place."""
FRAMES = 40
"""At most so many frames show a layout settling."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What is to be laid out.

    Attributes:
        vectors: ``(n, d)``, of unit length for the cosine.
        metric: ``COSINE`` or ``EUCLIDEAN``.
        neighbours: Their graph; none for a layout that needs none.
        dim: 2 or 3.
        seed: Where chance begins.
        initial: Where items begin, ``(n, dim)``; none to begin with the principal components.
    """

    vectors: FloatArray
    metric: Metric
    neighbours: Neighbours | None
    dim: int
    seed: int
    initial: FloatArray | None = None

    def graph(self) -> Neighbours:
        """The graph, of which a layout said that it needs it.

        Raises:
            InputError: There is none.
        """
        if self.neighbours is None:
            raise InputError(
                "got no neighbours; this layout needs them. Next: nearest_neighbours(vectors, 15)"
            )
        return self.neighbours

    def beginning(self) -> FloatArray:
        """Where items begin: the initial positions, or principal components some ten units wide."""
        if self.initial is not None:
            return self.initial.astype(np.float32)
        positions = principal_components(self.vectors, self.dim)
        positions *= WIDTH / max(float(np.abs(positions).max(initial=0)), 1e-12)
        rng = np.random.default_rng(self.seed)
        return positions + rng.normal(0, JITTER, positions.shape).astype(np.float32)


class Layout(Protocol):
    """A way to lay items out.

    Attributes:
        needs_neighbours: Whether it works on the graph of nearest neighbours.
    """

    needs_neighbours: bool

    def steps(self, task: Task) -> Steps[FloatArray]:
        """Lay out: yields frames, returns positions ``(n, dim)``."""
        ...


class PCA:
    """The principal components."""

    needs_neighbours = False

    def steps(self, task: Task) -> Steps[FloatArray]:
        """See `Layout`."""
        positions = principal_components(task.vectors, task.dim)
        yield Frame("layout", 1.0, positions)
        return positions


class UMAP:
    """A layout after UMAP (arXiv:1802.03426) in numpy.

    Args:
        descent: Its measures; by default 300 epochs, 200 from 50,000 items on.
    """

    needs_neighbours = True

    def __init__(self, descent: Descent | None = None) -> None:
        self.descent = descent

    def steps(self, task: Task) -> Steps[FloatArray]:
        """See `Layout`."""
        positions = task.beginning()
        yield Frame("layout", 0.0, positions)
        how = self.descent or Descent(epochs=300 if len(positions) < 50_000 else 200)
        edges = fuzzy_graph(task.graph())
        every = max(1, how.epochs // FRAMES)
        rng = np.random.default_rng(task.seed)
        for epoch, moved in enumerate(descend(edges, positions, rng, how), 1):
            positions = moved
            if epoch % every == 0 or epoch == how.epochs:
                yield Frame("layout", epoch / how.epochs, positions)
        return positions


LAYOUTS: Mapping[str, str] = {
    "pca": "firth.maps.layouts:PCA",
    "umap": "firth.maps.layouts:UMAP",
    "umap-learn": "firth.maps.peers:UmapLearn",
    "tsne": "firth.maps.peers:OpenTSNE",
}
"""Names of layouts and where they are; the last two need the extra ``maps``."""


def layout(name: str) -> Layout:
    """A layout by its name.

    Raises:
        UnknownNameError: There is none of that name.
    """
    if name not in LAYOUTS:
        raise UnknownNameError(f"got method {name!r}; expected one of {', '.join(LAYOUTS)}")
    module, _, kind = LAYOUTS[name].partition(":")
    made: Layout = getattr(import_module(module), kind)()
    return made
