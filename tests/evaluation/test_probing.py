"""Targets of a collection, and the figure."""

from __future__ import annotations

import pytest
from tests.analysis.tags.made import EACH, library, seen, shelf

from firth.errors import InputError, UnknownNameError
from firth.evaluation.probe_figure import draw
from firth.evaluation.probing import probe
from firth.types import Item

ITEMS, TRUTH = library()
ITEMS = [
    Item(
        item.id,
        fields={
            **item.fields,
            "number": float(item.vectors["behaviour"][0]),
            "shelf": ["all", item.fields["topic"]],
        },
        vectors=item.vectors,
    )
    for item in ITEMS
]


@pytest.fixture(scope="module")
def books():
    return seen(shelf(ITEMS))


def test_a_text_field_is_probed_value_by_value(books):
    found = probe(books, ["topic"], vector="behaviour")
    assert {one.target for one in found} == {"topic=magic", "topic=war", "topic=cooking"}
    assert {one.best for one in found} == {0, 1, 2}
    assert all(one.p < 0.01 and one.items == len(ITEMS) for one in found)


def test_a_number_one_value_a_list(books):
    number, value, member = probe(books, ["number", "topic=war", "shelf=cooking"], vector="behaviour")
    assert (number.measure, number.best) == ("correlation", 0)
    assert (value.measure, value.best) == ("AUC", 1)
    assert member.best == 2


def test_readers_tags_count_only_where_readers_were(books, tmp_path):
    pairs = [(id, topic) for topic, ids in TRUTH.items() for id in ids[: EACH // 2]]
    path = tmp_path / "readers.csv"
    path.write_text("item,tag\n" + "\n".join(map(",".join, pairs)), encoding="utf-8")
    by_pairs, by_file = (probe(books, ["Magic"], vector="behaviour", tagged=given) for given in (pairs, path))
    assert by_pairs[0].items == by_file[0].items == 3 * EACH // 2
    assert by_pairs[0].to_dict() == by_file[0].to_dict()


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_the_figure(books, tmp_path, ending):
    pytest.importorskip("matplotlib")
    found = probe(books, ["topic", "number"], vector="behaviour")
    path, again = (draw(found, tmp_path / f"{name}{ending}") for name in "ab")
    assert path.stat().st_size > 5_000
    assert path.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("targets", "vector", "error", "said"),
    [
        ([], "behaviour", InputError, "expected a list"),
        ("topic", "behaviour", InputError, "expected a list"),
        (["colour"], "behaviour", UnknownNameError, "'colour'"),
        (["topic"], "taste", UnknownNameError, "'taste'"),
        (["topic=peace"], "behaviour", InputError, "true of 0"),
        (["shelf=all"], "behaviour", InputError, "at least 10"),
    ],
)
def test_errors(books, targets, vector, error, said):
    with pytest.raises(error) as caught:
        probe(books, targets, vector=vector)
    assert said in str(caught.value)


def test_a_figure_of_nothing_or_of_another_kind(tmp_path):
    with pytest.raises(InputError, match="no probe"):
        draw([], tmp_path / "a.svg")
    with pytest.raises(InputError, match="ending"):
        draw([], tmp_path / "a.gif")
