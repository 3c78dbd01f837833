"""``firth map`` and ``states``; ``firth serve`` is in tests/server/test_process.py."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest


def test_a_map_as_one_file(run, added, tmp_path):
    done = run("map", "-o", tmp_path / "書.html", "-c", added, "--method", "pca")
    assert (done.code, done.err) == (0, "")
    assert "4 items -> " in done.out
    assert "紅樓夢" in (tmp_path / "書.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("dim", [2, 3])
def test_a_map_as_a_table(run, added, tmp_path, dim):
    done = run("map", "-o", tmp_path / "map.parquet", "-c", added, "--method", "pca", "--dim", dim)
    assert done.code == 0, done.err
    table = pq.read_table(tmp_path / "map.parquet")
    assert {"id", "text", "x", "y", "neighbors"} <= set(table.column_names)
    assert ("z" in table.column_names) == (dim == 3)
    row = table.to_pylist()[0]
    assert sorted(row["neighbors"]["ids"]) == [1, 2, 3]
    assert row["neighbors"]["distances"] == sorted(row["neighbors"]["distances"])


@pytest.mark.parametrize(("ending", "begins"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_a_map_as_a_picture(run, added, tmp_path, ending, begins):
    pytest.importorskip("matplotlib")
    done = run("map", "-o", tmp_path / f"map{ending}", "-c", added, "--method", "pca")
    assert done.code == 0, done.err
    assert (tmp_path / f"map{ending}").read_bytes().startswith(begins)
    refused = run("map", "-o", tmp_path / f"deep{ending}", "-c", added, "--method", "pca", "--dim", "3")
    assert (refused.code, "expected 2" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "map.gif"], ".html, .png, .svg, .parquet"),
        (["--vector", "nothing"], "meaning"),
        (["--method", "magic"], "umap"),
    ],
)
def test_what_cannot_be_drawn(run, added, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    done = run("map", "-c", added, *arguments)
    assert done.code == 2
    assert told in done.err
    assert not list(tmp_path.glob("map.*"))


def test_states_are_kept_listed_drawn_and_forgotten(run, added, tmp_path):
    assert "no states yet" in run("states", "-c", added).out
    kept = run("states", "-c", added, "--save", "訓練前")
    assert (kept.code, kept.err) == (0, "")
    assert kept.out.splitlines()[1].split()[:3] == ["訓練前", "meaning", "4"]
    assert json.loads(run("states", "-c", added, "--json").out)["name"] == "訓練前"
    again = run("states", "-c", added, "--save", "訓練前")
    assert (again.code, "another name" in again.err) == (2, True)
    drawn = run("map", "-c", added, "--vector", "saved:訓練前", "--method", "pca", "-o", tmp_path / "m.html")
    assert drawn.code == 0, drawn.err
    taken = run("states", "-c", added, "--save", "elsewhere", "--from", added, "--json")
    assert [json.loads(line)["name"] for line in taken.out.splitlines()] == ["訓練前", "elsewhere"]
    assert run("states", "-c", added, "--from", added).code == 2
    run("states", "-c", added, "--remove", "elsewhere")
    assert "no states yet" in run("states", "-c", added, "--remove", "訓練前").out
    assert run("states", "-c", added, "--remove", "訓練前").code == 2
