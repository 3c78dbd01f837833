"""Six photographs in the public domain, out of stdlib's example data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources import Picture

SUBJECTS = {
    "acanthus-mollis": "acanthus plant",
    "airplane-from-above": "airplane from above",
    "allium-oreophilum": "allium flower",
    "black-canyon": "canyon",
    "french-alpine-landscape": "mountain landscape in the French Alps",
    "locomotion-house-cat": "house cat running",
}
"""Named by hand."""


def stdlib(data: Path) -> Iterator[Picture]:
    """One photograph a package."""
    for name, subject in SUBJECTS.items():
        files = [
            file for file in (data / "src" / "stdlib" / name).rglob("*") if file.suffix in {".jpg", ".png"}
        ]
        yield Picture("stdlib", name, subject, {"en": [subject]}, min(files), "photo")
