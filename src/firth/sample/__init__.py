"""The bundled sample: a few hundred pictures, poems, books and sentences, each with its licence and credit.

``items.jsonl`` holds the rows, ``pictures/`` what their ``image`` names; README.md says where all is from.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["path"]


def path() -> Path:
    """The folder that holds ``items.jsonl``.

    >>> (path() / "items.jsonl").exists()
    True
    """
    return Path(__file__).resolve().parent
