"""Ctrl-C that Python lost: it may come while a weak reference is cleared away, where no error can be raised."""

from __future__ import annotations

import sys

__all__ = ["stop_if_asked", "watch"]

_lost: list[bool] = []


def watch() -> None:
    """Remember a Ctrl-C that would otherwise be printed and ignored."""
    before = sys.unraisablehook

    def hook(about: sys.UnraisableHookArgs) -> None:
        if issubclass(about.exc_type, KeyboardInterrupt):
            _lost.append(True)
        else:
            before(about)

    sys.unraisablehook = hook


def stop_if_asked() -> None:
    """Stop now if Ctrl-C was lost before; called between batches.

    Raises:
        KeyboardInterrupt: It was.
    """
    if _lost:
        _lost.clear()
        raise KeyboardInterrupt
