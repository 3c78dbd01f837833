"""The tests of the scan once more, with a kernel built to stop at memory errors and undefined behaviour."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from firth import kernel

pytestmark = pytest.mark.slow
SOURCE = Path(kernel.__file__).with_name("scan.c")
TESTS = Path(__file__).parents[1] / "stores" / "test_codes.py"
COMPILER = shutil.which("gcc")
RUN = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("firth.kernel._scan", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["firth.kernel._scan"] = module
spec.loader.exec_module(module)
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", sys.argv[2]]))
"""


@pytest.mark.skipif(not (COMPILER and SOURCE.exists()), reason="no compiler, or no source")
def test_no_memory_error_and_nothing_undefined(tmp_path):
    built = tmp_path / "_scan.abi3.so"
    flags = ["-O1", "-g", "-std=c11", "-fno-math-errno", "-fPIC", "-shared", "-DPy_LIMITED_API=0x030B0000"]
    flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"]
    include = sysconfig.get_path("include")
    subprocess.run([COMPILER, *flags, f"-I{include}", "-o", str(built), str(SOURCE)], check=True)
    libraries = [
        subprocess.run(
            [COMPILER, f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environment = {**os.environ, "LD_PRELOAD": ":".join(libraries), "ASAN_OPTIONS": "detect_leaks=0"}
    command = [sys.executable, "-c", RUN, str(built), str(TESTS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
