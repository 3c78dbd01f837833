"""What every store promises, run over every store. A new one adds its name to STORES and nothing else."""

from __future__ import annotations

import threading
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.servers import postgres, s3

from firth.errors import DimensionError, InputError, SchemaError, UnknownNameError
from firth.similarity import Metric, cosine, dot, euclidean
from firth.stores import open_store
from firth.stores.base import COLUMNS, Store, field_column, field_name
from firth.stores.filters import And, Compare, Contains, Has, In, IsNull, Like, Not, Or
from firth.stores.where import parse_where

STORES = {
    "memory": lambda folder: open_store(":memory:"),
    "lance": lambda folder: open_store(str(folder / "藏書 library")),
    "s3": lambda folder: open_store(s3.address()),
    "postgres": lambda folder: open_store(postgres.address(f"藏書 {folder}")),
}
NASTY = [
    "x' OR 1=1 --",
    '"; DROP TABLE items; --',
    "`id`",
    "a''b",
    "100%_\\",
    "哈利波特 與\t魔法石",
    "👩‍🚀",
    "a\nb",
    "NULL",
    "\\' OR true --",
]


SLOW = {"s3"}
"""Stores whose tests take minutes; tests/stores has short ones."""
TOGETHER = [
    pytest.param([name for name in STORES if name not in SLOW], id="fast"),
    pytest.param(list(STORES), id="all", marks=pytest.mark.slow),
]
"""Which stores are compared with each other."""


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in STORES])
def store(request, tmp_path) -> Store:
    return STORES[request.param](tmp_path)


def rows(ids, parts=None, **columns) -> pa.Table:
    """Rows by hand; vectors (v_) as lists of lists or an array, the rest as Arrow infers it."""
    table = pa.table(
        {"id": pa.array(ids, pa.string()), "part": pa.array(parts or [0] * len(ids), pa.int32())}
    )
    for name, values in columns.items():
        if name.startswith("v_"):
            width = next(len(value) for value in values if value is not None)
            lists = [None if value is None else list(map(float, value)) for value in values]
            values = pa.array(lists, pa.list_(pa.float32(), width))
        table = table.append_column(name, values if isinstance(values, pa.Array) else pa.array(values))
    return table


def everything(store: Store, *columns: str, **asked) -> list[tuple]:
    names = columns or ("id", "part")
    batches = store.scan(names, **asked)
    return sorted(tuple(row.values()) for batch in batches for row in batch.to_pylist())


def ids(store: Store, where) -> list[str]:
    fields = {field_name(field.name): field.type for field in store.schema() if field.name.startswith("f_")}
    where = where if not isinstance(where, str | dict) else parse_where(where, fields)
    return [id for (id,) in everything(store, "id", where=where)]


# --- an empty store


def test_a_store_is_a_store(store):
    assert isinstance(store, Store)


def test_an_empty_store_answers(store, tmp_path):
    assert store.schema() == COLUMNS
    assert store.count() == 0 == store.count(Compare("id", "=", "a"))
    assert list(store.scan(["id"])) == []
    assert store.match(["a"], 3).num_rows == 0
    assert store.match(["a"], 3).column_names == ["id", "part", "score"]
    assert store.delete(["a"]) == 0
    assert store.read_meta() == {}
    assert store.version() == 0
    store.optimize()
    with pytest.raises(UnknownNameError):
        store.nearest("meaning", np.ones(3, np.float32), 3)
    assert list(tmp_path.iterdir()) == []  # nothing is made before the first write


# --- writing


def test_put_and_read_back_every_column(store):
    given = rows(
        ["a", "a", "二"],
        [0, 1, 0],
        kind=["text", "text", "image"],
        text=["魔法 school", None, None],
        start=pa.array([None, 0, None], pa.int64()),
        end=pa.array([None, 2, None], pa.int64()),
        path=["/x/a", "/x/a", None],
        source=["/x", "/x", None],
        hash=["1", "1", "2"],
        terms=["魔 法 魔法 school", None, None],
        thumb=pa.array([b"\x00\xff", None, b""], pa.large_binary()),
        v_meaning=[[1, 2], [3, 4], None],
        f_年份=[1999, 1999, None],
        f_tags=pa.array([["a", "b"], [], None], pa.list_(pa.string())),
        f_when=pa.array([datetime(2020, 1, 31), None, None], pa.timestamp("us")),
    )
    store.put(given)
    assert store.schema() == given.schema
    names = given.column_names
    got = pa.concat_tables(store.scan(names, parts=True)).sort_by(
        [("id", "ascending"), ("part", "ascending")]
    )
    assert got.to_pylist() == given.to_pylist()
    assert everything(store) == [("a", 0), ("二", 0)]
    assert store.count() == 2


def test_put_replaces_whole_items(store):
    store.put(rows(["a", "a", "a", "b", "b"], [0, 1, 2, 0, 1], f_x=[1, 1, 1, 2, 2]))
    store.put(rows(["a", "c"], f_x=[3, 4]))  # a shrinks, c is new, b is left alone
    assert everything(store, "id", "part", "f_x", parts=True) == [
        ("a", 0, 3), ("b", 0, 2), ("b", 1, 2), ("c", 0, 4),
    ]  # fmt: skip
    store.put(rows(["c", "c", "b"], [0, 3, 5]))  # c grows, b has other parts altogether
    assert everything(store, parts=True) == [("a", 0), ("b", 5), ("c", 0), ("c", 3)]


def test_columns_that_rows_lack_become_null(store):
    store.put(rows(["a"], f_x=[1], v_m=[[1, 0]]))
    store.put(rows(["a", "b"]))
    assert everything(store, "id", "f_x", "v_m") == [("a", None, None), ("b", None, None)]


def test_new_columns_may_come_late(store):
    store.put(rows(["a"]))
    store.put(rows(["b"], f_年=[1], v_look=[[1, 2, 3]]))
    store.put(rows(["c"], v_meaning=[[1, 2]], f_年=[2]))
    assert store.schema().names == [*COLUMNS.names, "f_年", "v_look", "v_meaning"]
    assert everything(store, "id", "f_年") == [("a", None), ("b", 1), ("c", 2)]
    assert store.nearest("look", [1, 2, 3], 5)["id"].to_pylist() == ["b"]


def test_a_column_of_nulls_has_no_type_yet(store):
    store.put(rows(["a"], f_x=pa.nulls(1)))
    assert "f_x" not in store.schema().names
    store.put(rows(["a"], f_x=["text"]))
    store.put(rows(["b"], f_x=pa.nulls(1)))
    assert everything(store, "id", "f_x") in ([("a", "text"), ("b", None)],)


def test_integers_become_floats(store):
    store.put(rows(["a"], f_x=[1], f_y=["q"]))
    store.put(rows(["b"], f_x=[1.5]))
    store.put(rows(["c"], f_x=[7]))
    assert store.schema().field("f_x").type == pa.float64()
    assert everything(store, "id", "f_x", "f_y") == [("a", 1.0, "q"), ("b", 1.5, None), ("c", 7.0, None)]
    assert ids(store, "x > 1.2") == ["b", "c"]


def test_integers_that_floats_cannot_hold_are_not_bent(store):
    store.put(rows(["a"], f_x=[2**53 + 1]))
    with pytest.raises(SchemaError, match="x'"):
        store.put(rows(["b"], f_x=[0.5]))
    assert everything(store, "id", "f_x") == [("a", 2**53 + 1)]


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        (pa.array([1, None], pa.int8()), [1, None]),
        (pa.array([1, None], pa.float32()), [1.0, None]),
        (pa.array([1.5, float("nan")]), [1.5, None]),
        (pa.array(["a", None]).dictionary_encode(), ["a", None]),
        (pa.array(["a", None], pa.large_string()), ["a", None]),
        (pa.array([datetime(2020, 1, 1), None], pa.timestamp("ns")), [datetime(2020, 1, 1), None]),
        (pa.array([0, None], pa.date32()), [datetime(1970, 1, 1), None]),
        (pa.array([["a"], None], pa.large_list(pa.large_string())), [["a"], None]),
        (pa.array([[], None], pa.list_(pa.null())), [[], None]),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_fields_of_near_types(store, column, kept):
    store.put(rows(["a", "b"], f_x=column))
    assert [value for _, value in everything(store, "id", "f_x")] == kept


@pytest.mark.parametrize(
    "bad",
    [
        rows(["b"], f_x=["text"]),
        rows(["b"], f_x=[True]),
        rows(["b"], v_m=[[1, 2, 3]]),
        rows(["b"], v_m=[[1, float("nan")]]),
        rows(["b"], v_m=[[1, float("inf")]]),
        pa.table({"id": ["b"], "part": [0], "v_n": [[1.0]]}),
        rows(["b", "b"]),
        rows([None]),
        pa.table({"id": ["b"]}),
        pa.table({"part": [0]}),
        pa.table({"id": ["b"], "part": pa.nulls(1, pa.int32())}),
        rows(["b"], color=["red"]),
        rows(["b"], f_z=[{"a": 1}]),
        rows(["b"], kind=[["list"]]),
    ],
    ids=range(14),
)
def test_rows_that_do_not_fit_change_nothing(store, bad):
    store.put(rows(["a"], f_x=[1], v_m=[[1, 2]]))
    schema, version = store.schema(), store.version()
    with pytest.raises(SchemaError):
        store.put(bad)
    assert (store.schema(), store.version(), store.count()) == (schema, version, 1)


@pytest.mark.parametrize("text", NASTY)
def test_text_is_only_text(store, text):
    name = text.replace("\n", " ")
    column = field_column(name)
    store.put(
        rows(["keep", text], text=["k", text], terms=["k", "".join(text.split())], **{column: ["k", text]})
    )
    store.put(
        rows(
            [text, text],
            [0, 1],
            text=[text, None],
            terms=["".join(text.split()), None],
            **{column: [text] * 2},
        )
    )
    store.put(rows([text], text=[text], terms=["".join(text.split())], **{column: [text]}))
    assert everything(store, "id", column, ids=[text]) == [(text, text)]
    for where in (
        Compare(column, "=", text),
        In(column, (text,)),
        Contains(column, text),
        Compare("id", "=", text),
    ):
        assert ids(store, where) == [text]
        assert ids(store, Not(where)) == ["keep"]
    assert store.match(["".join(text.split())], 5)["id"].to_pylist() == [text]
    assert store.delete([text]) == 1
    assert everything(store) == [("keep", 0)]


def test_delete_says_how_many_items_were_there(store):
    store.put(rows(["a", "a", "b", "c"], [0, 1, 0, 0]))
    assert store.delete(["a", "nobody", "b", "a"]) == 2
    assert everything(store, parts=True) == [("c", 0)]
    assert store.delete([]) == 0


def test_many_ids(store):
    many = [f"第{i}'冊" for i in range(2500)]
    store.put(rows(many))
    assert len(everything(store, ids=many[:2300])) == 2300
    assert everything(store, ids=["no", many[7], many[7]]) == [(many[7], 0)]
    assert everything(store, ids=[]) == []
    assert store.delete(many[:2400]) == 2400
    assert store.count() == 100


def test_scan_refuses_unknown_columns(store):
    store.put(rows(["a"]))
    with pytest.raises(SchemaError, match="f_nope"):
        store.scan(["id", "f_nope"])


def test_version_grows_with_every_write(store):
    seen = [store.version()]
    for write in (
        lambda: store.put(rows(["a"], v_m=[[1, 2]])),
        lambda: store.put(rows(["a"], v_m=[[1, 2]])),
        lambda: store.write_meta({"a": 1}),
        lambda: store.drop_vector("m"),
        lambda: store.delete(["a"]),
    ):
        write()
        assert store.version() > seen[-1]
        seen.append(store.version())


# --- filters

BOOKS = {
    "id": ["hp", "dream", "none", "cat"],
    "f_year": [1997, 1791, None, 2020],
    "f_書名": ["哈利波特：神祕的魔法石", "紅樓夢", None, "It's 100% cat_\nline two"],
    "f_rating": [4.5, 5.0, None, -0.5],
    "f_ok": [True, False, None, True],
    "f_tags": [["奇幻", "kids"], [], None, ["cat", "it's"]],
    "f_when": [datetime(1997, 6, 26), datetime(1791, 1, 1), None, datetime(2020, 2, 3, 4, 5, 6, 7)],
    "f_kind": ["novel", "novel", None, "comic"],
    field_column("a b.c"): ["1", "2", None, "3"],
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("year > 1800", "cat hp"),
        ("year >= 1997 and year < 2020", "hp"),
        ("year > 1996.5", "cat hp"),
        ("year = 1996.5", ""),
        ("year < 1e30", "cat dream hp"),
        ("year > 99999999999999999999999", ""),
        ("year != 1997", "cat dream"),
        ("not year = 1997", "cat dream"),
        ("not (year > 1996 and rating > 0)", "cat dream"),
        ("not (year is null or rating < 0)", "dream hp"),
        ("year is null", "none"),
        ("not year is null", "cat dream hp"),
        ("year is not null and not ok", "dream"),
        ("year in (1997, 2020.0, 1.5)", "cat hp"),
        ("year not in (1997)", "cat dream"),
        ("year not in (1997) or year not in (2020)", "cat dream hp"),
        ("not (year in (1997) and year in (2020))", "cat dream hp"),
        ("year between 1791 and 1997", "dream hp"),
        ("year not between 1791 and 1997", "cat"),
        ("書名 like '%魔法%'", "hp"),
        ("書名 like '紅_夢'", "dream"),
        ("書名 like '%100\\% cat\\_%'", "cat"),
        ("書名 like '%two'", "cat"),
        ("書名 like '%TWO'", ""),
        ("書名 not like '%魔法%'", "cat dream"),
        ("書名 contains '100%'", "cat"),
        ("not 書名 contains '100%'", "dream hp"),
        ("書名 = 'It''s 100% cat_\nline two'", "cat"),
        ("書名 ＝ '紅樓夢' or （year ＞ 2000）", "cat dream"),
        ("rating >= -0.5 and rating < 5", "cat hp"),
        ("rating > 4", "dream hp"),
        ("ok", "cat hp"),
        ("ok = false or year is null", "dream none"),
        ("tags contains '奇幻'", "hp"),
        ("tags contains 'it''s'", "cat"),
        ("not tags contains '奇幻'", "cat dream"),
        ("when > '1900-01-01'", "cat hp"),
        ("when = '2020-02-03T04:05:06.000007'", "cat"),
        ("when <= '1791-01-01' or when is null", "dream none"),
        ("kind = 'comic'", "cat"),
        ("_kind = 'text'", "cat dream hp none"),
        ("_id in ('hp', 'cat') and id != 'cat'", "hp"),
        ("\"a b.c\" = '2' or `a b.c` = '3'", "cat dream"),
        ({"year": {"gt": 1700, "lte": 1997}, "ok": True}, "hp"),
        ({"書名": ["紅樓夢", "x"]}, "dream"),
        ({"tags": {"contains": "cat"}}, "cat"),
        ({"書名": {"like": "哈%"}, "year": {"null": False}}, "hp"),
        ({"year": {"null": True}}, "none"),
        ({"year": None}, "none"),
        ({"year": []}, ""),
        ({"when": {"gte": datetime(2000, 1, 1)}}, "cat"),
        ({}, "cat dream hp none"),
    ],
    ids=str,
)
def test_filters(store, where, expected):
    store.put(
        rows(
            kind=["text"] * 4,
            **{name: column for name, column in BOOKS.items() if name != "id"},
            ids=BOOKS["id"],
        )
    )
    assert " ".join(ids(store, where)) == expected
    fields = {field_name(f.name): f.type for f in store.schema() if f.name.startswith("f_")}
    assert store.count(parse_where(where, fields)) == len(expected.split())


_TEXTS = st.sampled_from(["", "a", "b", "ab", "a%b", "a_b", "a\\b", "魔法", "魔\n法", "it's", "A"])
_LEAVES = st.one_of(
    st.builds(
        Compare,
        st.just("f_n"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([-1, 0, 2, 0.5, 1e20]),
    ),
    st.builds(
        Compare,
        st.just("f_r"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([-0.5, 0.0, 1e300]),
    ),
    st.builds(Compare, st.just("f_t"), st.sampled_from(["=", "!=", "<", ">="]), _TEXTS),
    st.builds(Compare, st.just("f_b"), st.sampled_from(["=", "!="]), st.booleans()),
    st.builds(In, st.just("f_n"), st.lists(st.integers(-1, 2), max_size=3).map(tuple)),
    st.builds(In, st.just("f_t"), st.lists(_TEXTS, max_size=3).map(tuple)),
    st.builds(Like, st.just("f_t"), st.text(alphabet="ab魔法%_\\\n'", max_size=4)),
    st.builds(Contains, st.just("f_t"), _TEXTS),
    st.builds(Has, st.just("f_l"), _TEXTS),
    st.builds(IsNull, st.sampled_from(["f_n", "f_r", "f_t", "f_b", "f_l"])),
)
_FILTERS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module", params=TOGETHER)
def twins(request, tmp_path_factory) -> list[Store]:
    """Every store with the same 300 rows of every kind of field."""
    rng = np.random.default_rng(7)
    texts = ["", "a", "b", "ab", "a%b", "a_b", "a\\b", "魔法", "魔\n法", "it's", "A", None]
    n = 300
    table = rows(
        [str(i) for i in range(n)],
        f_n=pa.array([None if x == 3 else int(x) for x in rng.integers(-1, 4, n)], pa.int64()),
        f_r=pa.array([[None, -0.5, 0.0, -0.0, 7.5][x] for x in rng.integers(0, 5, n)], pa.float64()),
        f_t=pa.array([texts[x] for x in rng.integers(0, len(texts), n)]),
        f_b=pa.array([[None, True, False][x] for x in rng.integers(0, 3, n)]),
        f_l=pa.array(
            [
                None if x == 0 else [texts[y] for y in rng.integers(0, len(texts), x - 1)]
                for x in rng.integers(0, 4, n)
            ],
            pa.list_(pa.string()),
        ),
    )
    stores = [STORES[name](tmp_path_factory.mktemp(name)) for name in request.param]
    for one in stores:
        one.put(table)
    return stores


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=_FILTERS)
def test_all_stores_read_a_filter_alike(twins, where):
    first, *others = (ids(one, where) for one in twins)
    assert all(other == first for other in others)
    passing, failing = set(first), set(ids(twins[0], Not(where)))
    assert not passing & failing  # what is unknown is in neither


@pytest.mark.parametrize(
    "where",
    [
        "(" * 19 + "n = 1" + ")" * 19,
        "not " * 19 + "n = 1",
        " or ".join(f"n = {i}" for i in range(1000)),
        "not (" * 9 + "n = 1" + ")" * 9,
    ],
    ids=["parentheses", "nots", "long", "not-parentheses"],
)
def test_deep_and_long_filters(twins, where):
    first, *others = (ids(one, where) for one in twins)
    assert all(other == first for other in others)


# --- vectors


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("d", [1, 2, 3, 64, 384, 1280])
def test_nearest_is_the_metric(store, metric, d):
    rng = np.random.default_rng(d)
    vectors = rng.normal(size=(40, d)).astype(np.float32)
    vectors[11] = vectors[5]  # a tie
    given = rows(
        [f"{i:02}" for i in range(40)], v_m=[None if i % 8 == 0 else v for i, v in enumerate(vectors)]
    )
    store.put(given)
    query = rng.normal(size=d).astype(np.float32)
    got = store.nearest("m", query, 50, metric=metric)
    assert got.schema == pa.schema([("id", pa.string()), ("part", pa.int32()), ("score", pa.float64())])
    score = {"cosine": cosine, "dot": dot, "euclidean": euclidean}[metric](vectors, query)
    assert len(got) == 35  # rows without a vector are never found
    np.testing.assert_allclose(got["score"], score[[int(id) for id in got["id"].to_pylist()]], atol=2e-5)
    falling = np.diff(got["score"]) * (1 if metric.higher_is_better else -1)
    assert (falling <= 0).all()
    assert set(got["id"].to_pylist()) == {f"{i:02}" for i in range(40) if i % 8}
    assert got["id"].to_pylist().index("05") < got["id"].to_pylist().index("11")
    assert store.nearest("m", query, 3, metric=metric, exact=True).equals(got.slice(0, 3))
    assert len(store.nearest("m", query, 0, metric=metric)) == 0


def test_articles_worked_examples(store):
    store.put(rows(["same", "opposite", "orthogonal"], v_m=[[2, 4], [-1, -2], [-2, 1]]))
    got = store.nearest("m", [1, 2], 3)
    assert got["id"].to_pylist() == ["same", "orthogonal", "opposite"]
    np.testing.assert_allclose(got["score"], [1, 0, -1], atol=1e-6)
    assert store.nearest("m", [1, 2], 3, metric=Metric.DOT)["score"].to_pylist() == [10, 0, -5]


@pytest.mark.parametrize("metric", Metric)
def test_vectors_of_zeros(store, metric):
    store.put(rows(["zero", "one"], v_m=[[0, 0], [0, 1]]))
    found = store.nearest("m", [0, 1], 5, metric=metric)["id"].to_pylist()
    assert found == (["one"] if metric is Metric.COSINE else ["one", "zero"])
    assert len(store.nearest("m", [0, 0], 5, metric=metric)) == (0 if metric is Metric.COSINE else 2)


def test_filters_come_before_the_search(store):
    vectors = [[1, i / 100] for i in range(100)]
    store.put(rows([f"{i:02}" for i in range(100)], v_m=vectors, f_n=list(range(100))))
    got = store.nearest("m", [1, 0], 10, where=Compare("f_n", ">", 89))
    assert got["id"].to_pylist() == [str(i) for i in range(90, 100)]
    assert len(store.nearest("m", [1, 0], 10, where=Compare("f_n", ">", 1000))) == 0


def test_parts_are_found_and_ties_are_by_id_and_part(store):
    store.put(rows(["b", "b", "a", "a"], [0, 2, 1, 0], v_m=[[1, 1]] * 4))
    got = store.nearest("m", [1, 1], 9)
    pairs = list(zip(got["id"].to_pylist(), got["part"].to_pylist(), strict=True))
    assert pairs == [("a", 0), ("a", 1), ("b", 0), ("b", 2)]


def test_several_named_vectors(store):
    store.put(rows(["a", "b"], v_meaning=[[1, 0], [0, 1]], v_look=[None, [1, 2, 3]]))
    assert store.nearest("meaning", [0, 1], 1)["id"].to_pylist() == ["b"]
    assert store.nearest("look", [1, 1, 1], 5)["id"].to_pylist() == ["b"]
    store.drop_vector("look")
    assert "v_look" not in store.schema().names
    with pytest.raises(UnknownNameError, match="look"):
        store.nearest("look", [1, 1, 1], 5)
    with pytest.raises(UnknownNameError, match="look"):
        store.drop_vector("look")
    store.put(rows(["c"], v_look=[[1, 2, 3, 4]]))  # another width is another vector now
    assert store.nearest("look", [1, 1, 1, 1], 5)["id"].to_pylist() == ["c"]


@pytest.mark.parametrize("query", [[1, 2, 3], [1], [[1, 2]], [1, float("nan")]], ids=str)
def test_a_query_of_another_shape(store, query):
    store.put(rows(["a"], v_m=[[1, 2]]))
    with pytest.raises(DimensionError, match="'m'"):
        store.nearest("m", query, 1)


# --- words


def test_match_is_bm25(store):
    store.put(
        rows(
            ["both", "one", "long", "none", "textless"],
            terms=["魔法 學校", "魔法 a", "魔法 " + "x " * 50 + "y", "b", None],
        )
    )
    got = store.match(["魔法", "學校"], 9)
    assert got["id"].to_pylist() == ["both", "one", "long"]
    average = (2 + 2 + 52 + 1) / 4
    idf = {"魔法": np.log(1 + 1.5 / 3.5), "學校": np.log(1 + 3.5 / 1.5)}
    short = 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / average))
    np.testing.assert_allclose(got["score"][0].as_py(), (idf["魔法"] + idf["學校"]) * short, rtol=1e-5)
    np.testing.assert_allclose(got["score"][1].as_py(), idf["魔法"] * short, rtol=1e-5)
    assert got["part"].to_pylist() == [0, 0, 0]


def test_match_takes_terms_as_they_are(store):
    odd = [
        "The",
        "the",
        "running",
        "é",
        "長" * 300,
        "a:b",
        "-x",
        "+x",
        "(x",
        '"x',
        "x*",
        "x~2",
        "AND",
        "\\",
        "'",
        "C++",
    ]
    store.put(rows([str(i) for i in range(len(odd))], terms=odd))
    for i, term in enumerate(odd):
        assert store.match([term], 9)["id"].to_pylist() == [str(i)], term
    assert len(store.match(["nowhere"], 9)) == len(store.match([], 9)) == len(store.match(["the"], 0)) == 0


def test_match_with_a_filter_keeps_the_scores(store):
    store.put(rows(["a", "b", "c"], terms=["x y", "x", "y y"], f_n=[1, 2, 3]))
    scores = dict(
        zip(*(store.match(["x", "y"], 9)[name].to_pylist() for name in ("id", "score")), strict=True)
    )
    got = store.match(["x", "y"], 9, where=Compare("f_n", "<", 3))
    assert {id: pytest.approx(scores[id]) for id in "ab"} == dict(
        zip(got["id"].to_pylist(), got["score"].to_pylist(), strict=True)
    )


# --- every store against the readable one


def same_hits(one: pa.Table, other: pa.Table) -> None:
    """The same scores, and the same rows wherever no tie leaves a choice."""
    a, b = one["score"].to_numpy(), other["score"].to_numpy()
    np.testing.assert_allclose(a, b, atol=1e-5, rtol=1e-5)
    last = a[-1] if len(a) else 0
    sets = [
        {(row["id"], row["part"]) for row in table.to_pylist() if abs(row["score"] - last) > 1e-4}
        for table in (one, other)
    ]
    assert sets[0] == sets[1]


@pytest.mark.parametrize("names", TOGETHER)
@pytest.mark.parametrize("seed", range(3))
def test_all_stores_agree_on_random_histories(tmp_path, names, seed):
    rng = np.random.default_rng(seed)
    stores = [STORES[name](tmp_path / name) for name in names]
    vocabulary = [f"w{i}" for i in range(200)] + ["魔法", "奇幻"]

    def some(n: int) -> pa.Table:
        items = rng.choice(800, n, replace=False)
        keys = [(f"項{i}", part) for i in items for part in range(rng.integers(1, 4))]
        words = [
            " ".join(rng.choice(vocabulary, rng.integers(1, 40), p=zipf))
            if part == 0 and rng.random() < 0.9
            else None
            for _, part in keys
        ]
        vectors = [None if rng.random() < 0.1 else vector for vector in rng.normal(size=(len(keys), 24))]
        return rows(
            *zip(*keys, strict=True),
            terms=pa.array(words, pa.string()),
            v_m=vectors,
            f_n=rng.integers(0, 9, len(keys)).tolist(),
        )

    zipf = 1 / np.arange(1, len(vocabulary) + 1)
    zipf /= zipf.sum()
    for step, size in enumerate([5, 300, 40, 40, 1, 1, 300, 20]):
        table, gone = some(size), [f"項{i}" for i in rng.choice(800, 15)]
        for one in stores:
            one.put(table)
            one.delete(gone)
            if step == 4:
                one.optimize()
        memory, *others = stores
        query, terms = rng.normal(size=24).astype(np.float32), list(rng.choice(vocabulary, 4, p=zipf))
        where = Compare("f_n", "<", 5)
        for other in others:
            assert everything(other, "id", "part", "terms", parts=True) == everything(
                memory, "id", "part", "terms", parts=True
            )
            for k in (1, 10, 1000):
                same_hits(memory.match(terms, k), other.match(terms, k))
                same_hits(memory.match(terms, k, where=where), other.match(terms, k, where=where))
                for metric in Metric:
                    asked = {"metric": metric, "where": where}
                    same_hits(memory.nearest("m", query, k, **asked), other.nearest("m", query, k, **asked))
                    many = other.nearest_of_many("m", [query, -query, 0 * query], k, **asked)
                    for one, found in zip((query, -query, 0 * query), many, strict=True):
                        same_hits(memory.nearest("m", one, k, **asked), found)


# --- notes


def test_notes_merge_key_by_key(store):
    store.write_meta({"encoder": {"name": "e5-small", "d": 384}, "名": "圖書", "gone": 1})
    store.write_meta({"gone": None, "n": 2.5, "encoder": {"name": "use"}})
    assert store.read_meta() == {"encoder": {"name": "use"}, "名": "圖書", "n": 2.5}
    store.put(rows(["a"]))
    store.optimize()
    assert store.read_meta() == {"encoder": {"name": "use"}, "名": "圖書", "n": 2.5}
    store.write_meta({})


@pytest.mark.parametrize("notes", [{"a": object()}, {"a": float("nan")}, {"_mine": 1}, {1: 1}], ids=str)
def test_notes_that_cannot_be_kept(store, notes):
    with pytest.raises(InputError):
        store.write_meta(notes)
    assert store.read_meta() == {}


# --- threads


def test_threads_may_share_a_store(store):
    store.put(rows(["0"], v_m=[[1, 0]], terms=["x"]))
    errors = []

    def work(thread: int) -> None:
        try:
            for i in range(8):
                store.put(rows([f"{thread}-{i}"] * 2, [0, 1], v_m=[[1, i], [i, 1]], terms=["x", None]))
                store.write_meta({f"{thread}-{i}": i})
                assert len(store.nearest("m", [1, 0], 3)) == 3
                assert len(store.match(["x"], 2)) == 2
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.count() == 33
    assert len(everything(store, parts=True)) == 65
    assert len(store.read_meta()) == 32
