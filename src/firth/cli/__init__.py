"""The command line: one command is one call of the library."""

from __future__ import annotations

import ctypes
import io
import os
import sys

__all__ = ["main"]

STOPPED = 130
"""The exit code after Ctrl-C, which typer gives without a word."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Options of glibc's mallopt, as malloc.h numbers them."""
LARGE = 2**20
"""Bytes of a block that goes back to the system as soon as it is free."""


def main() -> None:
    """Run ``firth`` with the arguments of this process; errors firth knows are one line on stderr."""
    from firth.cli.stopping import watch
    from firth.errors import FirthError

    _speak_utf8()
    _give_memory_back()
    watch()
    _tell_of_missing_kernels()
    try:
        from firth.cli.app import app

        app()
    except FirthError as error:
        print(f"firth: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        _stop()
    except SystemExit as stop:
        if stop.code == STOPPED:
            _stop()
        raise


def _give_memory_back() -> None:
    """Let freed memory go back to the system.

    Left alone, glibc keeps for each of the store's many threads what it once needed: 5 kB for every item of a long
    `firth add` were so held that nobody used. Arrow's own allocator keeps what one thread made and another freed:
    another .5 kB, of 14 MB that were ever in use at once.
    """
    from firth.kernel.threads import cores

    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library
        return
    mallopt(M_ARENA_MAX, max(2, cores()))
    mallopt(M_MMAP_THRESHOLD, LARGE)
    mallopt(M_TRIM_THRESHOLD, LARGE)


def _tell_of_missing_kernels() -> None:
    """Say to a person, once on a machine, that firth was installed without its kernels."""
    from firth.kernel import missing
    from firth.places import cache_folder

    if (
        not sys.stderr.isatty()
        or not missing()
        or (told := cache_folder() / "told-of-missing-kernels").exists()
    ):
        return
    print(
        "firth: installed without its kernels, for there was no C compiler; the answers are the same, encoding is a "
        "few times slower. Next: install a compiler, then pip install --force-reinstall --no-deps firth",
        file=sys.stderr,
    )
    told.parent.mkdir(parents=True, exist_ok=True)
    told.touch()


def _stop() -> None:
    print("firth: stopped. What was written is kept; the same command goes on from there", file=sys.stderr)
    sys.exit(STOPPED)


def _speak_utf8() -> None:
    """Read and write UTF-8 whatever the locale says; a byte that is none costs its line, not the whole stream."""
    for stream, errors in (
        (sys.stdin, "surrogateescape"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
