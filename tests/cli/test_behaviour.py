"""``firth train interactions`` and ``firth recommend``, as a person types them."""

from __future__ import annotations

import csv

import pytest
from tests import readers

import firth


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "借閱.csv"
    rows = readers.rows()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def shop(shelf):
    firth.open(shelf).add(readers.books(more=2))
    return shelf


def learn(run, table, shop, *more):
    return run("train", "interactions", table, "--user", "reader", "--item", "book", "-c", shop, *more)


def test_from_a_table_to_recommendations(run, table, shop):
    done = learn(run, table, shop, "--time", "day")
    assert (done.code, done.err) == (0, "") and done.widest <= 80
    assert "160 users" in done.out and "the last item of each of 160 users" in done.out and "kept" in done.out
    done = run("recommend", "--user", "r0", "-c", shop)
    assert done.code == 0 and done.widest <= 80
    assert done.out.splitlines()[0].split() == ["score", "id", "text", "because", "of"]
    assert sum(line.endswith("new") for line in done.out.splitlines()) == 2


def test_users_are_counted_and_shown_by_themselves(run, table, shop):
    learn(run, table, shop)
    said = run("status", "-c", shop).out
    assert "88 items: 88 text; 160 users" in said
    assert "-d, learned from what users did" in said
    near = run("similar", "user:r0", "--vector", "taste", "-n", "3", "-c", shop)
    nearest = near.out.splitlines()[1].split()[2]
    took = firth.open(shop).get(nearest)[0]["fields"]["took"]
    assert near.widest <= 80 and ", ".join(took) in near.out


def test_json(run, table, shop):
    (report,) = learn(run, table, shop, "--json").records
    assert report["users"] == 160 and {r["model"] for r in report["judged"]} >= {"popular", "item-cosine"}
    records = run("recommend", "--like", "3", "--unlike", "25", "-n", "5", "-c", shop, "--json").records
    assert len(records) == 5 and {"id", "score", "because", "new"} <= set(records[0])


def test_weights_and_rows_that_cannot_be_used(run, table, shop):
    with table.open("a", encoding="utf-8") as file:
        file.write("r1,,4,9\n")
    done = learn(run, table, shop, "--weight", "stars", "--at-least", "4")
    assert done.code == 1 and "row 1420: no book" in done.out
    assert "below stars 4" in done.out


def test_what_is_wrong_is_said(run, table, shop):
    assert (
        "no column 'who'"
        in run("train", "interactions", table, "--user", "who", "--item", "book", "-c", shop).err
    )
    done = run("recommend", "-c", shop)
    assert done.code != 0 and "--user ID, or --like ID" in done.err
    assert "knows nothing of what users did" in run("recommend", "--user", "r0", "-c", shop).err
