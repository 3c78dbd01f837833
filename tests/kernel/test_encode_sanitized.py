"""The kernel's tests once more, and a fuzz target, built to stop at memory errors and undefined behaviour (gcc)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .sanitizing import COMPILER, FOLDER, SANITIZE, passes_sanitized

pytestmark = pytest.mark.slow
TESTS = Path(__file__).with_name("test_encode.py")
FUZZ = Path(__file__).with_name("encode_fuzz.c")

if not (COMPILER and (FOLDER / "encode.c").exists()):
    pytest.skip("no compiler, or no source", allow_module_level=True)


def test_no_memory_error_and_nothing_undefined(tmp_path):
    passes_sanitized("_encode", sorted(FOLDER.glob("encode*.c")), TESTS, folder=tmp_path)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_lengths_tokens_and_weights(fuzz, seed):
    """Two hundred inputs; with clang's fuzzer as many as one likes, as the target says."""
    done = subprocess.run([fuzz, "200", str(seed)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "200 rounds\n"


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory):
    built = tmp_path_factory.mktemp("fuzz") / "encode_fuzz"
    sources = [FUZZ, *sorted(FOLDER.glob("encode_*.c"))]
    command = [COMPILER, *SANITIZE, "-DSTANDALONE", f"-I{FOLDER}", "-o", built, *sources, "-lm"]
    subprocess.run(list(map(str, command)), check=True)
    return built
