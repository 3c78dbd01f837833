"""What only the store on a PostgreSQL server promises: addresses, rights, names, processes, restarts, indexes."""

from __future__ import annotations

import itertools
import multiprocessing
import operator
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from tests.servers import postgres

from firth.errors import InputError, SchemaError, StoreError
from firth.similarity import Metric
from firth.stores import open_store
from firth.stores.base import COLUMNS
from firth.stores.filters import And, Compare, Contains, Has, In, Like, Not
from firth.stores.memory import MemoryStore
from firth.stores.postgres import PostgresStore, layout, maintenance, server, vectors
from firth.stores.postgres.address import Address, fitted

from .made import rows

SPAWN = multiprocessing.get_context("spawn")
_numbers = itertools.count(1)


@pytest.fixture
def address() -> str:
    """Of a collection that is not there yet."""
    return postgres.address(f"藏書{next(_numbers)}")


@pytest.fixture
def store(address) -> PostgresStore:
    return PostgresStore(address)


def found(store, *columns: str, **asked) -> list[tuple]:
    return sorted(tuple(row.values()) for batch in store.scan(columns, **asked) for row in batch.to_pylist())


def sql(statement: str, *values, database: str = "postgres", user: str = "postgres") -> list[tuple]:
    conninfo = Address.of(postgres.server().address("x", database=database, user=user)).conninfo
    with psycopg.connect(conninfo, autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


# --- addresses


@pytest.mark.parametrize(
    ("location", "conninfo", "collection", "shown"),
    [
        ("postgresql://h/db", "postgresql://h/db", "default", "postgresql://h/db?collection=default"),
        ("postgres://u@h:1/db?collection=b", "postgres://u@h:1/db", "b", "postgres://u@h:1/db?collection=b"),
        (
            "postgresql://u:p%40@h1,h2:7/db?sslmode=require&collection=%E6%9B%B8&password=x",
            "postgresql://u:p%40@h1,h2:7/db?sslmode=require&password=x",
            "書",
            "postgresql://u@h1,h2:7/db?collection=書",
        ),
        (
            "postgresql:///db?host=/run&collection=a",
            "postgresql:///db?host=/run",
            "a",
            "postgresql:///db?collection=a",
        ),
    ],
)
def test_a_location_taken_apart(location, conninfo, collection, shown):
    got = Address.of(location)
    assert (got.conninfo, got.collection, str(got)) == (conninfo, collection, shown)


@pytest.mark.parametrize("query", ["collection=", "collection=a&collection=b", "collection=%00"])
def test_a_collection_has_one_name(query):
    with pytest.raises(InputError, match="expected one name"):
        open_store(f"postgresql://h/db?{query}")


def test_a_constructor_only_stores():
    code = """
import sys
from firth.stores import open_store
open_store("postgresql://nobody:secret@127.0.0.1:1/nothing?collection=books")
assert "psycopg" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_made_before_the_first_write(store):
    assert (store.count(), store.version(), store.schema(), store.read_meta()) == (0, 0, COLUMNS, {})
    assert list(store.scan(["id"])) == []
    assert store.delete(["a"]) == 0
    store.optimize()
    schema = store._session.address.schema
    with pytest.raises(SchemaError):
        store.put(pa.table({"id": ["a"], "part": [0], "color": ["red"]}))
    assert sql("select 1 from pg_namespace where nspname = %s", schema) == []
    store.put(rows(["a"]))
    assert sql(f'select id, f_seed from "{schema}".items') == [("a", 0)]  # as a person reads it


# --- servers that do not do


def test_no_server():
    with pytest.raises(
        StoreError, match=r"could not connect to postgresql://me@127.0.0.1:1/db\?.*Next: check host"
    ):
        open_store("postgresql://me:secret@127.0.0.1:1/db").count()


def test_no_database():
    with pytest.raises(StoreError, match=r'"nowhere" does not exist.*CREATE DATABASE'):
        open_store(postgres.server().address("a", database="nowhere")).count()


@pytest.mark.parametrize(
    "location",
    [
        "{user}:wrong%40secret@127.0.0.1:{port}/postgres",
        "{user}@127.0.0.1:{port}/postgres?password=wrong@secret",
    ],
)
def test_a_wrong_password_is_not_shown(location):
    if not sql("select 1 from pg_roles where rolname = %s", postgres.GUARDED):
        sql(f"create role {postgres.GUARDED} login password 'right'")
    location = location.format(user=postgres.GUARDED, port=postgres.server().port)
    with pytest.raises(StoreError, match=r"password authentication failed.*~/.pgpass") as caught:
        open_store(f"postgresql://{location}").count()
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("rest", ["h:port/db", "h/db?nonsense=1", "[h/db", "h/db?sslmode"])
def test_a_location_that_libpq_does_not_read(rest):
    with pytest.raises(StoreError, match="could not connect") as caught:
        open_store(f"postgresql://me:secret@{rest}").count()
    assert "secret" not in str(caught.value)


def test_a_user_who_may_not_make_the_extension():
    for statement in (
        "drop database if exists bare",
        "create database bare",
        "drop role if exists guest",
        "create role guest login",
    ):
        sql(statement)
    guest = open_store(postgres.server().address("books", database="bare", user="guest"))
    assert guest.count() == 0
    with pytest.raises(StoreError, match=r"lacks the extension vector.*superuser.*CREATE EXTENSION vector;"):
        guest.put(rows(["a"]))
    sql("create schema elsewhere; create extension vector schema elsewhere", database="bare")
    with pytest.raises(StoreError, match=r"permission denied.*GRANT"):
        guest.put(rows(["a"]))
    sql("grant create on database bare to guest; grant usage on schema elsewhere to guest", database="bare")
    guest = open_store(postgres.server().address("books", database="bare", user="guest"))
    guest.put(rows(["a"]))
    assert guest.nearest("m", np.ones(8), 1)["id"].to_pylist() == ["a"]


def test_old_versions_are_refused(address, monkeypatch):
    open_store(address).put(rows(["a"]))
    monkeypatch.setattr(server, "OLDEST_PGVECTOR", (99, 0))
    with pytest.raises(StoreError, match=r"vector 0\.8.*ALTER EXTENSION vector UPDATE;"):
        open_store(address).count()
    monkeypatch.setattr(server, "OLDEST_SERVER", 99)
    with pytest.raises(StoreError, match="PostgreSQL 18; expected 99 or newer"):
        open_store(address).count()


def test_a_database_in_another_encoding(address):
    sql("drop database if exists latin")
    sql("create database latin encoding 'LATIN1' locale_provider libc locale 'C' template template0")
    with pytest.raises(StoreError, match=r"LATIN1.*UTF8"):
        open_store(postgres.server().address("a", database="latin")).count()


def test_a_fork_does_not_speak_on_its_parents_connections(store):
    store.put(rows(["a"]))
    child = os.fork()
    if child == 0:
        store.count()
        os._exit(0 if store._session._connections._process == os.getpid() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.count() == 1


def test_rows_that_are_none(store):
    store.put(rows([]))
    assert (store.count(), store.version()) == (0, 1)
    store.put(pa.table({"id": ["a"], "part": [0], "f_x": pa.nulls(1)}))
    assert "f_x" not in store.schema().names
    assert found(store, "id") == [("a",)]


# --- the layout


def test_a_newer_layout_is_refused(store, address):
    store.put(rows(["a"]))
    sql(f'update "{store._session.address.schema}".state set layout = 99')
    for refused in (lambda: open_store(address).count(), lambda: store.put(rows(["b"]))):
        with pytest.raises(StoreError, match=r"layout 99.*upgrade"):
            refused()


def test_an_older_layout_is_brought_up_to_date(store, address, monkeypatch):
    store.put(rows(["a"]))
    new = (*layout.MIGRATIONS, "create table {schema}.more (x int); insert into {schema}.more values (7)")
    monkeypatch.setattr(layout, "MIGRATIONS", new)
    assert open_store(address).count() == 1
    store.put(rows(["b"]))
    assert sql(f'select x from "{store._session.address.schema}".more') == [(7,)]
    fresh = open_store(postgres.address(f"藏書{next(_numbers)}"))
    fresh.put(rows(["a"]))
    assert fresh.count() == 1


def test_several_make_the_collection_at_once(address):
    errors = []

    def work(who: int) -> None:
        try:
            open_store(address).put(rows([str(who)], **{f"f_only{who}": [who]}))
        except BaseException as error:
            errors.append(error)

    run_all(work, 6)
    assert errors == []
    store = open_store(address)
    assert store.count() == 6
    assert {f"f_only{who}" for who in range(6)} <= set(store.schema().names)


def run_all(work, times: int) -> None:
    threads = [threading.Thread(target=work, args=(who,)) for who in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_names_that_postgresql_would_cut():
    long = "這是一個非常非常長的名字" * 10
    one, other = (open_store(postgres.address(f"{long}{end}")) for end in "甲乙")
    columns = {f"f_{long}{end}": [end] for end in "甲乙"}
    vector = pa.array([[1.0, 2.0]], pa.list_(pa.float32(), 2))
    one.put(pa.table({"id": ["a"], "part": [0], **columns, f"v_{long}": vector, f'f_{long}"%s{{}}': [1.5]}))
    assert (one.count(), other.count()) == (1, 0)
    assert one.schema().names[len(COLUMNS) :] == [*columns, f"v_{long}", f'f_{long}"%s{{}}']
    assert found(one, f"f_{long}甲", f"f_{long}乙") == [("甲", "乙")]
    assert found(one, "id", where=Compare(f"f_{long}甲", "=", "乙")) == []
    assert found(one, "id", where=Compare(f'f_{long}"%s{{}}', ">", 1.0)) == [("a",)]
    one.optimize()
    assert one.nearest(long, [1, 2], 1)["id"].to_pylist() == ["a"]
    one.drop_vector(long)
    assert f"v_{long}" not in one.schema().names
    assert len(fitted(long).encode()) <= 63


# --- what PostgreSQL cannot hold


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (rows(["a", "b"], f_t=["fine", "a\0b"]), "id 'b', column 't'.*U\\+0000.*remove"),
        (rows(["a"], f_l=pa.array([["x", None, "\0"]])), "id 'a', column 'l'"),
        (rows(["a\0"]), "column 'id'"),
        (rows(["a"], text=["\0"]), "column 'text'"),
        (rows(["a"], **{"f_\0": [1]}), "rename"),
        (rows(["長" * 1000]), "id of 3000 bytes"),
        (rows(["a"], d=16_001), "16001 dimensions; pgvector holds 16000"),
    ],
    ids=range(7),
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(store, table, said):
    with pytest.raises(SchemaError, match=said):
        store.put(table)
    assert store.version() == 0


def test_values_that_no_text_here_holds(store):
    memory, texts = MemoryStore(), ["", "a", "a\x01", "ab", "b", None]
    table = rows(list("uvwxyz"), f_t=texts, f_l=pa.array([[t] if t is not None else None for t in texts]))
    for one in (store, memory):
        one.put(table)
    wheres = [
        Compare("f_t", operator, value)
        for operator in ("=", "!=", "<", "<=", ">", ">=")
        for value in ("\0", "a\0b")
    ]
    wheres += [
        In("f_t", ("\0",)),
        In("f_t", ("\0", "a")),
        Contains("f_t", "\0"),
        Has("f_l", "\0"),
        Like("f_t", "a\0%"),
    ]
    for where in wheres:
        for asked in (where, Not(where)):
            assert found(store, "id", where=asked) == found(memory, "id", where=asked), asked
    assert found(store, "id", ids=["u", "\0"]) == [("u",)]
    assert store.delete(["\0"]) == 0
    assert len(store.match(["\0"], 3)) == 0


def test_numbers_are_compared_exactly(store):
    big = [2**53, 2**53 + 1, 2**62, -(2**63), 2**63 - 1, 0, None]
    real = [float("inf"), -0.0, 1e-300, 1.5, None, -float("inf"), 2.0**53]
    store.put(rows(list("tuvwxyz"), f_n=pa.array(big, pa.int64()), f_r=real))
    signs = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt}
    for sign, holds in signs.items():
        for column, values in (("f_n", big), ("f_r", real)):
            for value in (2.0**53, 2**53 + 1, 0.5, -0.0, 1e300, float(2**63), 2**63 - 1, 2**70, -1e-300):
                if column == "f_r" and value == 2**53 + 1:  # becomes a float beside floats
                    continue
                expected = [
                    id for id, x in zip("tuvwxyz", values, strict=True) if x is not None and holds(x, value)
                ]
                assert [id for (id,) in found(store, "id", where=Compare(column, sign, value))] == expected


def test_moments_far_away(store):
    moments = pa.array([-62135596800_000_000 - 5, 253402300800_000_001, None], pa.timestamp("us"))
    store.put(rows(list("abc"), f_when=moments))
    (batch,) = store.scan(["id", "f_when"])
    got = dict(zip(batch["id"].to_pylist(), batch["f_when"].cast(pa.int64()).to_pylist(), strict=True))
    assert list(map(got.get, "abc")) == moments.cast(pa.int64()).to_pylist()


def test_a_scan_of_no_columns_counts(store):
    store.put(rows(list("abc")))
    assert sum(map(len, store.scan([]))) == 3


# --- words


def test_scores_are_those_of_the_readable_store(store):
    rng, memory = np.random.default_rng(3), MemoryStore()
    vocabulary = [f"w{i}" for i in range(400)] + ["長" * 3000, "c++", "3.14", "👩‍🚀", "it's", "\\"]
    weights = 1 / np.arange(1, len(vocabulary) + 1)
    weights /= weights.sum()
    ids = [str(i) for i in range(1500)]
    terms = [" ".join(rng.choice(vocabulary, rng.integers(1, 50), p=weights)) for _ in ids]
    table = rows(ids).set_column(2, "terms", pa.array(terms))
    for one in (store, memory):
        one.put(table)
        one.put(table.slice(100, 50))
        one.delete(ids[:40])
    for n in (1, 3, 150):
        for k in (1, 10, 2000):
            asked = list(rng.choice(vocabulary, n, p=weights)) + vocabulary[-n:]
            where = Compare("id", "<", "2")
            for given in ({}, {"where": where}):
                ours, theirs = store.match(asked, k, **given), memory.match(asked, k, **given)
                assert ours["id"].to_pylist() == theirs["id"].to_pylist()
                np.testing.assert_allclose(ours["score"], theirs["score"], rtol=1e-12)


def test_counts_of_words_stay_right(store):
    for seed in range(4):
        store.put(rows([f"{seed}", "same"], seed=seed))
    store.delete(["0", "nobody"])
    schema = store._session.address.schema
    counts = sql(f'select documents, terms from "{schema}".state')
    assert counts == sql(f'select count(*), sum(n) from "{schema}".words') == [(4, 8)]
    kept = dict(sql(f'select word, n from "{schema}".frequencies where n <> 0'))
    assert kept == dict(sql(f'select unnest(words), count(*) from "{schema}".words group by 1'))
    store.optimize()
    assert sql(f'select count(*) from "{schema}".frequencies where n = 0') == [(0,)]


def test_a_very_long_question(store):
    store.put(rows(["a", "b"]))
    assert store.match([f"w{i}" for i in range(5000)] + ["魔法"], 5)["id"].to_pylist() == ["a", "b"]
    words = [f"w{i}" for i in range(6000)]
    store.put(rows(["c"]).set_column(2, "terms", pa.array([" ".join(words)])))
    assert store.match(words, 5)["id"].to_pylist() == ["c"]


# --- processes, crashes, restarts


def _write(address: str, who: int, times: int) -> None:
    store = open_store(address)
    for i in range(times):
        shared = [f"shared{(who + i + j) % 5}" for j in range(4)]
        store.put(rows([f"{who}-{i}", *shared], parts=3, seed=who, **{f"f_by{who}_{i % 4}": [i] * 15}))
        store.write_meta({f"{who}": i})
        store.delete([f"{who}-{i - 1}"] if i % 3 == 2 else [])


def test_four_processes_write_at_once(address):
    store = open_store(address)
    writers = [SPAWN.Process(target=_write, args=(address, who, 9)) for who in range(4)]
    for writer in writers:
        writer.start()
    seen, versions = set(), [0]
    while any(writer.is_alive() for writer in writers):
        if "f_seed" in store.schema().names:
            for shared in (f"shared{i}" for i in range(5)):
                seen.add(tuple(seed for (seed,) in found(store, "f_seed", ids=[shared], parts=True)))
        versions.append(store.version())
        store.optimize()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert seen <= {(), *((who,) * 3 for who in range(4))}  # never half of one's item and half of another's
    assert versions == sorted(versions)
    assert store.count() == 4 * 6 + 5
    assert sum(map(len, store.scan(["id"], parts=True))) == 3 * store.count()
    assert store.read_meta() == {str(who): 8 for who in range(4)}
    assert len(store.match(["魔法"], 100)) == store.count()


def _write_for_ever(address: str, log: str) -> None:
    store = open_store(address)
    with Path(log).open("a") as file:
        for i in itertools.count():
            store.put(rows([f"{i}-{j}" for j in range(300)] + ["same"], parts=3, d=64, seed=i))
            file.write(f"{i}\n")
            file.flush()


@pytest.mark.parametrize("after", [0.0, 0.13, 0.31])
def test_a_killed_writer_loses_nothing_acknowledged(address, tmp_path, after):
    log = tmp_path / "acknowledged"
    log.touch()
    writer = SPAWN.Process(target=_write_for_ever, args=(address, str(log)))
    writer.start()
    while not log.read_text():
        time.sleep(0.02)
    time.sleep(after)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    done = {int(line) for line in log.read_text().splitlines()}
    store = open_store(address)
    store.put(rows(["after"], d=64))  # waits for whatever the server still does for the dead
    ids = [id for (id,) in found(store, "id") if "-" in id]
    batches = {int(id.split("-")[0]) for id in ids}
    assert done <= batches <= done | {max(done) + 1}
    assert len(ids) == 300 * len(batches)
    assert sum(map(len, store.scan(["id"], parts=True))) == 3 * (len(ids) + 1) + 1


def test_the_server_restarts_between_two_calls(store):
    store.put(rows(["a"]))
    postgres.server().restart()
    assert store.count() == 1
    postgres.server().stop("immediate")  # as if killed: connections get no farewell, data its recovery
    with pytest.raises(StoreError, match="could not connect"):
        store.count()
    postgres.server().start()
    store.put(rows(["b"]))
    assert store.count() == 2


def test_a_connection_that_breaks_in_the_middle(store):
    store.put(rows([str(i) for i in range(10_000)]))
    batches = store.scan(["id"])
    assert len(next(batches)) == 8192
    sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'firth'")
    with pytest.raises(StoreError, match=r"could not read in postgresql://.*Next"):
        list(batches)
    assert store.count() == 10_000
    assert sum(map(len, store.scan(["id"]))) == 10_000


def test_a_scan_stands_in_nobodys_way(store):
    store.put(rows([str(i) for i in range(9000)]))
    batches = store.scan(["id", "v_m"])
    first = next(batches)
    store.put(rows(["new"], f_added=[1]))  # changes the table that is being read
    store.drop_vector("m")
    assert len(first) + sum(map(len, batches)) == 9000  # as it was
    assert store.count() == 9001


# --- indexes


def clustered(n: int, d: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(60, d))
    return (centres[rng.integers(0, 60, n)] + 0.7 * rng.normal(size=(n, d))).astype(np.float32)


def is_indexed(store: PostgresStore, vector: str) -> bool:
    with store._session.reading("look") as view:
        return vectors.is_indexed(view, f"v_{vector}")


def filled(store: PostgresStore, n: int, **widths: int) -> PostgresStore:
    columns = {
        f"v_{name}": pa.FixedSizeListArray.from_arrays(pa.array(clustered(n, d, 1).ravel()), d)
        for name, d in widths.items()
    }
    ids = [f"{i:05}" for i in range(n)]
    zeros = pa.array([0] * n, pa.int32())
    store.put(pa.table({"id": ids, "part": zeros, "f_n": list(range(n)), **columns}))
    return store


def test_the_index_finds_what_the_exact_search_finds(store, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 1000)
    filled(store, 2500, m=48, look=2100)
    assert not is_indexed(store, "m")
    store.optimize()
    assert is_indexed(store, "m")
    assert is_indexed(store, "look")  # pgvector's own type is indexed up to 2,000 dimensions only
    for name, d in (("m", 48), ("look", 2100)):
        hits = 0
        for query in clustered(10, d, 2):
            exact, quick = (store.nearest(name, query, 10, exact=flag) for flag in (True, False))
            assert len(quick) == 10
            hits += len(set(exact["id"].to_pylist()) & set(quick["id"].to_pylist()))
            assert quick["score"][0].as_py() == pytest.approx(exact["score"][0].as_py(), abs=1e-12)
        assert hits >= 95
    store.put(rows(["new"], d=48))
    store.optimize()
    (new,) = found(store, "v_m", ids=["new"])
    assert store.nearest("m", new[0], 1)["id"].to_pylist() == ["new"]
    store.delete(["new"])
    assert store.nearest("m", new[0], 1)["id"].to_pylist() != ["new"]
    store.drop_vector("m")
    store.optimize()


@pytest.mark.parametrize(
    "where", [Compare("f_n", ">=", 4950), And((Not(Compare("f_n", "<", 4970)),)), None], ids=str
)
def test_the_index_goes_on_until_enough_rows_pass(store, monkeypatch, where):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 1000)
    monkeypatch.setattr(vectors, "EXACT_AMONG", 0)
    filled(store, 5000, m=16).optimize()
    monkeypatch.setattr(vectors, "_candidates_by_scan", lambda *_, **__: pytest.fail("the index was enough"))
    for query in clustered(5, 16, 2):
        assert len(store.nearest("m", query, 10, where=where)) == 10


def test_the_scan_helps_out_where_the_index_gives_up(store, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 1000)
    monkeypatch.setattr(vectors, "EXACT_AMONG", 0)
    monkeypatch.setattr(vectors, "_MOST_SCANNED", 1)
    filled(store, 5000, m=16).optimize()
    got = store.nearest("m", clustered(1, 16, 2)[0], 10, where=Compare("f_n", ">=", 4990))
    assert len(got) == 10


def test_vectors_too_wide_or_too_long_for_the_index(store, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 10)
    filled(store, 30, wide=4001)
    wild = np.zeros((30, 4), np.float32)
    wild[:, 0] = np.geomspace(1e-15, 1e15, 30)  # beyond half precision on both sides
    wild[:, 1] = np.geomspace(1e15, 1e-15, 30)
    wild[7] = 0
    column = pa.FixedSizeListArray.from_arrays(pa.array(wild.ravel()), 4)
    store.put(pa.table({"id": [str(i) for i in range(30)], "part": [0] * 30, "v_wild": column}))
    store.optimize()
    assert not is_indexed(store, "wide")
    assert is_indexed(store, "wild")
    assert len(store.nearest("wide", np.ones(4001), 40)) == 30
    for metric in Metric:
        got = store.nearest("wild", [1, 2, 0, 0], 40, metric=metric)
        assert len(got) == (29 if metric is Metric.COSINE else 30)
    store.put(rows(["later"], d=8))


def test_an_index_that_broke_off_is_made_anew(store, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 100)
    filled(store, 200, m=4).optimize()
    sql("update pg_index set indisvalid = false where indexrelid = %s::regclass",
        f'"{store._session.address.schema}"."items_v_m_hnsw"')  # fmt: skip
    assert not is_indexed(store, "m")
    store.optimize()
    assert is_indexed(store, "m")


def test_fields_are_indexed_even_with_long_texts(store):
    texts = ["短", "長" * 5000, None, "短" + "x" * 300]
    table = rows(list("abcd"), f_t=texts, f_l=pa.array([["a" * 9000], ["b"], None, []]))
    store.put(table)
    store.optimize()
    store.put(table)
    for where in (Compare("f_t", "=", texts[1]), In("f_t", (texts[1], "?")), Compare("f_t", ">", "長")):
        assert found(store, "id", where=where) == [("b",)]
    assert found(store, "id", where=Not(In("f_t", (texts[1], texts[3])))) == [("a",)]
    assert found(store, "id", where=Has("f_l", "b")) == [("b",)]
    store.put(rows(["e"], d=8).set_column(3, "f_seed", pa.array([0.5])))  # a wider type under an index
    assert found(store, "f_seed", ids=["a", "e"]) == [(0.0,), (0.5,)]


def test_optimize_with_nothing_to_do_changes_nothing(store):
    store.put(rows(["a", "b"]))
    store.optimize()
    version = store.version()
    store.optimize()
    assert store.version() == version
