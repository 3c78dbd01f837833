"""Builds the kernels, small extensions in C; where there is no compiler they are left out and firth works without."""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import Extension, setup

ENCODE = ["encode.c", *(f"encode_{path}.c" for path in ("avx512", "avxvnni", "avx2", "neon", "plain"))]
KERNELS = {"_words": ["words.c"], "_scan": ["scan.c"], "_pieces": ["pieces.c"], "_encode": ENCODE}
FOLDER = Path("src/firth/kernel")
FLAGS = ["/O2"] if sys.platform == "win32" else ["-O3", "-std=c11", "-fno-math-errno", "-fvisibility=hidden"]

setup(
    ext_modules=[
        Extension(
            f"firth.kernel.{name}",
            sources=[str(FOLDER / source) for source in sources],
            depends=[str(header) for header in FOLDER.glob("*.h")],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
            extra_compile_args=FLAGS,
            optional=True,
        )
        for name, sources in KERNELS.items()
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
