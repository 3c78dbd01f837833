"""Ctrl-C comes through even where Python cannot raise it."""

from __future__ import annotations

import subprocess
import sys

LOST = """
import time, weakref
from firth.cli.stopping import watch

watch()

class Thing: pass

def interrupted(reference):
    raise KeyboardInterrupt

thing = Thing()
reference = weakref.ref(thing, interrupted)
try:
    del thing  # the callback raises where nobody can catch it
    print("lost")
    time.sleep(60)
except KeyboardInterrupt:
    print("stopped")
"""


def test_one_that_was_lost_comes_again():
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=50)
    assert (done.stdout.split(), done.stderr) == (["lost", "stopped"], "")


def test_other_errors_are_still_printed():
    other = LOST.replace("raise KeyboardInterrupt", "raise ValueError('不好')").replace(
        "sleep(60)", "sleep(0)"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", other], capture_output=True, encoding="utf-8", timeout=50
    )
    assert done.stdout.split() == ["lost"]
    assert "ValueError: 不好" in done.stderr
