"""A kernel built once more, to stop at memory errors and undefined behaviour (gcc), and its tests run with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from firth import kernel

__all__ = ["COMPILER", "FOLDER", "passes_fuzzed", "passes_sanitized"]

FOLDER = Path(kernel.__file__).parent
COMPILER = shutil.which("gcc")
RUN = """
import importlib.util, sys
name = f"firth.kernel.{sys.argv[1]}"
spec = importlib.util.spec_from_file_location(name, sys.argv[2])
module = importlib.util.module_from_spec(spec)
sys.modules[name] = module
spec.loader.exec_module(module)
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", sys.argv[3]]))
"""
SANITIZE = ["-O1", "-g", "-std=c11", "-fno-math-errno", "-fno-omit-frame-pointer"]
SANITIZE += ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]


def passes_sanitized(name: str, sources: Sequence[Path], tests: Path, *, folder: Path) -> None:
    """Build an extension of the kernel into a folder and run tests with it in a process of their own."""
    built = folder / f"{name}.abi3.so"
    flags = [
        *SANITIZE,
        "-fPIC",
        "-shared",
        "-DPy_LIMITED_API=0x030B0000",
        f"-I{sysconfig.get_path('include')}",
    ]
    subprocess.run([COMPILER, *flags, "-o", str(built), *map(str, sources)], check=True)
    libraries = [
        subprocess.run(
            [COMPILER, f"-print-file-name={library}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for library in ("libasan.so", "libubsan.so")
    ]
    environment = {**os.environ, "LD_PRELOAD": ":".join(libraries), "ASAN_OPTIONS": "detect_leaks=0"}
    command = [sys.executable, "-c", RUN, name, str(built), str(tests)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def passes_fuzzed(target: str, rounds: int, seed: int, *, sources: Sequence[Path] = (), folder: Path) -> None:
    """Build a fuzz target of this folder and give it so many inputs by chance."""
    built = folder / target
    source = Path(__file__).with_name(f"{target}.c")
    command = [COMPILER, *SANITIZE, "-DSTANDALONE", f"-I{FOLDER}", "-o", built, source, *sources, "-lm"]
    subprocess.run(list(map(str, command)), check=True)
    done = subprocess.run([built, str(rounds), str(seed)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == f"{rounds} rounds\n"
