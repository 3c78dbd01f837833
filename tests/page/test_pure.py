"""The tests of the page's pure functions, where there is a Node to run them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def test_pure_functions_by_node():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node; the page's pure functions are tested with it")
    tests = Path(__file__).parent / "pure.test.mjs"
    run = subprocess.run([node, "--test", tests], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
