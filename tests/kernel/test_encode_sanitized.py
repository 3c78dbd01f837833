"""The kernel's tests once more, and a fuzz target, built to stop at memory errors and undefined behaviour (gcc)."""

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
FOLDER = Path(kernel.__file__).parent
TESTS = Path(__file__).with_name("test_encode.py")
FUZZ = Path(__file__).with_name("encode_fuzz.c")
COMPILER = shutil.which("gcc")
RUN = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("firth.kernel._encode", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["firth.kernel._encode"] = module
spec.loader.exec_module(module)
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", sys.argv[2]]))
"""
SANITIZE = ["-O1", "-g", "-std=c11", "-fno-math-errno", "-fno-omit-frame-pointer"]
SANITIZE += ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]

if not (COMPILER and (FOLDER / "encode.c").exists()):
    pytest.skip("no compiler, or no source", allow_module_level=True)


def test_no_memory_error_and_nothing_undefined(tmp_path):
    built = tmp_path / "_encode.abi3.so"
    flags = [*SANITIZE, "-fPIC", "-shared", "-DPy_LIMITED_API=0x030B0000"]
    sources = sorted(map(str, FOLDER.glob("encode*.c")))
    include = sysconfig.get_path("include")
    subprocess.run([COMPILER, *flags, f"-I{include}", "-o", str(built), *sources], check=True)
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
