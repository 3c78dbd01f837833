"""Maps as the page reads them: what there is, points, regions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from starlette.responses import Response

from firth.errors import UnknownNameError
from firth.mapping import Kept
from firth.server.answering import tagged
from firth.server.asking import Ask
from firth.server.desk import Desk
from firth.server.packing import Grid, grid_of, packed, smallest

__all__ = [
    "list_maps",
    "map_told",
    "points",
    "points_content",
    "region_codes",
    "region_codes_content",
    "regions",
    "regions_told",
]


def list_maps(desk: Desk, ask: Ask) -> dict[str, Any]:
    """All maps of the collection."""
    return {"maps": [map_told(desk, kept) for kept in desk.shelf.all()]}


def map_told(desk: Desk, kept: Kept) -> dict[str, Any]:
    """What there is to know about a map, but for its points."""
    drawn, plan = kept.map, kept.plan
    beside = next((other.plan.id for other in desk.shelf.all() if other.plan.space == plan.beside), None)
    return {
        "id": plan.id,
        "version": f"{int(kept.stamps.sum(dtype=np.uint64)):x}-{int(drawn.positions.view(np.uint32).sum()):x}",
        "space": plan.space,
        "method": plan.method,
        "dim": plan.dim,
        "seed": drawn.seed,
        "metric": drawn.metric,
        "items": len(drawn),
        "laid_out": drawn.laid_out,
        "sampled": drawn.sampled,
        "aligned": drawn.aligned,
        "aligned_to": beside if plan.beside else None,
        "graph_recall": drawn.graph_recall,
        "faithfulness": asdict(drawn.faithfulness) if drawn.faithfulness else None,
        "fresh": desk.is_fresh(kept),
        "levels": [
            sum(region.level == level for region in drawn.regions) for level in range(len(drawn.region_of))
        ],
    }


def points(desk: Desk, ask: Ask) -> Response:
    """Where the items of a map are."""
    return tagged(ask.request, points_content(desk, desk.kept(ask.word("id"))))


def points_content(desk: Desk, kept: Kept) -> bytes:
    """The points of a map, those of items that are gone left out, as they go on the wire."""
    rows, numbers = _rows(desk, kept)
    positions = kept.map.positions[rows]
    grid = grid_of(positions) if len(positions) else Grid(np.zeros(kept.plan.dim, np.float32), 1.0)
    arrays = {"positions": grid.sent(positions)}
    if not np.array_equal(numbers, np.arange(len(numbers))):
        arrays["items"] = numbers
    return packed(arrays, {**map_told(desk, kept), **grid.told()})


def _rows(desk: Desk, kept: Kept) -> tuple[Any, Any]:
    """Rows of a map whose items are known, and their numbers."""
    key = ("rows", kept.plan.id, int(kept.stamps.sum(dtype=np.uint64)), len(kept.map), desk.version())
    return desk.packed.get(key, lambda: _known(desk, kept.map.ids))


def _known(desk: Desk, ids: Sequence[str]) -> tuple[Any, Any]:
    rows = np.array([row for row, id in enumerate(ids) if desk.numbers.has(id)], np.int64)
    return rows, desk.numbers.of([ids[row] for row in rows])


def regions(desk: Desk, ask: Ask) -> Response:
    """The regions of a map with their labels, level by level."""
    told = regions_told(desk.kept(ask.word("id")))
    return tagged(ask.request, json.dumps(told, ensure_ascii=False).encode(), "application/json")


def regions_told(kept: Kept) -> dict[str, Any]:
    """The regions of a map, the coarsest level first."""
    levels: list[list[dict[str, Any]]] = [[] for _ in kept.map.region_of]
    for region in kept.map.regions:
        levels[region.level].append(
            {
                "number": region.number,
                "label": region.label,
                "words": list(region.words),
                "center": list(region.center),
                "size": region.size,
            }
        )
    return {"levels": levels}


def region_codes(desk: Desk, ask: Ask) -> Response:
    """The region of each point, in the order of the points."""
    return tagged(ask.request, region_codes_content(desk, desk.kept(ask.word("id")), ask.whole("level", 0)))


def region_codes_content(desk: Desk, kept: Kept, level: int) -> bytes:
    """See `region_codes`, as it goes on the wire."""
    if level >= len(kept.map.region_of):
        raise UnknownNameError(f"got level {level}; this map has {len(kept.map.region_of)}, counted from 0")
    rows, _ = _rows(desk, kept)
    return packed({"codes": smallest(kept.map.region_of[level][rows])}, {"level": level})
