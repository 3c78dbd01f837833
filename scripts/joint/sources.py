"""The sources, their terms, and what a captioned picture is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

Captions = dict[str, list[str]]
"""Language -> texts, the name first, then keywords."""


class Terms(NamedTuple):
    """Under what terms the pictures of a source stand."""

    licence: str
    tier: str
    """free: public domain, CC0, PDDL, MIT, Apache-2.0; attribution: CC BY."""
    credit: str


FONTS = "drawn by scripts/joint/glyphs.py in the DejaVu, Liberation, FreeFont, Symbola and Noto fonts"
TERMS = {
    "noto": Terms("Apache-2.0", "free", "Noto Emoji, Google"),
    "noto-v1": Terms("Apache-2.0", "free", "Noto Emoji 1, Google"),
    "twemoji": Terms("CC-BY-4.0", "attribution", "Twemoji, Twitter, Inc and other contributors"),
    "fluent-3d": Terms("MIT", "free", "Fluent Emoji, Microsoft"),
    "fluent-emoji-flat": Terms("MIT", "free", "Fluent Emoji, Microsoft"),
    "fxemoji": Terms("Apache-2.0", "free", "FxEmojis, Mozilla"),
    "openclipart": Terms("public domain (dedication)", "free", ""),
    "stdlib": Terms(
        "PDDL-1.0 / CC0-1.0", "free", "Digital image courtesy of the Getty's Open Content Program"
    ),
    "glyphs": Terms("Apache-2.0", "free", FONTS),
}


@dataclass(frozen=True)
class Picture:
    """A captioned picture before it is drawn."""

    source: str
    name: str
    """Unique in its source."""
    concept: str
    """What is seen, by its English name."""
    captions: Captions
    data: str | Path | Callable[[], Any]
    """An SVG text, a file, or a function without arguments that gives a PIL image."""
    kind: str
    """emoji, flag, clipart, icon, photo or glyph."""
    category: str = ""
    author: str = ""
    fallback: Path | None = None
    """A file to take when ``data`` cannot be drawn."""

    @property
    def file(self) -> str:
        """Where it is drawn, below the data folder."""
        return f"pictures/{self.source}/{re.sub(r'[^A-Za-z0-9_.-]+', '_', self.name)[:120]}.png"

    def row(self) -> dict[str, Any]:
        """What the manifest says of it."""
        terms = TERMS[self.source]
        return {
            "file": self.file,
            "source": self.source,
            "name": self.name,
            "concept": self.concept,
            "captions": self.captions,
            "kind": self.kind,
            "category": self.category,
            "licence": terms.licence,
            "tier": terms.tier,
            "credit": self.author or terms.credit,
        }
