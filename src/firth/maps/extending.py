"""A map whose collection has changed: new items are placed, removed ones go, and nothing else moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from firth.errors import InputError
from firth.maps.aligning import shared_rows
from firth.maps.faithful import FEWEST, measure
from firth.maps.frames import finish
from firth.maps.map import Map
from firth.maps.nearest import Points, best
from firth.maps.placing import settle
from firth.maps.projecting import SETTLING
from firth.similarity import Metric

__all__ = ["extend"]


def extend(drawn: Map, ids: Sequence[str], vectors: npt.ArrayLike, *, k: int = 15) -> Map:
    """The same map with exactly these items.

    New items come to lie among their nearest neighbours and belong to the region of the nearest of them there;
    regions keep their names and change their sizes. After many new items, `firth.maps.project` with ``last``
    makes a better one.

    Args:
        drawn: The map.
        ids: All items that it shall hold, m of them.
        vectors: ``(m, d)``, of the kind that the map was made of.
        k: By how many neighbours an item is placed.

    Raises:
        InputError: None of the items is on the map, or there is not one vector for each id.
    """
    points = Points.of(vectors, Metric(drawn.metric))
    if len(ids) != len(points):
        raise InputError(f"got {len(ids)} ids and {len(points)} vectors; expected one for each item")
    found = shared_rows(ids, drawn.ids)
    old, new = np.flatnonzero(found >= 0), np.flatnonzero(found < 0)
    if not len(old):
        raise InputError("none of these items is on the map. Next: project them")
    positions = np.empty((len(ids), drawn.positions.shape[1]), np.float32)
    positions[old] = drawn.positions[found[old]]
    settling = drawn.method in SETTLING
    positions[new] = finish(settle(points, new, old, positions[old], k=k, seed=drawn.seed, settling=settling))
    region_of = np.empty((len(drawn.region_of), len(ids)), np.int32)
    region_of[:, old] = drawn.region_of[:, found[old]]
    if len(new):
        nearest, _ = best(Points.of(positions, Metric.EUCLIDEAN).scores(new, old), 1)
        region_of[:, new] = region_of[:, old[nearest[:, 0]]]
    sizes = [Counter(numbers.tolist()) for numbers in region_of]
    regions = tuple(replace(region, size=sizes[region.level][region.number]) for region in drawn.regions)
    faithful = finish(measure(points, positions, k)) if len(ids) >= FEWEST else None
    return replace(
        drawn,
        ids=tuple(ids),
        positions=positions,
        faithfulness=faithful,
        regions=regions,
        region_of=region_of,
    )
