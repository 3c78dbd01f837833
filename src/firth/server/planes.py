"""The plane between two groups of items, for the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from starlette.responses import Response

from firth.analysis.planes import Line, Method, Plane, plane_between, seen_on_map
from firth.errors import InputError
from firth.maps import Material
from firth.maps.aligning import shared_rows
from firth.server.answering import BINARY
from firth.server.asking import Ask
from firth.server.desk import Desk
from firth.server.packing import packed

__all__ = ["plane"]

MOST = 200_000
ODD = 50


def plane(desk: Desk, ask: Ask) -> Response:
    """Draw a plane between two groups, and tell where every item lies."""
    ask.only("space", "a", "b", "map", "method")
    found = desk.material(ask.word("space", "meaning"))
    rows = [_rows(desk, found, ask, name) for name in ("a", "b")]
    if np.intersect1d(rows[0], rows[1]).size:
        raise InputError("the two groups share items. Next: leave them out of one")
    drawn = plane_between(
        found.vectors[rows[0]], found.vectors[rows[1]], method=cast(Method, ask.word("method", "ridge"))
    )
    there = [row for row, id in enumerate(found.ids) if desk.numbers.has(id)]
    numbers = desk.numbers.of([found.ids[row] for row in there])
    distances = drawn.distances(found.vectors[there])
    line = _line(desk, found, drawn, rows, ask.word("map", None))
    told = {
        "dim": found.vectors.shape[1],
        "method": drawn.method,
        "a": len(rows[0]),
        "b": len(rows[1]),
        "accuracy": drawn.accuracy,
        "spread": drawn.spread,
        "folds": drawn.folds,
        "control": asdict(drawn.control),
        "train_accuracy": drawn.train_accuracy,
        "verdict": drawn.verdict,
        "odd": _odd(desk, found, drawn, np.concatenate(rows)),
        "line": asdict(line) if line else None,
    }
    content = packed({"items": numbers, "distance": distances}, told)
    return Response(content, media_type=BINARY, headers={"Cache-Control": "no-store"})


def _rows(desk: Desk, found: Material, ask: Ask, name: str) -> npt.NDArray[np.int64]:
    """The rows of a group's items that have the vector."""
    ids = desk.numbers.there(ask.numbers(name, most=MOST))
    rows = shared_rows(list(dict.fromkeys(ids)), found.ids)
    return rows[rows >= 0]


def _odd(desk: Desk, found: Material, drawn: Plane, rows: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
    """Members that fall on the other side of a plane that was drawn without them, the farthest first."""
    first = np.arange(len(drawn.rows)) < drawn.counts[0]
    wrong = np.flatnonzero((drawn.held_out > 0) != first)
    wrong = wrong[np.argsort(-np.abs(drawn.held_out[wrong]))][:ODD]
    numbers = desk.numbers.of([found.ids[rows[drawn.rows[one]]] for one in wrong])
    return [
        {"item": int(number), "side": "a" if first[one] else "b", "distance": float(drawn.held_out[one])}
        for number, one in zip(numbers, wrong, strict=True)
    ]


def _line(
    desk: Desk, found: Material, drawn: Plane, rows: list[npt.NDArray[np.int64]], map_id: str | None
) -> Line | None:
    """The plane on a map, if one is named and both groups are on it."""
    if map_id is None:
        return None
    kept = desk.kept(map_id)
    groups = [shared_rows([found.ids[row] for row in some], kept.map.ids) for some in rows]
    groups = [some[some >= 0] for some in groups]
    if min(map(len, groups)) < 2:
        return None
    vectors = None
    if kept.map.method == "pca":
        at = shared_rows(kept.map.ids, found.ids)
        if (at >= 0).all():
            vectors = found.vectors[at]
    return seen_on_map(drawn, kept.map.positions, (groups[0], groups[1]), vectors=vectors)
