"""The engine's errors as firth's own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from firth.errors import FirthError, StoreError

__all__ = ["plainly"]


@contextlib.contextmanager
def plainly(doing: str) -> Iterator[None]:
    """Turn the engine's errors into a `StoreError` that says what was being done."""
    try:
        yield
    except FirthError:
        raise
    except (RuntimeError, OSError, ValueError) as error:
        raise StoreError(f"could not {doing}: {str(error).splitlines()[0]}") from error
