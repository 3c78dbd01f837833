"""Ctrl-C, also where Python loses it: one that comes while a weak reference is cleared is printed, not raised."""

from __future__ import annotations

import _thread
import signal
import sys
import threading

__all__ = ["watch"]

LATER = 0.01
"""Seconds after which a lost Ctrl-C comes again; if it is lost once more, then once more."""


def watch() -> None:
    """Let a Ctrl-C come again that would otherwise be printed and ignored."""
    before = sys.unraisablehook

    def hook(about: sys.UnraisableHookArgs) -> None:
        if not issubclass(about.exc_type, KeyboardInterrupt):
            before(about)
            return
        again = threading.Timer(LATER, _interrupt)
        again.daemon = True
        again.start()

    sys.unraisablehook = hook


def _interrupt() -> None:
    """Ctrl-C for the main thread, which may be asleep: a signal wakes it where threads can be sent one."""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
