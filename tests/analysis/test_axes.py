"""Concept axes: sizes of animals, as in the paper; poles in either language, poles that are items."""

from __future__ import annotations

import numpy as np
import pytest
from tests.analysis.tags.made import library, seen, shelf

import firth
from firth.analysis.axes import axis
from firth.analysis.tags.ranks import ranks
from firth.errors import InputError, UnknownNameError
from firth.types import Item

TEMPERATURES = [
    "desert at noon",
    "hot summer day",
    "boiling soup",
    "a cool evening",
    "snow",
    "icebergs in the Arctic",
]
ITEMS, TRUTH = library()


@pytest.fixture(scope="module")
def weather():
    collection = firth.open(":memory:", model="use")
    collection.add(TEMPERATURES, ids=TEMPERATURES)
    return seen(collection)


@pytest.fixture(scope="module")
def books():
    return seen(shelf(ITEMS))


@pytest.mark.parametrize(
    ("low", "high"), [("hot", "cold"), ("炎熱", "寒冷"), (["hot", "熱"], ["cold", "冷"])]
)
def test_items_lie_between_the_poles(weather, low, high):
    found = axis(weather, low, high)
    wanted = [TEMPERATURES.index(id) for id in found.ids]
    assert np.corrcoef(ranks(wanted), np.arange(6))[0, 1] > 0.6
    assert found.agreement > 0.5


def test_poles_exchanged_turn_the_axis(weather):
    one, other = axis(weather, "hot", "cold"), axis(weather, "cold", "hot")
    assert one.ids == other.ids[::-1]
    assert one.places == pytest.approx(-other.places[::-1], abs=1e-5)


def test_places_are_in_standard_deviations(weather):
    found = axis(weather, "hot", "cold")
    assert found.places.mean() == pytest.approx(0, abs=1e-5)
    assert found.places.std() == pytest.approx(1, abs=1e-5)
    assert found.of(found.ids[0]) == found.places[0] == found.to_list()[0]["place"]
    assert found.ends(2) == (list(found.ids[:2]), [found.ids[-1], found.ids[-2]])
    assert str(found).splitlines()[0] == "hot  <  cold"


def test_behaviour_places_items_whose_text_says_nothing(books):
    def war_above_magic(found):
        places = {topic: np.mean([found.of(id) for id in ids[::2]]) for topic, ids in TRUTH.items()}
        return places["war"] - places["magic"]

    both, text = axis(books, "magic", "war"), axis(books, "magic", "war", vectors=["meaning"])
    assert war_above_magic(both) > max(1.0, war_above_magic(text))


def test_items_as_poles(books):
    found = axis(books, ["id:magic-1", "id:magic-3"], ["id:war-1", "id:war-3"])
    assert found.agreement is None
    war, magic = (np.mean([found.of(id) for id in TRUTH[topic]]) for topic in ("war", "magic"))
    assert war > magic + 1


@pytest.mark.parametrize(
    ("low", "high", "error", "said"),
    [
        ("a", " ", InputError, "got the pole ' '"),
        ("a", "a", InputError, "as both poles"),
        ("a", [], InputError, "got the pole []"),
        ("id:no-such", "id:war-1", UnknownNameError, "'id:no-such'"),
        ("id:war-1", "peace", InputError, "two of words or two of items"),
    ],
)
def test_errors(books, low, high, error, said):
    with pytest.raises(error) as caught:
        axis(books, low, high)
    assert said in str(caught.value)


def test_words_need_a_meaning():
    bare = seen(shelf([Item(item.id, vectors=item.vectors) for item in ITEMS[:20]]))
    with pytest.raises(InputError, match="give items as poles"):
        axis(bare, "a", "b")
