"""Two spaces side by side, once a job has compared them."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.responses import Response

from firth.errors import UnknownNameError
from firth.mapping import Comparison, Plan
from firth.server.answering import tagged
from firth.server.asking import Ask
from firth.server.desk import Desk
from firth.server.drawn import map_told
from firth.server.packing import grid_of, packed

__all__ = ["comparison", "comparison_points"]

NAMED = 50


def comparison(desk: Desk, ask: Ask) -> dict[str, Any]:
    """What moved, in figures."""
    found, plan_a, plan_b = _found(desk, ask)
    numbers, order = desk.numbers.of(found.ids), np.argsort(found.overlap, kind="stable")

    def named(rows: Any) -> list[dict[str, Any]]:
        return [{"item": int(numbers[row]), "overlap": float(found.overlap[row])} for row in rows]

    return {
        "a": map_told(desk, desk.kept(plan_a.id)),
        "b": map_told(desk, desk.kept(plan_b.id)),
        "items": len(found.ids),
        "k": found.k,
        "overlap_mean": float(found.overlap.mean()),
        "residual": found.residual,
        "most": named(order[:NAMED]),
        "least": named(order[::-1][:NAMED]),
    }


def comparison_points(desk: Desk, ask: Ask) -> Response:
    """Where the items of both are, on one page."""
    found, _, _ = _found(desk, ask)
    grid = grid_of(np.concatenate([found.a, found.b]))
    arrays = {
        "items": desk.numbers.of(found.ids),
        "a": grid.sent(found.a),
        "b": grid.sent(found.b),
        "overlap": np.rint(found.overlap * 255).astype(np.uint8),
        "moved": found.moved,
    }
    return tagged(ask.request, packed(arrays, {"k": found.k, "residual": found.residual, **grid.told()}))


def _found(desk: Desk, ask: Ask) -> tuple[Comparison, Plan, Plan]:
    held = desk.compared.find(ask.word("id"))
    if held is None:
        raise UnknownNameError("no comparison has this id. Next: start a job that compares")
    found: tuple[Comparison, Plan, Plan] = held
    return found
