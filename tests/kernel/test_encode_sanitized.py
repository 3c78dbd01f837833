"""The kernel's tests once more, and a fuzz target, built to stop at memory errors and undefined behaviour (gcc)."""

from __future__ import annotations

from pathlib import Path

import pytest

from .sanitizing import COMPILER, FOLDER, passes_fuzzed, passes_sanitized

pytestmark = pytest.mark.slow
TESTS = Path(__file__).with_name("test_encode.py")

if not (COMPILER and (FOLDER / "encode.c").exists()):
    pytest.skip("no compiler, or no source", allow_module_level=True)


def test_no_memory_error_and_nothing_undefined(tmp_path):
    passes_sanitized("_encode", sorted(FOLDER.glob("encode*.c")), TESTS, folder=tmp_path)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_lengths_tokens_and_weights(tmp_path, seed):
    """Two hundred inputs; with clang's fuzzer as many as one likes, as the target says."""
    paths = sorted(FOLDER.glob("encode_*.c"))
    passes_fuzzed("encode_fuzz", 200, seed, sources=paths, folder=tmp_path)
