"""Maps that are kept: fresh ones stay, new items come among the others, changed ones move, and nobody else does."""

from __future__ import annotations

import numpy as np
import pytest

from firth.errors import InputError, UnknownNameError
from firth.mapping import (
    Kept,
    Plan,
    Shelf,
    States,
    comparing,
    draw,
    drawing,
    is_fresh,
    roll_of,
    space_material,
)
from firth.mapping.stamps import stamps
from firth.maps import Material
from firth.maps.frames import finish
from firth.notes import corpus

rng = np.random.default_rng(0)
VECTORS = rng.normal(size=(60, 8)).astype(np.float32)
IDS = [f"項{i:02}" for i in range(60)]
PLAN = Plan("meaning", "pca")


def some(rows, vectors=VECTORS):
    rows = list(rows)
    return Material([IDS[row] for row in rows], vectors[rows], [f"text {row}" for row in rows])


@pytest.fixture(params=["folder", ":memory:"])
def shelf(request, tmp_path):
    return Shelf(request.param if request.param == ":memory:" else str(tmp_path / "c"))


def places(drawn):
    return dict(zip(drawn.ids, drawn.positions.tolist(), strict=True))


def test_a_fresh_map_is_taken_as_it_is(shelf):
    first = draw(some(range(60)), shelf, PLAN)
    frames = list(drawing(some(range(60)), shelf, PLAN))
    assert [frame.stage for frame in frames] == ["done"]
    assert places(frames[0].map) == places(first)


def test_what_comes_is_placed_what_goes_is_gone_and_the_rest_stays(shelf):
    before = places(draw(some(range(50)), shelf, PLAN))
    after = places(draw(some(range(5, 60)), shelf, PLAN))
    assert set(after) == set(IDS[5:])
    assert all(after[id] == before[id] for id in IDS[5:50])


def test_what_changed_is_placed_anew(shelf):
    before = places(draw(some(range(60)), shelf, PLAN))
    changed = VECTORS.copy()
    changed[7] = -changed[7]
    after = places(draw(some(range(60), changed), shelf, PLAN))
    assert after[IDS[7]] != before[IDS[7]]
    assert {id for id in IDS if after[id] != before[id]} == {IDS[7]}
    assert is_fresh(shelf.get(PLAN), some(range(60), changed))


def test_most_of_it_new_is_drawn_anew(shelf):
    draw(some(range(10)), shelf, PLAN)
    stages = [frame.stage for frame in drawing(some(range(60)), shelf, PLAN)]
    assert "layout" in stages


def test_again_is_aligned_to_the_last(shelf):
    draw(some(range(60)), shelf, PLAN)
    assert draw(some(range(60)), shelf, PLAN, again=True).aligned == 60


def test_a_first_picture_comes_at_once(shelf):
    plan = Plan("meaning", "umap")
    first = next(iter(drawing(some(range(60)), shelf, plan)))
    assert (first.stage, first.positions.shape) == ("first", (60, 2))
    assert shelf.get(plan) is None  # nothing is kept before it is done


def test_too_few(shelf):
    with pytest.raises(InputError, match="at least 3"):
        draw(some(range(2)), shelf, PLAN)


def test_a_damaged_file_counts_as_none(tmp_path):
    shelf = Shelf(str(tmp_path / "c"))
    draw(some(range(20)), shelf, PLAN)
    (file,) = shelf.folder.glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    assert Shelf(str(tmp_path / "c")).all() == []


def test_another_process_sees_it(tmp_path):
    drawn = draw(some(range(20)), Shelf(str(tmp_path / "c")), PLAN)
    (kept,) = Shelf(str(tmp_path / "c")).all()
    assert isinstance(kept, Kept)
    assert (kept.plan, places(kept.map)) == (PLAN, places(drawn))
    assert Shelf(str(tmp_path / "other")).all() == []


def test_stamps_tell_any_bit():
    changed = VECTORS.copy()
    changed[3, 2] = np.nextafter(changed[3, 2], np.float32(9))
    assert np.flatnonzero(stamps(changed) != stamps(VECTORS)).tolist() == [3]


def test_the_roll_of_a_collection(sample):
    found = corpus(sample.store)
    roll, held = roll_of(found, "look"), space_material(found, States(sample.location), "look")
    assert roll.ids == held.ids
    assert np.array_equal(roll.stamps, stamps(held.vectors))


@pytest.mark.parametrize("location", [":memory:", "folder"])
def test_states_are_as_they_were(location, tmp_path):
    states = States(location if location == ":memory:" else str(tmp_path / "c"))
    saved = states.save(" 之前 ", "meaning", some(range(9)))
    assert (saved.name, saved.space, saved.items, saved.dim) == ("之前", "saved:之前", 9, 8)
    again = states if location == ":memory:" else States(str(tmp_path / "c"))
    assert again.all() == [saved]
    assert np.array_equal(again.load("之前").vectors, VECTORS[:9])
    with pytest.raises(InputError, match="another name"):
        again.save("之前", "meaning", some(range(3)))
    again.remove("之前")
    assert states.all() == []
    with pytest.raises(UnknownNameError, match="none yet"):
        states.load("之前")


@pytest.mark.parametrize("name", ["", " ", "a" * 61, "a\nb"])
def test_names_of_states(name):
    with pytest.raises(InputError, match="expected 1 to 60"):
        States(":memory:").save(name, "meaning", some(range(3)))


def test_the_same_space_turned_has_the_same_neighbours(shelf):
    turn, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    turned = some(range(60), (VECTORS @ turn).astype(np.float32))
    maps = [draw(found, shelf, Plan(name, "pca")) for name, found in (("a", some(range(60))), ("b", turned))]
    found = finish(comparing((some(range(60)), maps[0]), (turned, maps[1]), k=5))
    assert found.overlap.min() == 1
    assert found.residual < 1e-4
    assert found.moved.max() < 0.01 * np.abs(found.a).max()


def test_who_moved_most(shelf):
    other = VECTORS.copy()
    other[:5] = -other[:5]
    b = some(range(60), other)
    maps = [draw(found, shelf, Plan(name, "pca")) for name, found in (("a", some(range(60))), ("b", b))]
    found = finish(comparing((some(range(60)), maps[0]), (b, maps[1]), k=5))
    assert found.overlap[:5].mean() < 0.3 < found.overlap[5:].mean()


def test_nothing_in_common(shelf):
    a, b = some(range(20)), some(range(20, 40))
    maps = [draw(found, shelf, Plan(name, "pca")) for name, found in (("a", a), ("b", b))]
    with pytest.raises(InputError, match="in common"):
        finish(comparing((a, maps[0]), (b, maps[1])))
