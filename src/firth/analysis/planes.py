"""The plane between two groups, in the full space, and whether to believe it.

In some hundred dimensions nearly any two small groups can be parted, so parting them tells nothing. What counts is
whether the plane also parts items it was not drawn by, and whether it does so better than planes between groups that
were thrown together by chance. Both are measured here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from firth.errors import DimensionError, InputError
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["METHODS", "Control", "Line", "Method", "Plane", "plane_between", "seen_on_map"]

Method: TypeAlias = Literal["ridge", "logistic"]
METHODS = get_args(Method)
Labels: TypeAlias = npt.NDArray[np.float64]
Doubles: TypeAlias = npt.NDArray[np.float64]

FEWEST = 2
ENOUGH = 5
"""Members of the smaller group from which on chance can be told from a difference."""
FOLDS = 5
USED = 500  # at most so many members of a group draw the plane, chosen by chance
RUNS = 40
"""How often labels are shuffled."""
PENALTY = 1.0
STEPS = 30  # of the logistic regression; more change nothing that matters with this penalty


@dataclass(frozen=True, slots=True)
class Control:
    """What the same procedure reaches where labels were shuffled.

    Attributes:
        mean: Mean accuracy.
        spread: Its standard deviation.
        runs: How many times.
        p: How likely shuffled labels reach as much as the true ones: (1 + those that did) / (1 + runs)
            (Ojala and Garriga 2010, jmlr.org/papers/v11/ojala10a.html).
    """

    mean: float
    spread: float
    runs: int
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A plane between two groups of items; vectors are taken at unit length.

    Attributes:
        normal: ``(d,)``, of length 1; it points to the first group's side.
        offset: So that ``vector @ normal + offset`` is the signed distance.
        method: ``"ridge"`` or ``"logistic"``.
        counts: How many members of either group drew it.
        accuracy: The mean of the two groups' shares on their right side, of members that were held out.
        spread: The standard deviation of it over the folds.
        folds: How many folds.
        train_accuracy: The same of the very members that drew it, which flatters.
        control: The same with shuffled labels.
        rows: The members that drew it, as rows of what was given: the first group's, then the second's.
        held_out: ``(len(rows),)``: the signed distance of each to the plane that was drawn without it.
    """

    normal: FloatArray
    offset: float
    method: Method
    counts: tuple[int, int]
    accuracy: float
    spread: float
    folds: int
    train_accuracy: float
    control: Control
    rows: npt.NDArray[np.int64]
    held_out: FloatArray

    def distances(self, vectors: npt.ArrayLike) -> FloatArray:
        """The signed distance of vectors ``(n, d)``: above 0 on the first group's side."""
        return np.asarray(normalize(np.asarray(vectors, np.float32)) @ self.normal + self.offset, np.float32)

    @property
    def verdict(self) -> str:
        """``"separable"``, ``"no better than chance"`` or ``"too few"`` to tell."""
        if min(self.counts) < ENOUGH:
            return "too few"
        return "separable" if self.control.p < 0.05 and self.accuracy > 0.5 else "no better than chance"


@dataclass(frozen=True, slots=True)
class Line:
    """A plane as it shows on a map: where ``position @ normal + offset`` is 0.

    Attributes:
        normal: ``(2,)`` or ``(3,)``, of length 1.
        offset: See above.
        accuracy: The mean of the two groups' shares on their right side of the line.
        exact: Whether it is where the plane truly cuts the map; else the best line on the map, another thing.
    """

    normal: tuple[float, ...]
    offset: float
    accuracy: float
    exact: bool


def plane_between(
    first: npt.ArrayLike, second: npt.ArrayLike, *, method: Method = "ridge", seed: int = 0
) -> Plane:
    """The plane between two groups, with its held-out accuracy and the control of shuffled labels.

    Ridge regression on labels, or logistic regression, each with an L2 penalty; the plane lies between the means
    of the two groups, however many members they have.

    Args:
        first: ``(a, d)``: the members of the side above 0.
        second: ``(b, d)``.
        method: ``"ridge"`` or ``"logistic"``.
        seed: Where chance begins.

    Raises:
        InputError: A group has fewer than two members, or there is no such method.
        DimensionError: The groups are no matrices of one width.

    >>> fruits, kings = [[1, 0.1], [1, 0.2], [0.9, 0]], [[0, 1], [0.1, 1], [0.2, 0.9]]
    >>> plane = plane_between(fruits, kings)
    >>> plane.accuracy, plane.verdict, (plane.distances([[1, 0], [0, 1]]) > 0).tolist()
    (1.0, 'too few', [True, False])
    """
    groups = [np.asarray(group, np.float32) for group in (first, second)]
    _check(groups, method)
    rng = np.random.default_rng(seed)
    chosen = [np.sort(rng.permutation(len(group))[:USED]) for group in groups]
    used = [group[rows] for group, rows in zip(groups, chosen, strict=True)]
    x = normalize(np.concatenate(used)).astype(np.float64)
    y = np.repeat([1.0, -1.0], [len(rows) for rows in chosen])
    normals, offsets = _Axes.of(x).planes(y[:, None], method)
    fold = _folds(y, rng)
    labels = np.stack([y, *(_shuffled(y, fold, rng) for _ in range(RUNS))], axis=1)
    held_out = _held_out(x, labels, fold, method)
    accuracy = _accuracy(held_out[:, 0], y)
    by_fold = [_accuracy(held_out[fold == number, 0], y[fold == number]) for number in range(fold.max() + 1)]
    return Plane(
        normal=normals[:, 0].astype(np.float32),
        offset=float(offsets[0]),
        method=method,
        counts=(len(chosen[0]), len(chosen[1])),
        accuracy=accuracy,
        spread=float(np.std(by_fold)),
        folds=len(by_fold),
        train_accuracy=_accuracy(x @ normals[:, 0] + offsets[0], y),
        control=_control(held_out[:, 1:], labels[:, 1:], accuracy),
        rows=np.concatenate([chosen[0], len(groups[0]) + chosen[1]]),
        held_out=held_out[:, 0].astype(np.float32),
    )


def seen_on_map(
    plane: Plane,
    positions: npt.ArrayLike,
    groups: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    vectors: npt.ArrayLike | None = None,
) -> Line:
    """The plane on a map.

    Args:
        plane: The plane.
        positions: ``(n, dim)``: all items of the map.
        groups: The rows of either group on the map.
        vectors: ``(n, d)`` of a map by principal components, where the line is the true cut; without, it is the
            best line on the map.
    """
    page = np.asarray(positions, np.float64)
    rows = [np.asarray(group, np.int64) for group in groups]
    x = np.concatenate([page[some] for some in rows])
    y = np.repeat([1.0, -1.0], [len(some) for some in rows])
    if vectors is not None:
        unit = normalize(np.asarray(vectors, np.float32)).astype(np.float64)
        middle, center = unit.mean(0), page.mean(0)
        directions, *_ = np.linalg.lstsq(page - center, unit - middle, rcond=None)
        normal = directions @ plane.normal
        offset = float(middle @ plane.normal + plane.offset - center @ normal)
    else:
        normals, offsets = _Axes.of(x).planes(y[:, None], plane.method, penalty=1e-3)
        normal, offset = normals[:, 0], float(offsets[0])
    length = max(float(np.linalg.norm(normal)), 1e-12)
    normal, offset = normal / length, offset / length
    return Line(tuple(normal.tolist()), offset, _accuracy(x @ normal + offset, y), vectors is not None)


def _check(groups: list[FloatArray], method: str) -> None:
    if method not in METHODS:
        raise InputError(f"got method {method!r}; expected one of {', '.join(METHODS)}")
    if any(group.ndim != 2 for group in groups) or groups[0].shape[1] != groups[1].shape[1]:
        raise DimensionError(
            f"got groups of shapes {groups[0].shape} and {groups[1].shape}; expected (a, d) and (b, d)"
        )
    if min(map(len, groups)) < FEWEST:
        raise InputError(
            f"got groups of {len(groups[0])} and {len(groups[1])}; expected at least {FEWEST} in each"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Axes:
    """Rows on their principal axes ``(d, r)``, along which they have that energy; a penalised fit is a division."""

    middle: Doubles
    axes: Doubles
    rows: Doubles
    energy: Doubles

    @staticmethod
    def of(x: Doubles) -> _Axes:
        """Rows ``(n, d)`` on their axes; the smaller of the two products of the rows is taken apart."""
        middle = x.mean(0)
        centred = x - middle
        wide = x.shape[0] < x.shape[1]
        energy, basis = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
        kept = energy > 1e-10 * max(float(energy[-1]), 1e-12)
        energy, basis = energy[kept], basis[:, kept]
        axes = centred.T @ basis / np.sqrt(energy) if wide else basis
        return _Axes(middle, axes, centred @ axes, energy)

    def planes(self, y: Labels, method: Method, penalty: float = PENALTY) -> tuple[Doubles, Doubles]:
        """The planes of ``t`` ways to label the rows, ``(n, t)``: normals ``(d, t)`` and offsets ``(t,)``."""
        size = penalty * float(self.energy.sum()) / len(self.rows)
        found = _logistic(self, y, size) if method == "logistic" else _ridge(self, y, size)
        seen = self.rows @ found
        offsets = -sum((seen * (y == side)).sum(0) / (y == side).sum(0) for side in (1.0, -1.0)) / 2
        normals = self.axes @ found
        lengths = np.maximum(np.linalg.norm(normals, axis=0), 1e-12)
        return normals / lengths, (offsets - self.middle @ normals) / lengths


def _ridge(on: _Axes, y: Labels, size: float) -> Doubles:
    """Least squares; with these targets the direction is Fisher's."""
    targets = np.where(y > 0, 1 / (y > 0).sum(0), -1 / (y < 0).sum(0))
    return np.asarray(on.rows.T @ targets / (on.energy + size)[:, None])


def _logistic(on: _Axes, y: Labels, size: float) -> Doubles:
    """Newton's method with the curvature replaced by its upper bound (Boehning and Lindsay 1988).

    The bound is the same for all labels and steps: doi:10.1007/BF00049423.
    """
    found, offset = np.zeros((len(on.energy), y.shape[1])), np.zeros(y.shape[1])
    for _ in range(STEPS):
        pull = y / (1 + np.exp(np.clip(y * (on.rows @ found + offset), -30, 30)))
        found += 4 * (on.rows.T @ pull - size / 4 * found) / (on.energy + size)[:, None]
        offset += 4 * pull.mean(0)
    return found


def _folds(y: Labels, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The fold of each row: each group is dealt out evenly."""
    count = min(FOLDS, int((y > 0).sum()), int((y < 0).sum()))
    fold = np.empty(len(y), np.int64)
    for side in (1.0, -1.0):
        rows = rng.permutation(np.flatnonzero(y == side))
        fold[rows] = np.arange(len(rows)) % count
    return fold


def _shuffled(y: Labels, fold: npt.NDArray[np.int64], rng: np.random.Generator) -> Labels:
    """Labels thrown together within each fold, so that every fold keeps as many of either."""
    mixed = y.copy()
    for number in range(int(fold.max()) + 1):
        rows = np.flatnonzero(fold == number)
        mixed[rows] = y[rng.permutation(rows)]
    return mixed


def _held_out(x: Doubles, labels: Labels, fold: npt.NDArray[np.int64], method: Method) -> Doubles:
    """The signed distances ``(n, t)`` of rows to planes that were drawn without them, for each way to label."""
    distances = np.empty(labels.shape)
    for number in range(int(fold.max()) + 1):
        test = fold == number
        normals, offsets = _Axes.of(x[~test]).planes(labels[~test], method)
        distances[test] = x[test] @ normals + offsets
    return distances


def _control(distances: Doubles, labels: Labels, accuracy: float) -> Control:
    reached = [_accuracy(d, y) for d, y in zip(distances.T, labels.T, strict=True)]
    p = (1 + sum(value >= accuracy for value in reached)) / (1 + len(reached))
    return Control(float(np.mean(reached)), float(np.std(reached)), len(reached), p)


def _accuracy(distances: Doubles, y: Labels) -> float:
    return float(np.mean([((distances > 0) == (side > 0))[y == side].mean() for side in (1.0, -1.0)]))
