"""Layouts of other packages, behind the same seam: umap-learn and openTSNE, of the extra ``maps``.

Neither can be watched or stopped on its way, and umap-learn compiles for half a minute when it first runs.
"""

from __future__ import annotations

import numpy as np

from firth.errors import require
from firth.maps.frames import Frame, Steps
from firth.maps.layouts import Task
from firth.types import FloatArray

__all__ = ["OpenTSNE", "UmapLearn"]


class UmapLearn:
    """UMAP by its authors (McInnes, Healy, Melville 2018), on our graph."""

    needs_neighbours = True

    def steps(self, task: Task) -> Steps[FloatArray]:
        """See `Layout`."""
        umap = require("umap", extra="maps", purpose="for the layout 'umap-learn'")
        yield Frame("layout", 0.0, task.beginning())
        graph = task.graph()
        itself = np.arange(len(task.vectors))[:, None]  # umap-learn counts an item among its own neighbours
        indices = np.hstack([itself, graph.indices])
        distances = np.hstack([np.zeros_like(itself, np.float32), graph.distances])
        model = umap.UMAP(
            n_neighbors=graph.k + 1,
            n_components=task.dim,
            metric=task.metric.value,
            init=task.beginning(),
            random_state=task.seed,
            n_jobs=1,  # what a seed asks for; said here, it is not warned of
            precomputed_knn=(indices, distances, None),
        )
        positions = np.asarray(model.fit_transform(task.vectors), np.float32)
        yield Frame("layout", 1.0, positions)
        return positions


class OpenTSNE:
    """t-SNE (van der Maaten, Hinton 2008) by openTSNE, which finds its own neighbours."""

    needs_neighbours = False

    def steps(self, task: Task) -> Steps[FloatArray]:
        """See `Layout`."""
        opentsne = require("openTSNE", extra="maps", purpose="for the layout 'tsne'")
        initial = task.beginning()
        yield Frame("layout", 0.0, initial)
        model = opentsne.TSNE(
            n_components=task.dim,
            perplexity=min(30, max(1, (len(task.vectors) - 1) // 3)),
            metric=task.metric.value,
            initialization=opentsne.initialization.rescale(initial),
            random_state=task.seed,
            negative_gradient_method="bh" if task.dim == 3 or len(task.vectors) < 10_000 else "fft",
        )
        positions = np.asarray(model.fit(task.vectors), np.float32)
        yield Frame("layout", 1.0, positions)
        return positions
