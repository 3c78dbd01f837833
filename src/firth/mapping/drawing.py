"""Draw a space, or bring its map up to date: what has not changed stays where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.mapping.shelf import Kept, Plan, Shelf
from firth.mapping.stamps import Roll, Stamps, stamps
from firth.mapping.states import States, space_material
from firth.maps import Frame, Map, Material, Settings, extend, projecting
from firth.maps.aligning import shared_rows
from firth.maps.frames import Steps
from firth.maps.pca import principal_components
from firth.notes import corpus
from firth.similarity import normalize
from firth.stores import Store

__all__ = ["Plan", "draw", "drawing", "is_fresh", "mapped"]

FEWEST = 3
KNOWN = 0.5
"""With a smaller share of known items, a map is projected anew instead of extended."""


def is_fresh(kept: Kept, roll: Roll | Material) -> bool:
    """Whether a map shows exactly these items, as they are."""
    known = roll.stamps if isinstance(roll, Roll) else stamps(roll.vectors)
    return list(kept.map.ids) == roll.ids and bool(np.array_equal(kept.stamps, known))


def mapped(
    store: Store,
    location: str,
    plan: Plan,
    *,
    again: bool = False,
    on_frame: Callable[[Frame], None] | None = None,
) -> tuple[Material, Kept]:
    """The items of a collection's space and their map, drawn or brought up to date where it has to be.

    Args:
        store: The collection's.
        location: The collection's, by which its maps are kept.
        plan: What is asked for.
        again: Whether to lay out anew.
        on_frame: Told how far it is; what it raises ends the work.

    Raises:
        UnknownNameError: There is no such vector, saved state or method.
        InputError: There are too few items to draw.
    """
    found, shelf = space_material(corpus(store), States(location), plan.space), Shelf(location)
    drawn = draw(found, shelf, plan, again=again, on_frame=on_frame)
    return found, Kept(plan, drawn, stamps(found.vectors))


def draw(
    found: Material,
    shelf: Shelf,
    plan: Plan,
    *,
    again: bool = False,
    beside: Map | None = None,
    on_frame: Callable[[Frame], None] | None = None,
) -> Map:
    """`drawing` in one go; what ``on_frame`` raises ends the work."""
    for frame in drawing(found, shelf, plan, again=again, beside=beside):
        if on_frame:
            on_frame(frame)
    assert frame.map is not None  # noqa: S101 - the last frame always holds it
    return frame.map


def drawing(
    found: Material, shelf: Shelf, plan: Plan, *, again: bool = False, beside: Map | None = None
) -> Iterator[Frame]:
    """The map of a plan, in frames: the last one holds it, and then it is on the shelf too.

    A map that is fresh is taken as it is. Where items came, went or changed, the others stay, and new and changed
    ones are placed among them; with ``again``, or where more than half is new, all are laid out anew, aligned to
    the last map. A map that has to be drawn begins with a frame ``"first"``: the principal components, at once.

    Args:
        found: The items.
        shelf: Where maps are kept.
        plan: What is asked for.
        again: Whether to lay out anew.
        beside: A map of another space to lay this one out by.

    Raises:
        InputError: There are too few items to draw.
        UnknownNameError: There is no such method.
    """
    if len(found.ids) < FEWEST:
        raise InputError(f"got {len(found.ids)} items with {plan.space!r}; a map needs at least {FEWEST}")
    now, last = stamps(found.vectors), shelf.get(plan)
    if last is not None and not again and is_fresh(last, Roll(found.ids, now)):
        yield Frame("done", 1.0, last.map.positions, map=last.map)
        return
    staying = _staying(last, found, now) if last is not None else None
    if last is not None and staying is not None and not again and staying.sum() >= KNOWN * len(found.ids):
        yield Frame("placing", 0.0)
        drawn = extend(_only(last.map, staying), found.ids, found.vectors)
    else:
        drawn = yield from _anew(found, plan, beside or (last.map if last else None))
    drawn = replace(drawn, vector=plan.space)
    shelf.put(Kept(plan, drawn, now))
    yield Frame("done", 1.0, drawn.positions, map=drawn)


def _anew(found: Material, plan: Plan, last: Map | None) -> Steps[Map]:
    """Lay out everything."""
    if plan.method != "pca" and last is None and plan.dim in (2, 3):
        yield Frame("first", 0.0, principal_components(normalize(found.vectors), plan.dim))
    settings = Settings(method=plan.method, dim=plan.dim)
    for frame in projecting(found.ids, found.vectors, texts=found.texts, last=last, settings=settings):
        if frame.map is not None:
            return frame.map
        yield frame
    raise AssertionError("a projection ends with its map")


def _staying(last: Kept, found: Material, now: Stamps) -> npt.NDArray[np.bool_]:
    """Of the items on a map, those that are still there and as they were."""
    rows = shared_rows(last.map.ids, found.ids)
    return np.asarray((rows >= 0) & (now[rows] == last.stamps))


def _only(drawn: Map, kept: npt.NDArray[np.bool_]) -> Map:
    rows = np.flatnonzero(kept)
    ids = tuple(drawn.ids[row] for row in rows)
    return replace(drawn, ids=ids, positions=drawn.positions[rows], region_of=drawn.region_of[:, rows])
