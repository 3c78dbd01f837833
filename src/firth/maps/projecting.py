"""From vectors to a map: neighbours, layout, placing, aligning, measuring, regions; one after the other, in steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.maps.aligning import procrustes, shared_rows
from firth.maps.faithful import FEWEST, measure
from firth.maps.frames import Frame, Steps
from firth.maps.layouts import JITTER, WIDTH, Task, layout
from firth.maps.map import Faithfulness, Map
from firth.maps.nearest import Points
from firth.maps.neighbours import graph_of
from firth.maps.placing import settle
from firth.maps.regions import LEVELS, find_regions
from firth.similarity import Metric
from firth.types import FloatArray

__all__ = ["SETTLING", "Settings", "project", "projecting"]

Rows = npt.NDArray[np.int64]

WHOLE = ("pca",)
"""Layouts that lay out any number of items in a moment."""

SETTLING = ("umap", "umap-learn")
"""Methods on whose maps a placed item may take steps of UMAP's layout."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a map is made.

    Attributes:
        method: ``"umap"`` (ours), ``"pca"``, or with the extra ``maps`` ``"umap-learn"`` and ``"tsne"``.
        dim: 2 or 3 dimensions.
        k: Neighbours of the graph, and of the measure of faithfulness.
        metric: ``COSINE`` or ``EUCLIDEAN``.
        seed: Where chance begins: the same seed, the same map.
        laid_out: At most so many items are laid out; the rest is placed among them.
        levels: How many regions each level may have.
    """

    method: str = "umap"
    dim: int = 2
    k: int = 15
    metric: Metric = Metric.COSINE
    seed: int = 0
    laid_out: int = 100_000
    levels: Sequence[int] = LEVELS


def project(
    ids: Sequence[str],
    vectors: npt.ArrayLike,
    *,
    texts: Sequence[str | None] | None = None,
    last: Map | None = None,
    settings: Settings | None = None,
    on_frame: Callable[[Frame], None] | None = None,
) -> Map:
    """Lay items out on a map.

    Args:
        ids: The items, n of them.
        vectors: ``(n, d)``.
        texts: A text or caption for each, from which regions get their names.
        last: An earlier map to align with: items that are on it begin where they were.
        settings: How; by default our UMAP in two dimensions.
        on_frame: Told how far it is; what it raises ends the work.

    Raises:
        InputError: As many ids or texts as vectors were expected, or a setting is out of range.
        DimensionError: The vectors are no matrix, or hold NaN or infinity.
        UnknownNameError: There is no such method.
        MissingExtraError: The method needs a package that is not installed.

    >>> drawn = project(["紅蘋果", "青蘋果", "king"], [[1, 0.1], [1, 0], [0, 1]], settings=Settings("pca"))
    >>> drawn.positions.shape, drawn.positions[0].round(1).tolist() != drawn.positions[2].round(1).tolist()
    ((3, 2), True)
    """
    for frame in projecting(ids, vectors, texts=texts, last=last, settings=settings):
        if on_frame:
            on_frame(frame)
    assert frame.map is not None  # noqa: S101 - the last frame always holds it
    return frame.map


def projecting(
    ids: Sequence[str],
    vectors: npt.ArrayLike,
    *,
    texts: Sequence[str | None] | None = None,
    last: Map | None = None,
    settings: Settings | None = None,
) -> Iterator[Frame]:
    """`project` in frames; the last one holds the map. Who stops asking stops the work."""
    how = settings or Settings()
    points = _checked(ids, vectors, texts, how)
    old = last if last is not None and last.positions.shape[1] == how.dim else None
    rows = _drawn(len(points), how)
    initial = yield from _initial(ids, points, rows, old, how)
    task = yield from _task(points.take(rows), initial, how)
    positions = yield from layout(how.method).steps(task)
    positions = yield from _with_rest(points, rows, positions, how)
    positions, aligned = _aligned(ids, positions, old, how)
    recall = task.neighbours.recall if task.neighbours else 1.0
    yield Frame("regions", 0.0, positions)
    regions, region_of = find_regions(positions, texts, levels=how.levels, seed=how.seed)
    faithful = yield from _measured(points, positions, how.k)
    drawn = Map(
        tuple(ids), positions, how.method, how.seed, how.metric.value, faithful, recall, len(rows), aligned
    )
    yield Frame("done", 1.0, positions, map=replace(drawn, regions=regions, region_of=region_of))


def _checked(
    ids: Sequence[str], vectors: npt.ArrayLike, texts: Sequence[str | None] | None, how: Settings
) -> Points:
    if how.dim not in (2, 3):
        raise InputError(f"got dim={how.dim}; a map has 2 or 3 dimensions")
    if how.k < 2 or how.laid_out < 2:
        raise InputError(f"got k={how.k}, laid_out={how.laid_out}; expected 2 or more of each")
    layout(how.method)
    points = Points.of(vectors, how.metric)
    if len(ids) != len(points) or (texts is not None and len(texts) != len(points)):
        told = f"{len(ids)} ids" if texts is None else f"{len(ids)} ids, {len(texts)} texts"
        raise InputError(f"got {told} and {len(points)} vectors; expected one of each for each item")
    return points


def _drawn(n: int, how: Settings) -> Rows:
    """The items that are laid out, in their order."""
    if n <= how.laid_out or how.method in WHOLE:
        return np.arange(n)
    return np.sort(np.random.default_rng(how.seed).choice(n, how.laid_out, replace=False))


def _initial(
    ids: Sequence[str], points: Points, rows: Rows, last: Map | None, how: Settings
) -> Steps[FloatArray | None]:
    """Where items begin: where they were, and new ones among their neighbours of the last map."""
    found = shared_rows([ids[row] for row in rows], last.ids) if last else np.full(len(rows), -1)
    known = found >= 0
    if last is None or np.count_nonzero(known) <= how.dim:
        return None
    were = last.positions[found[known]]
    if last.method != how.method:
        were = were * (WIDTH / max(float(np.abs(were).max()), 1e-12))
    initial = np.empty((len(rows), how.dim), np.float32)
    initial[known] = were
    initial[~known] = yield from settle(
        points, rows[~known], rows[known], were, k=how.k, seed=how.seed, settling=False
    )
    return initial + np.random.default_rng(how.seed).normal(0, JITTER, initial.shape).astype(np.float32)


def _task(points: Points, initial: FloatArray | None, how: Settings) -> Steps[Task]:
    neighbours = None
    if layout(how.method).needs_neighbours:
        neighbours = yield from graph_of(points, how.k, seed=how.seed)
    return Task(points.vectors, how.metric, neighbours, how.dim, how.seed, initial)


def _with_rest(points: Points, rows: Rows, laid: FloatArray, how: Settings) -> Steps[FloatArray]:
    """Positions of all items: of those laid out, and of the others, placed among them."""
    if len(rows) == len(points):
        return laid
    rest = np.setdiff1d(np.arange(len(points)), rows)
    positions = np.empty((len(points), how.dim), np.float32)
    positions[rows] = laid
    positions[rest] = yield from settle(
        points, rest, rows, laid, k=how.k, seed=how.seed, settling=how.method in SETTLING
    )
    return positions


def _aligned(
    ids: Sequence[str], positions: FloatArray, last: Map | None, how: Settings
) -> tuple[FloatArray, int]:
    """Positions laid on the last map, and by how many items."""
    found = shared_rows(ids, last.ids) if last else np.empty(0, np.int64)
    known = np.flatnonzero(found >= 0)
    if last is None or len(known) <= how.dim:
        return positions, 0
    alignment = procrustes(positions[known], last.positions[found[known]], scaling=last.method == how.method)
    return alignment.apply(positions), len(known)


def _measured(points: Points, positions: FloatArray, k: int) -> Steps[Faithfulness | None]:
    if len(points) < FEWEST:
        return None
    return (yield from measure(points, positions, k))
