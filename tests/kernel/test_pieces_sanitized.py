"""The tokenizer's tests once more, and a fuzz target, built to stop at memory errors and undefined behaviour (gcc)."""

from __future__ import annotations

from pathlib import Path

import pytest

from .sanitizing import COMPILER, FOLDER, passes_fuzzed, passes_sanitized

pytestmark = pytest.mark.slow
TESTS = Path(__file__).with_name("test_pieces.py")

if not (COMPILER and (FOLDER / "pieces.c").exists()):
    pytest.skip("no compiler, or no source", allow_module_level=True)


def test_no_memory_error_and_nothing_undefined(tmp_path):
    passes_sanitized("_pieces", [FOLDER / "pieces.c"], TESTS, folder=tmp_path)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_texts_and_tables(tmp_path, seed):
    """Some thousand inputs; with clang's fuzzer as many as one likes, as the target says."""
    passes_fuzzed("pieces_fuzz", 5000, seed, folder=tmp_path)
