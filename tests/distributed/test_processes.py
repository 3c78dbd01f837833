"""``firth add --ray``, stopped and killed: quiet, nothing left running, and the same command goes on."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.e2e.conftest import Shell, json_lines, write_table

import firth

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="sends signals")]

ITEMS = 1500
LONGEST_GOODBYE = 180
"""Seconds that Ray's processes may take to leave: its agents try for 60 to tell a server that is gone."""


@pytest.fixture
def shell(tmp_path):
    pytest.importorskip("ray")
    with (tmp_path / "stderr.txt").open("wb") as errors:
        shell = Shell(errors)
        shell.environment["FIRTH_TEST_MARK"] = str(tmp_path)
        yield shell


@pytest.fixture
def table(tmp_path):
    texts = ["床前明月光，疑是地上霜。", "An apple a day keeps the doctor away.", "會魔法的少年去上學"]
    return write_table(tmp_path / "t.jsonl", texts, (f"i{n}" for n in range(ITEMS)), characters=300)


def started_and_stopped(shell, command, folder, *, stop):
    """Starts a command, sends it a signal once it has reported items; gives the exit code and them."""
    out = folder / "out.txt"
    with out.open("wb") as stdout:
        process = shell.start(*command, stdout=stdout)
        while out.read_bytes().count(b"\n") < 1 and process.poll() is None:
            time.sleep(0.05)
        # Ctrl-C in a terminal goes to the whole group; a kill to one process
        (os.killpg if stop == signal.SIGINT else os.kill)(process.pid, stop)
        code = process.wait(timeout=120)
    return code, {line["id"] for line in json_lines(out.read_text("utf-8")) if line["status"] == "added"}


def left_running(mark):
    """Processes that inherited a mark in their environment and have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found += [folder.name] if mark.encode() in (folder / "environ").read_bytes() else []
        except OSError:  # it has just ended
            continue
    return found


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_goes_on_where_it_was(shell, table, tmp_path, stop, code):
    command = ["add", table, "-c", tmp_path / "c", "--json", "--ray"]
    ended, before = started_and_stopped(shell, command, tmp_path, stop=stop)
    assert ended == code
    said = (tmp_path / "stderr.txt").read_text("utf-8")
    if stop == signal.SIGINT:
        assert said == "firth: stopped. What was written is kept; the same command goes on from there\n"
    assert 0 < len(before) < ITEMS
    patience = time.monotonic() + LONGEST_GOODBYE
    while left_running(str(tmp_path)) and time.monotonic() < patience:
        time.sleep(0.2)
    assert not left_running(str(tmp_path))
    done = shell.run(*command)
    assert (done.returncode, done.stderr) == (0, "")
    report = json_lines(done.stdout)[-1]
    assert report["added"] + report["unchanged"] == ITEMS
    assert report["unchanged"] >= len(before)
    stored = Counter(row["id"] for row in firth.open(str(tmp_path / "c")).items())
    assert stored == Counter(f"i{n}" for n in range(ITEMS))
