"""New items go among their neighbours, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from firth.errors import DimensionError, InputError
from firth.maps import Map, Settings, extend, place, project

from .clusters import heaps

VECTORS, HEAP = heaps(each=80)
IDS = [f"項{i}" for i in range(len(VECTORS))]
NEW = np.arange(len(VECTORS)) % 8 == 0
OLD = ~NEW


@pytest.fixture(scope="module")
def drawn() -> Map:
    old = np.flatnonzero(OLD)
    return project([IDS[i] for i in old], VECTORS[old], texts=[f"heap{HEAP[i]} 堆{HEAP[i]}號" for i in old])


def middles(drawn):
    return np.stack([np.median(drawn.positions[HEAP[OLD] == heap], axis=0) for heap in range(5)])


@pytest.mark.parametrize("settling", [True, False])
def test_new_items_land_in_their_heap(drawn, settling):
    positions = place(VECTORS[NEW], VECTORS[OLD], drawn.positions, settling=settling)
    nearest = ((positions[:, None] - middles(drawn)) ** 2).sum(2).argmin(1)
    assert (nearest == HEAP[NEW]).all()
    assert (positions == place(VECTORS[NEW], VECTORS[OLD], drawn.positions, settling=settling)).all()


def test_settling_parts_what_the_mean_crowds(drawn):
    settled, mean = (place(VECTORS[NEW], VECTORS[OLD], drawn.positions, settling=s) for s in (True, False))
    heap = HEAP[NEW] == 0
    assert settled[heap].std(0).sum() > mean[heap].std(0).sum()


def test_a_copy_of_an_item_lands_beside_it(drawn):
    position = place(VECTORS[OLD][:1], VECTORS[OLD], drawn.positions)
    assert np.linalg.norm(position[0] - drawn.positions[0]) < 1


@pytest.mark.parametrize(
    ("new", "old", "positions"),
    [((2, 3), (4, 5), (4, 2)), ((2, 3), (0, 3), (0, 2)), ((2, 3), (4, 3), (3, 2)), ((3,), (4, 3), (4, 2))],
)
def test_shapes_must_match(new, old, positions):
    with pytest.raises(DimensionError):
        place(np.ones(new), np.ones(old), np.ones(positions))


class TestExtending:
    def test_old_items_stay_new_ones_come_removed_ones_go(self, drawn):
        ids = IDS[40:]
        wider = extend(drawn, ids, VECTORS[40:])
        assert wider.ids == tuple(ids)
        before = dict(zip(drawn.ids, drawn.positions.tolist(), strict=True))
        after = dict(zip(wider.ids, wider.positions.tolist(), strict=True))
        assert all(after[id] == before[id] for id in ids if id in before)
        assert np.isfinite(wider.positions).all()

    def test_new_items_get_regions_and_regions_their_sizes(self, drawn):
        wider = extend(drawn, IDS, VECTORS)
        assert [r.words for r in wider.regions] == [r.words for r in drawn.regions]
        for region in wider.regions:
            assert region.size == (wider.region_of[region.level] == region.number).sum()
        level = wider.region_of[0]
        of_heap = [np.bincount(level[OLD & (heap == HEAP)]).argmax() for heap in range(5)]
        assert np.mean(level[NEW] == np.array(of_heap)[HEAP[NEW]]) > 0.9

    def test_faithfulness_is_measured_anew(self, drawn):
        assert extend(drawn, IDS, VECTORS).faithfulness.sample == len(IDS)

    @pytest.mark.parametrize(("ids", "words"), [(["x"], "none of these"), ([], "0 ids and 1")])
    def test_what_cannot_be_extended(self, drawn, ids, words):
        with pytest.raises(InputError, match=words):
            extend(drawn, ids, VECTORS[:1])

    def test_a_map_by_pca(self):
        flat = project(IDS[:100], VECTORS[:100], settings=Settings("pca"))
        wider = extend(flat, IDS[:120], VECTORS[:120])
        assert np.abs(wider.positions).max() <= np.abs(flat.positions).max()
