"""The tests of the scan once more, with a kernel built to stop at memory errors and undefined behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from .sanitizing import COMPILER, FOLDER, passes_sanitized

pytestmark = pytest.mark.slow
SOURCE = FOLDER / "scan.c"
TESTS = Path(__file__).parents[1] / "stores" / "test_codes.py"


@pytest.mark.skipif(not (COMPILER and SOURCE.exists()), reason="no compiler, or no source")
def test_no_memory_error_and_nothing_undefined(tmp_path):
    passes_sanitized("_scan", [SOURCE], TESTS, folder=tmp_path)
