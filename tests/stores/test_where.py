"""The two forms of a filter, and what a person is told when one is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import FilterError
from firth.stores.filters import And, Compare, Contains, Has, In, IsNull, Like, Not, Or
from firth.stores.where import parse_where

FIELDS = {
    "year": pa.int64(),
    "rating": pa.float64(),
    "author": pa.string(),
    "年份": pa.int64(),
    "tags": pa.list_(pa.string()),
    "ok": pa.bool_(),
    "when": pa.timestamp("us"),
    "dc:title": pa.string(),
    "a.b": pa.string(),
    "two words": pa.string(),
    'odd"name`': pa.string(),
    "in": pa.string(),
    "path": pa.string(),
    "tag:奇幻": pa.float64(),
    "tag:science-fiction": pa.float64(),
}
TAIPEI = timezone(timedelta(hours=8))
YEAR = Compare("f_year", ">", 2000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("year > 2000", YEAR),
        ("  year>2000  ", YEAR),
        ("(((year > 2000)))", YEAR),
        ("年份 >= -5", Compare("f_年份", ">=", -5)),
        ("年份 <> 1", Compare("f_年份", "!=", 1)),
        ("年份 == 1", Compare("f_年份", "=", 1)),
        ("年份！＝1", Compare("f_年份", "!=", 1)),
        ("rating > 4", Compare("f_rating", ">", 4.0)),
        ("rating > .5e1", Compare("f_rating", ">", 5.0)),
        ("year > 2000.5", Compare("f_year", ">", 2000.5)),
        ("year = 2000.0", Compare("f_year", "=", 2000)),
        ("author = 'J.K. Rowling'", Compare("f_author", "=", "J.K. Rowling")),
        ("author = 'O''Brien'", Compare("f_author", "=", "O'Brien")),
        ("author = ''", Compare("f_author", "=", "")),
        ("dc:title = 'x'", Compare("f_dc:title", "=", "x")),
        ("a.b = 'x'", Compare("f_a%2Eb", "=", "x")),
        ('"two words" = \'x\'', Compare("f_two words", "=", "x")),
        ("`two words` = 'x'", Compare("f_two words", "=", "x")),
        ('"odd""name`" = \'x\'', Compare('f_odd"name%60', "=", "x")),
        ("`odd\"name``` = 'x'", Compare('f_odd"name%60', "=", "x")),
        ("\"in\" in ('x')", In("f_in", ("x",))),
        ("author IN ('a', 'b', 'a')", In("f_author", ("a", "b"))),
        ("year in (1, 2.5, 3.0)", In("f_year", (1, 3))),
        ("author Like '%魔法%'", Like("f_author", "%魔法%")),
        ("author contains '魔'", Contains("f_author", "魔")),
        ("tags contains '魔'", Has("f_tags", "魔")),
        ("tags is null", IsNull("f_tags")),
        ("tags IS NOT NULL", Not(IsNull("f_tags"))),
        ("not rating is null", Not(IsNull("f_rating"))),
        ("ok", Compare("f_ok", "=", True)),
        ("not ok", Not(Compare("f_ok", "=", True))),
        ("ok = False", Compare("f_ok", "=", False)),
        ("year not in (1)", Not(In("f_year", (1,)))),
        ("when >= '2020-01-31'", Compare("f_when", ">=", datetime(2020, 1, 31))),
        ("when = '2020-01-31T08:00:00+08:00'", Compare("f_when", "=", datetime(2020, 1, 31))),
        ("year between 1 and 2", And((Compare("f_year", ">=", 1), Compare("f_year", "<=", 2)))),
        ("ok or ok and not year > 2000", Or((OK := Compare("f_ok", "=", True), And((OK, Not(YEAR)))))),
        ("(ok or ok) and year > 2000", And((Or((OK, OK)), YEAR))),
        ("year between 1 and 2 and ok", And((And((Compare("f_year", ">=", 1), Compare("f_year", "<=", 2))), OK))),
        ("id = '1' or kind = 'text'", Or((Compare("id", "=", "1"), Compare("kind", "=", "text")))),
        ("tag:奇幻 > 0.8", Compare("f_tag:奇幻", ">", 0.8)),
        ("tag：奇幻>0.8", Compare("f_tag:奇幻", ">", 0.8)),
        ("(tag:science-fiction<=1)", Compare("f_tag:science-fiction", "<=", 1.0)),
        ("not `tag:science-fiction` is null", Not(IsNull("f_tag:science-fiction"))),
        ("path = 'mine' or _path = 'own'", Or((Compare("f_path", "=", "mine"), Compare("path", "=", "own")))),
    ],
)  # fmt: skip
def test_text(text, expected):
    assert parse_where(text, FIELDS) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"year": {"gt": 2000}}, YEAR),
        ({"year": 2000}, Compare("f_year", "=", 2000)),
        ({"year": {"gt": 2000}, "author": "X"}, And((YEAR, Compare("f_author", "=", "X")))),
        ({"year": {"gte": 1, "lt": 2}}, And((Compare("f_year", ">=", 1), Compare("f_year", "<", 2)))),
        ({"author": ["eng", "en-US"]}, In("f_author", ("eng", "en-US"))),
        ({"author": {"in": ("eng",)}}, In("f_author", ("eng",))),
        ({"author": {"ne": "'; --"}}, Compare("f_author", "!=", "'; --")),
        ({"author": {"like": "魔%"}}, Like("f_author", "魔%")),
        ({"tags": {"contains": "x"}}, Has("f_tags", "x")),
        ({"tags": {"null": False}}, Not(IsNull("f_tags"))),
        ({"tags": None}, IsNull("f_tags")),
        ({"when": {"lt": date(2020, 1, 31)}}, Compare("f_when", "<", datetime(2020, 1, 31))),
        ({"when": datetime(2020, 1, 31, 8, tzinfo=TAIPEI)}, Compare("f_when", "=", datetime(2020, 1, 31))),
        ({"when": datetime(2020, 1, 31, tzinfo=UTC)}, Compare("f_when", "=", datetime(2020, 1, 31))),
        ({"two words": "x"}, Compare("f_two words", "=", "x")),
        ({}, And(())),
    ],
)  # fmt: skip
def test_dict(asked, expected):
    assert parse_where(asked, FIELDS) == expected


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("yaer > 1", "Did you mean 'year'"),
        ("份年 > 1", "Did you mean '年份'"),
        ("nothing = 1", "Fields: "),
        ("tag:魔法 > 0.8", "firth tags 魔法 --save"),
        ("year = 'abc'", "'year' is a whole number; got 'abc'"),
        ("year = true", "whole number"),
        ("ok = 1", "true or false; got 1"),
        ("ok > true", "use = or !="),
        ("rating = 'x'", "is a number"),
        ("author = 5", "is text; got 5"),
        ("when = 'yesterday'", "'2020-01-31'"),
        ("when = 2020", "a date"),
        ("tags = 'x'", "tags contains 'x'"),
        ("tags in ('x')", "contains"),
        ("tags like 'x'", "works on text"),
        ("year like '2%'", "works on text"),
        ("year contains '2'", "works on text and lists"),
        ("tags contains 5", "text in quotes"),
        ("author like 5", "pattern in quotes"),
        ("year", "no condition"),
        ("year = null", "is null"),
        ("author = Rowling", "single quotes: 'Rowling'"),
        ('author = "Rowling"', "single quotes: 'Rowling'"),
        ("author = ‘x’", "straight single quote"),
        ("author = 'x", "not closed"),
        ("", "got the end; expected the name"),
        ("year >", "got the end; expected a value"),
        ("year > 2000 and", "got the end"),
        ("(year > 2000", "expected ')'"),
        ("year > 2000)", "got ')'"),
        ("year 2000", "expected =, !=,"),
        ("year not > 5", "expected =, !=,"),
        ("year in 5", "expected '('"),
        ("year in ()", "expected a value"),
        ("year > 2000; drop table items", "got ';'"),
        ("year > 2000 -- x", "got '-'"),
        ("1 = 1", "expected the name of a field"),
        ("year is 5", "expected 'null'"),
        ("year > 12abc", "got '1'"),
        ("(" * 30 + "ok" + ")" * 30, "nested deeper than 20"),
        ("not " * 30 + "ok", "nested deeper than 20"),
        ({"yaer": 1}, "Did you mean 'year'"),
        ({"year": {"gtt": 1}}, "Did you mean 'gt'"),
        ({"year": [1, None]}, "is null"),
        ({"year": {"gt": None}}, "is null"),
        ({"year": {"in": "abc"}}, "a list of values"),
        ({"rating": float("nan")}, "a number"),
        ({"author": b"x"}, "is text"),
        (5, "expected text or a dict"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(where, says):
    with pytest.raises(FilterError) as caught:
        parse_where(where, FIELDS)
    assert says in str(caught.value)


def test_a_caret_points_at_the_place():
    with pytest.raises(FilterError) as caught:
        parse_where("ok and\n  年份 > '魔法' or x", FIELDS)
    message = str(caught.value).splitlines()
    assert message[0].startswith("the filter, at character 10: field '年份'")
    assert message[1:] == ["    年份 > '魔法' or x", "    ^"]
    with pytest.raises(FilterError) as caught:
        parse_where("年份 > 5 年份", FIELDS)
    assert str(caught.value).splitlines()[2] == " " * (2 + 9) + "^"  # wide characters take two columns


@given(st.text(max_size=30) | st.text(alphabet="ok年份=<>()'\"` andornt125.,", max_size=30))
def test_any_text_parses_or_is_refused_in_words(text):
    try:
        parse_where(text, FIELDS)
    except FilterError as error:
        assert "the filter, at character" in str(error)


@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_any_name_and_value_can_be_quoted(name, value):
    doubled, quoted = name.replace("`", "``"), value.replace("'", "''")
    got = parse_where(f"`{doubled}` = '{quoted}'", {name: pa.string()})
    assert got == parse_where({name: value}, {name: pa.string()})
    assert got.value == value
