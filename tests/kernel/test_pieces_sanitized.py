"""The tokenizer's tests once more, and a fuzz target, built to stop at memory errors and undefined behaviour (gcc)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .sanitizing import COMPILER, FOLDER, SANITIZE, passes_sanitized

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
SOURCE = FOLDER / "pieces.c"

if not (COMPILER and SOURCE.exists()):
    pytest.skip("no compiler, or no source", allow_module_level=True)


def test_no_memory_error_and_nothing_undefined(tmp_path):
    passes_sanitized("_pieces", [SOURCE], HERE / "test_pieces.py", folder=tmp_path)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_texts_and_tables(fuzz, seed):
    """Some thousand inputs; with clang's fuzzer as many as one likes, as the target says."""
    done = subprocess.run([fuzz, "5000", str(seed)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "5000 rounds\n"


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory):
    built = tmp_path_factory.mktemp("fuzz") / "pieces_fuzz"
    command = [COMPILER, *SANITIZE, "-DSTANDALONE", f"-I{FOLDER}", "-o", built, HERE / "pieces_fuzz.c", "-lm"]
    subprocess.run(list(map(str, command)), check=True)
    return built
