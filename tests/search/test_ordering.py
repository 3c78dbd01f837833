"""Items and hits by a field: the highest first, what has no value last, in every store alike."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import firth
from firth.errors import SchemaError, UnknownNameError
from firth.notes import corpus
from firth.search import Request, search
from firth.search.ordering import ids_by_field, order
from firth.stores.where import parse_where
from firth.types import Item

YEARS = {"紅樓夢": 1791, "西遊記": 1592, "Ulysses": 1922, "Beowulf": None, "The Waves": 1931, "Orlando": 1928}
VALUES = st.dictionaries(
    st.text(max_size=3), st.none() | st.floats() | st.integers(-(2**63), 2**63 - 1), max_size=30
)


def shelf(location: str = ":memory:") -> firth.Collection:
    collection = firth.open(location, model="use")
    collection.add(
        [
            Item(
                title,
                text=title,
                fields={
                    "lang": "zh" if title > "z" else "en",
                    **(
                        {}
                        if year is None
                        else {"year": year, "tag:奇幻": year % 7 / 7, "at": datetime(year, 1, 1)}
                    ),
                },
            )
            for title, year in YEARS.items()
        ]
    )
    return collection


@pytest.fixture(scope="module")
def books():
    return corpus(shelf().store)


@given(VALUES, st.booleans())
def test_order_is_that_of_the_values_and_none_is_last(values, ascending):
    found = order(values, ascending=ascending)
    assert sorted(found) == sorted(values)
    there = [values[id] for id in found if values[id] is not None and values[id] == values[id]]
    assert there == sorted(there, reverse=not ascending)
    assert [values[id] for id in found[: len(there)]] == there


@pytest.mark.parametrize("ascending", [False, True])
@pytest.mark.parametrize("field", ["year", "at"])
@pytest.mark.parametrize("k", [1, 3, 6, 50, None])
def test_ids_by_a_number_or_a_date(books, field, ascending, k):
    expected = sorted(
        (title for title in YEARS if YEARS[title]), key=lambda title: YEARS[title], reverse=not ascending
    )
    assert ids_by_field(books, field, k=k, ascending=ascending) == [*expected, "Beowulf"][:k]


def test_a_folder_gives_the_same_as_memory(books, tmp_path):
    other = corpus(shelf(str(tmp_path / "藏書")).store)
    assert ids_by_field(other, "tag:奇幻") == ids_by_field(books, "tag:奇幻")


def test_only_what_passes(books):
    where = parse_where("lang = 'zh'", books.fields)
    assert ids_by_field(books, "year", where=where) == ["紅樓夢", "西遊記"]


def test_equal_values_stand_by_their_ids(empty):
    empty.add([Item(id, text="a", fields={"n": 1}) for id in ("c", "a", "b")])
    assert ids_by_field(corpus(empty.store), "n", k=2) == ["a", "b"]


@pytest.mark.parametrize(
    ("field", "error", "said"),
    [
        ("years", UnknownNameError, "no field 'years' to sort by; there are lang, year, tag:奇幻, at"),
        ("tag:魔法", UnknownNameError, "Next: firth tags 魔法 --save"),
        (
            "lang",
            SchemaError,
            "holds string; expected numbers or dates to sort by, such as year, tag:奇幻, at",
        ),
    ],
)
def test_errors(books, field, error, said):
    for ask in (lambda: ids_by_field(books, field), lambda: search(books, Request("sea", sort=field))):
        with pytest.raises(error) as caught:
            ask()
        assert said in str(caught.value)


def test_hits_are_the_same_in_another_order(books):
    by_score = search(books, Request("a book", k=4))
    by_year = search(books, Request("a book", k=4, sort="year"))
    assert set(by_year.ids) == set(by_score.ids)
    years = [hit.fields["year"] for hit in by_year if "year" in hit.fields]
    assert years == sorted(years, reverse=True)
    assert {hit.id: hit.score for hit in by_year} == {hit.id: hit.score for hit in by_score}
