"""``firth copy`` killed again and again: it goes on where it stopped, and the two sides end up the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

import firth
from firth.stores import open_store

from .made import NOTES, many
from .test_copying import digest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="sends signals")]

ITEMS, KILLS = 6000, 8


@pytest.fixture
def source(tmp_path):
    """So many items with pictures and vectors, in batches that are not too few."""
    store = open_store(str(tmp_path / "source"))
    vectors = np.random.default_rng(0).standard_normal((ITEMS, 64), dtype=np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 64)
    store.put(many(ITEMS, thumb=100_000 // 4).append_column("v_own", column))
    store.write_meta(NOTES)
    return tmp_path / "source"


def killed(command, folder, rng, after):
    """Starts a command, kills it some time after it has printed so many lines, and gives what it printed."""
    path = folder / "stdout.txt"
    with path.open("wb") as stdout:
        process = subprocess.Popen(command, stdout=stdout, start_new_session=True)
        while path.read_bytes().count(b"\n") <= after and process.poll() is None:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.3))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    lines = path.read_text("utf-8").split("\n")[:-1]
    return Counter(json.loads(line)["status"] for line in lines), process.returncode


def test_nothing_is_copied_twice_and_nothing_is_lost(source, tmp_path):
    rng, target = random.Random(7), tmp_path / "target"
    command = [sys.executable, "-m", "firth", "copy", str(source), str(target), "--json"]
    copied, before, killed_in_the_middle = 0, 0, 0
    for _ in range(KILLS):
        told, code = killed(command, tmp_path, rng, after=before)
        there = open_store(str(target)).count()
        copied += told["copied"]
        assert copied <= there, "told as copied and not there"
        assert before == 0 or told["unchanged"] <= before, "told as there and was not"
        killed_in_the_middle += code == -signal.SIGKILL and there < ITEMS
        before = there
        if there == ITEMS:
            break
        assert not there or firth.open(str(target)).status()["copying"] == str(source)
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["items"], report["unchanged"], report["copied"]) == (ITEMS, before, ITEMS - before)
    assert killed_in_the_middle >= 3, "hardly any kill came in the middle: this test tests too little"
    sides = [open_store(str(path)) for path in (source, target)]
    assert digest(sides[0]) == digest(sides[1])
    assert report["digest"] == digest(sides[1]).hex
    assert sides[0].read_meta() == sides[1].read_meta()
