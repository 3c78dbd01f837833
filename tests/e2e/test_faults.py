"""Killed, stopped, doubled: what ``firth add`` has reported stays, and running it again finishes the rest."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from itertools import islice

import numpy as np
import pytest

import firth

from .conftest import json_lines, write_table

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends signals")

KILLS = 24
ITEMS = 2000
CHECKED = 300
"""Of how many items the vectors are made again at the end."""


def reported(printed, status):
    return [record["id"] for record in json_lines(printed) if record["status"] == status]


def stored(place):
    """How often each id stands in a collection."""
    return Counter(row["id"] for row in firth.open(place).items())


def wait_for(process, path, *, lines):
    """Until a process has printed so many lines, or has ended."""
    while path.read_bytes().count(b"\n") < lines and process.poll() is None:
        time.sleep(0.01)


@pytest.mark.slow
class TestKilled:
    """SIGKILL at moments that are random but the same each time: while it starts, writes, tidies up."""

    def test_nothing_reported_is_lost_and_nothing_is_there_twice(self, shell, texts, tmp_path):
        rng, place = random.Random(7), str(tmp_path / "c")
        # long texts, so that there are many batches to be killed between, and items of several rows
        table = write_table(tmp_path / "t.jsonl", texts, (f"第{n}" for n in range(ITEMS)), characters=400)
        ever, there, moments = Counter(), Counter(), set()
        for kill in range(KILLS):
            # counted in printed lines, so that a slow machine is killed at the same places: while it starts,
            # while it encodes the next batch, once that is reported; what is stored is reported as unchanged first,
            # also what was stored when it was killed before it could say so
            lines = rng.choice([0, len(there), len(there) + 1, len(there) + 1])
            printed = self._killed(shell, ["add", table, "-c", place, "--json"], tmp_path, rng, lines)
            ever.update(reported(printed, "added"))
            moments.add(len(ever))
            there = stored(place) if firth.open(place).exists() else Counter()
            assert set(ever) <= set(there), f"reported and lost after kill {kill}"
            assert max(there.values(), default=1) == 1, f"twice after kill {kill}"
            if there:
                assert firth.open(place).search("望遠鏡 telescope", k=3)
        assert len(moments) >= 5, "all kills came at the same few moments: this test tests too little"
        assert max(ever.values()) == 1, "reported as added twice, so it was lost in between"
        self._finishes(shell, table, place, ever)

    def _killed(self, shell, command, folder, rng, lines):
        """Starts a command, kills it some time after it has printed so many lines, and gives what it printed."""
        path = folder / "stdout.txt"
        with path.open("wb") as stdout:
            process = shell.start(*command, stdout=stdout)
            wait_for(process, path, lines=min(lines, ITEMS))
            time.sleep(rng.uniform(0, 3.0 if lines == 0 else 0.7))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return path.read_text("utf-8")

    def _finishes(self, shell, table, place, ever):
        done = shell.run("add", table, "-c", place, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        report = json_lines(done.stdout)[-1]
        assert report["skipped"] == report["updated"] == 0
        assert report["added"] + report["unchanged"] == ITEMS
        assert not set(ever) & set(reported(done.stdout, "added"))
        collection = firth.open(place)
        assert stored(place) == Counter(f"第{n}" for n in range(ITEMS))
        assert collection.status()["calibrated_at"] >= ITEMS / 1.2
        rows = list(islice(collection.items(vectors=True), CHECKED))
        vectors = firth.encoder("use").encode([row["text"] for row in rows], role="document")
        assert np.allclose([row["vectors"]["meaning"] for row in rows], vectors, atol=1e-4)


@pytest.mark.slow
class TestTwoAtOnce:
    @pytest.fixture
    def both(self, shell, tmp_path):
        """Two processes that add to one collection; gives what they printed."""

        def run(*tables):
            paths = [tmp_path / f"{number}.out" for number, _ in enumerate(tables)]
            files = [path.open("wb") for path in paths]
            processes = [
                shell.start("add", table, "-c", tmp_path / "c", "--json", stdout=file)
                for table, file in zip(tables, files, strict=True)
            ]
            assert [process.wait(timeout=300) for process in processes] == [0, 0]
            for file in files:
                file.close()
            return [path.read_text("utf-8") for path in paths]

        return run

    def test_with_different_tables_all_items_are_there(self, both, texts, tmp_path):
        names = [f"甲{n}" for n in range(400)], [f"b{n}" for n in range(400)]
        tables = [write_table(tmp_path / f"{ids[0]}.jsonl", texts, ids) for ids in names]
        for printed, ids in zip(both(*tables), names, strict=True):
            assert sorted(reported(printed, "added")) == sorted(ids)
        assert stored(str(tmp_path / "c")) == Counter([*names[0], *names[1]])
        assert firth.open(str(tmp_path / "c")).search("望遠鏡 telescope")

    def test_with_the_same_table_each_item_is_there_once(self, both, texts, tmp_path):
        ids = [f"丙{n}" for n in range(400)]
        table = write_table(tmp_path / "t.jsonl", texts, ids)
        for printed in both(table, table):
            report = json_lines(printed)[-1]
            assert report["added"] + report["updated"] + report["unchanged"] == 400
        assert stored(str(tmp_path / "c")) == Counter(ids)


@pytest.mark.slow
class TestInterrupted:
    def test_says_so_and_goes_on_from_there(self, shell, texts, tmp_path):
        place, out = str(tmp_path / "c"), tmp_path / "out.txt"
        table = write_table(tmp_path / "t.jsonl", texts, (f"i{n}" for n in range(ITEMS)))
        with out.open("wb") as stdout:
            process = shell.start("add", table, "-c", place, "--json", stdout=stdout)
            wait_for(process, out, lines=1)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 130
        said = (tmp_path / "stderr.txt").read_text("utf-8")
        assert said == "firth: stopped. What was written is kept; the same command goes on from there\n"
        before = set(reported(out.read_text("utf-8"), "added"))
        assert 0 < len(before) < ITEMS
        assert before <= set(stored(place))
        done = shell.run("add", table, "-c", place, "--json")
        assert done.returncode == 0
        assert before <= set(reported(done.stdout, "unchanged"))
        assert stored(place) == Counter(f"i{n}" for n in range(ITEMS))
