"""Open Clipart: drawings of many hands, dedicated to the public domain, with English titles and keywords."""

from __future__ import annotations

import gzip
import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sources import Captions, Picture

LARGE = 1_500_000
"""An SVG of more bytes takes minutes to draw: the package's own PNG is taken."""
OFTEN = 4
"""A title that more drawings share is the title of a set and says nothing of the drawing."""
SET_TITLE = re.compile(
    r"(?i)\bclip ?art( by)?( nicu buculei)?\b|nicu buculei|\bicon(s|set)?\b|collection|\btheme\b|^r16|\bsvg\b"
)
SHAPES = re.compile(
    r"shapes/|special/|signs_and_symbols/(flags|map_symbols|led)|computer/buttons|games/cards/|star_\d"
)
"""Folders of drawings that show no thing, or the same thing a hundred times."""
DULL_WORDS = {
    "action", "actions", "app", "apps", "clip art", "clipart", "color", "externalsource", "filesystem", "filesystems",
    "hash", "icon", "icons", "image", "images", "mapsym", "mimetype", "mimetypes", "svg", "symbol", "theme", "unsorted",
    "various",
}  # fmt: skip
DULL_TITLES = {"people", "back", "pen width"}
NO_TITLES = {"", "untitled", "title", "drawing", "image", "clipart", "svg", "new document", "unknown"}
NO_NAMES = {"icon", "icons", "theme", "clipart", "svg", "architetto", "ganson"}
"""Words of file names that name a set or an author."""


class Facts(NamedTuple):
    """What an SVG says of itself (RDF, Dublin Core)."""

    title: str
    words: list[str]
    licence: str
    author: str


def open_clipart(data: Path) -> Iterator[Picture]:
    """The drawings whose SVG dedicates them to the public domain and that have a title or keywords."""
    root = data / "src" / "debian" / "openclipart-svg" / "usr" / "share" / "openclipart" / "svg"
    files = sorted(root.rglob("*.svg*"))
    found = [facts(svg_text(file)) for file in files]
    titles = Counter(fact.title.lower() for fact in found)
    for file, fact in zip(files, found, strict=True):
        path = file.relative_to(root)
        named = _named(fact, path.stem, in_set=titles[fact.title.lower()] > OFTEN)
        public = re.search("publicdomain", fact.licence, re.IGNORECASE)
        if public and named.title.lower() not in NO_TITLES and not SHAPES.search(str(path)):
            yield _picture(data, file, path, named)


def svg_text(file: Path) -> str:
    """The text of an SVG file, packed or not."""
    raw = file.read_bytes()
    return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")


def facts(svg: str) -> Facts:
    """Title, keywords, licence and author; empty where the SVG does not say."""
    block = re.search(r"<(?:\w+:)?RDF.*?</(?:\w+:)?RDF>", svg, re.DOTALL)
    text = block.group(0) if block else svg

    def first(pattern: str) -> str:
        match = re.search(pattern, text, re.DOTALL)
        return match.group(1) if match else ""

    subject = first(r"<dc:subject[^>]*>(.*?)</dc:subject>")
    words = [_clean(word) for word in re.findall(r"<rdf:li[^>]*>(.*?)</rdf:li>", subject, re.DOTALL)]
    return Facts(
        title=_clean(first(r"<dc:title[^>]*>(.*?)</dc:title>")),
        words=[word for word in words if word and not word.isdigit()],
        licence=first(r"<(?:cc:)?license\b[^>]*?rdf:resource=\"([^\"]*)\""),
        author=_clean(first(r"<dc:creator[^>]*>(.*?)</dc:creator>")),
    )


def _clean(text: str) -> str:
    return re.sub(r"[\s_]+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text))).strip(" .")


def _named(fact: Facts, stem: str, *, in_set: bool) -> Facts:
    """With a title that names the drawing: what is left of its title, its file's name, its first keyword."""
    title, words = fact.title, fact.words
    if in_set or SET_TITLE.search(title):
        title = "" if in_set else SET_TITLE.sub("", title).strip(" -.,")
        title = title or _words_of(stem, fact.author)
        words = [word for word in words if not SET_TITLE.search(word)]
    title = re.sub(r"(?<=[a-z])[ _]?\d+$", "", title)
    words = [
        word for word in words if word.lower() not in DULL_WORDS and not word.lower().startswith("hash(")
    ]
    if len(title) < 3 or title.lower() in DULL_TITLES:
        title = words[0] if words else ""
    return fact._replace(title=title, words=words)


def _words_of(stem: str, author: str) -> str:
    """What a file's name says, without its author, numbers and the names of sets."""
    names = set(re.findall(r"[a-z]+", author.lower())) | NO_NAMES
    words = re.split(r"[^A-Za-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", stem).lower())
    return " ".join(word for word in words if len(word) > 1 and word not in names)


def _picture(data: Path, file: Path, path: Path, fact: Facts) -> Picture:
    png = data / "src/debian/openclipart-png/usr/share/openclipart/png" / path.with_suffix(".png")
    fallback = png if png.exists() else None
    captions: Captions = {"en": list(dict.fromkeys([fact.title, *fact.words]))}
    concept = fact.title
    if "architetto" in path.stem and fact.words:  # an author with Italian titles and English keywords
        captions, concept = {"it": [fact.title], "en": fact.words}, fact.words[-1]
    return Picture(
        source="openclipart",
        name="__".join(path.with_suffix("").parts),
        concept=concept.lower(),
        captions=captions,
        data=fallback if fallback and file.stat().st_size >= LARGE else file,
        kind="icon" if str(path).startswith("computer/icons") else "clipart",
        category=str(path.parent),
        author=fact.author,
        fallback=fallback,
    )
