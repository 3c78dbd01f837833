"""The notes of a collection: JSON values by key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from firth.errors import InputError

__all__ = ["checked_changes"]


def checked_changes(changes: Mapping[str, Any]) -> dict[str, str | None]:
    """Changes as JSON text by key, None where a key goes.

    Raises:
        InputError: A key that is no text or begins with an underscore (the store's own), or a value that
            JSON cannot hold.
    """
    for key in changes:
        if not isinstance(key, str) or key.startswith("_"):
            raise InputError(f"got the note {key!r}; expected a text that does not begin with an underscore")
    try:
        return {
            key: None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)
            for key, value in changes.items()
        }
    except (TypeError, ValueError) as error:
        raise InputError(f"got notes that JSON cannot hold ({error}); expected plain values") from None
