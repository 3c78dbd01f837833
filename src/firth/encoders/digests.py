"""Fingerprints of weights, remembered: reading all of a file only to name it would be most of a cold start."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from firth.encoders.weights import fingerprint
from firth.places import cached_file

__all__ = ["file_fingerprint", "remembered"]


def file_fingerprint(path: Path, *, recipe: str) -> str:
    """`firth.encoders.weights.fingerprint` of a file, read once as long as its place, size and time stay the same."""
    return remembered(path, recipe, lambda: fingerprint(path, recipe=recipe))


def remembered(path: Path, recipe: Any, make: Callable[[], str]) -> str:
    """What `make` says of a file and of a recipe, anything that JSON can write; asked once for a file and a recipe."""
    there = path.stat()
    known = json.dumps([str(path.absolute()), there.st_size, there.st_mtime_ns, recipe], sort_keys=True)
    name = sha256(known.encode()).hexdigest()[:16]
    return cached_file(f"fingerprint-{name}", lambda: make().encode("ascii")).read_text("ascii")
