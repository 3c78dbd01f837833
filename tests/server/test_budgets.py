"""What goes over the wire, for as many items as people have."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from firth.mapping import Kept, Plan
from firth.mapping.stamps import stamps
from firth.maps import Map, Region
from firth.server.app import STATIC

from .page import Page

KB = 1000
BUDGETS = {10_000: 250 * KB, 100_000: 1000 * KB}


@pytest.fixture(scope="module", params=[10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def many(request):
    """A collection of so many vectors in memory, with a map that nobody had to draw."""
    import firth

    n = request.param
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(n, 4)).astype(np.float32)
    collection = firth.open(":memory:", model="use")
    collection.add(vectors)
    page = Page(collection)
    ids = page.app.app.state.desk.roll("vector").ids
    _, matrix = collection.vectors("vector")
    positions = rng.normal(size=(n, 2)).astype(np.float32) * 10
    numbers = rng.integers(0, 54, (3, n)).astype(np.int32)
    regions = tuple(
        Region(level, i, ("蘋果", "apple", "水果"), (0.0, 0.0), int((numbers[level] == i).sum()))
        for level in range(3)
        for i in range(54)
    )
    drawn = Map(tuple(ids), positions, laid_out=n, regions=regions, region_of=numbers, vector="vector")
    order = np.argsort(collection.vectors("vector")[0])
    page.app.app.state.desk.shelf.put(Kept(Plan("vector"), drawn, stamps(matrix[order])))
    return page, drawn, BUDGETS[n]


def test_the_first_picture_is_within_its_budget(many):
    page, _, budget = many
    (told,) = page.json("/api/maps")["maps"]
    assert told["fresh"]
    paths = ["/api/status", "/api/maps", "/api/columns", f"/api/maps/{told['id']}/points"]
    paths += [f"/api/maps/{told['id']}/regions", "/api/columns/codes?name=kind"]
    sizes = {path: len(page.get(path).content) for path in paths}
    assert sum(sizes.values()) <= budget, sizes


def test_decoded_positions_are_the_maps(many):
    page, drawn, _ = many
    (told,) = page.json("/api/maps")["maps"]
    found, meta = page.binary(f"/api/maps/{told['id']}/points")
    positions = found["positions"]
    if positions.dtype == np.uint16:
        assert "items" not in found  # numbers are 0..n-1
        positions = np.array(meta["lo"]) + positions * np.array(meta["step"])
    width = float(np.ptp(drawn.positions, axis=0).max())
    assert np.abs(positions - drawn.positions).max() <= width / 65535
    codes, _ = page.binary(f"/api/maps/{told['id']}/region-codes?level=2")
    np.testing.assert_array_equal(codes["codes"], drawn.region_of[2])


def test_the_code_of_the_page_is_small(page):
    code = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".css", ".html")]
    sizes = {}
    for path in code:
        answer = page.client.get(f"/static/{path.relative_to(STATIC).as_posix()}")
        assert answer.headers.get("content-encoding") == "gzip" or path.stat().st_size < 600, path
        sizes[path.name] = len(gzip.compress(answer.content))
    assert len(code) > 40
    assert sum(sizes.values()) <= 100 * KB, sizes
