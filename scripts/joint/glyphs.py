"""Letters, digits, chess pieces, notes and the signs that CLDR names, drawn in free fonts and several styles."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import glyph_names as names
import numpy as np
from captions import KEYWORD_LANGUAGES, code_of, emoji_captions
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont
from sources import Captions, Picture

FOLDERS = {  # package of Debian -> its folder among the fonts
    "fonts-dejavu-core": "dejavu",
    "fonts-liberation": "liberation",
    "fonts-freefont-ttf": "freefont",
    "fonts-symbola": "ancient-scripts",
    "fonts-noto-core": "noto",
}
LETTER_FONTS = [
    ("fonts-dejavu-core", "DejaVuSans.ttf"),
    ("fonts-dejavu-core", "DejaVuSans-Bold.ttf"),
    ("fonts-liberation", "LiberationSans-Bold.ttf"),
    ("fonts-liberation", "LiberationSerif-Regular.ttf"),
    ("fonts-freefont-ttf", "FreeSans.ttf"),
    ("fonts-freefont-ttf", "FreeSerifBold.ttf"),
    ("fonts-liberation", "LiberationMono-Regular.ttf"),
]
SIGN_FONTS = [
    ("fonts-dejavu-core", "DejaVuSans.ttf"),
    ("fonts-symbola", "Symbola_hint.ttf"),
    ("fonts-freefont-ttf", "FreeSerif.ttf"),
    ("fonts-noto-core", "NotoSansSymbols2-Regular.ttf"),
    ("fonts-noto-core", "NotoSansSymbols-Regular.ttf"),
    ("fonts-noto-core", "NotoSansMath-Regular.ttf"),
    ("fonts-noto-core", "NotoMusic-Regular.ttf"),
]
STYLES = ["plain", "outline", "hollow", "plain", "outline"]
COLOURS = [
    (0, 0, 0), (200, 30, 30), (30, 60, 180), (20, 130, 40), (240, 180, 0), (130, 40, 150), (230, 110, 20),
]  # fmt: skip
BLACK, GREY, WHITE = (0, 0, 0), (60, 60, 60), (255, 255, 255)
LETTER_PICTURES = 10
SIGN_PICTURES = 5
PAGE, INK = 224, 200
"""The page's side, and how much of it a glyph may take."""
SIGN_TEXTS = 4
"""CLDR's name of a sign and its first keywords."""
SEED = 20261122


class Glyph(NamedTuple):
    """A sign with its names."""

    text: str
    concept: str
    captions: Captions
    letter: bool


def glyphs(data: Path) -> Iterator[Picture]:
    """Each glyph in its fonts and styles; those that no font has are counted and left out."""
    missing = ""
    for glyph in [*letters(), *digits(), *signs(), *cldr_signs(data)]:
        fonts = _fonts_with(glyph.text, data, letter=glyph.letter)
        if not fonts:
            missing += glyph.text
            continue
        for i in range(LETTER_PICTURES if glyph.letter else min(SIGN_PICTURES, 2 * len(fonts))):
            font, style = fonts[i % len(fonts)], STYLES[(i + i // len(fonts)) % len(STYLES)]
            drawn = partial(rendered, glyph.text, font, style=style, seed=i)
            name = f"{code_of(glyph.text)}_{i}"
            yield Picture("glyphs", name, glyph.concept, glyph.captions, drawn, "glyph", style)
    print(f"glyphs: in no font: {missing or 'none'}")


def letters() -> Iterator[Glyph]:
    """Latin letters, both cases under one concept."""
    for letter in names.ASCII_LETTERS + names.MORE_LETTERS:
        captions = {}
        for language, forms in names.LETTER.items():
            fit = [form for form in forms if letter.isascii() or form not in names.NOT_ENGLISH]
            captions[language] = [form.format(letter) for form in fit]
        base = unicodedata.normalize("NFD", letter)[0]
        for mark in unicodedata.normalize("NFD", letter)[1:]:
            for language, form in names.MARKED_LETTER.get(mark, {}).items():
                captions[language].append(form.format(base))
        spoken = unicodedata.name(letter).removeprefix("LATIN ").split(" ", 1)[1]  # without SMALL or CAPITAL
        yield Glyph(letter, spoken.lower(), captions, letter=True)


def digits() -> Iterator[Glyph]:
    """0 to 9."""
    for i in range(10):
        captions = {}
        for language, words in names.DIGITS.items():
            captions[language] = [names.NUMBER[language].format(i), words.split()[i]]
        word = captions["en"][1]
        captions["en"].append(names.NUMBER["en"].format(word))
        yield Glyph(str(i), f"number {word}", captions, letter=True)


def signs() -> Iterator[Glyph]:
    """Chess pieces and notes."""
    for texts, called in names.SIGNS.items():
        captions = {language: [name] for language, name in zip(names.SIGN_LANGUAGES, called, strict=True)}
        for text in texts.split():
            yield Glyph(text, called[0], captions, letter=False)


def cldr_signs(data: Path) -> Iterator[Glyph]:
    """The signs and emoji of the older blocks that CLDR names, which fonts draw in black."""
    here = {glyph.text for glyph in [*letters(), *digits(), *signs()]}
    for code, captions in emoji_captions(data).items():
        if "-" in code or not 0x20 < int(code, 16) < 0x2C00 or "en" not in captions:
            continue
        text = chr(int(code, 16))
        if text not in here and not unicodedata.name(text, "").startswith("MODIFIER"):
            texts = {key: captions[key][:SIGN_TEXTS] for key in KEYWORD_LANGUAGES if key in captions}
            yield Glyph(text, captions["en"][0].lower(), texts, letter=False)


def _fonts_with(text: str, data: Path, *, letter: bool) -> list[Path]:
    root = data / "src" / "debian"
    files = [
        root / package / "usr" / "share" / "fonts" / "truetype" / FOLDERS[package] / file
        for package, file in (LETTER_FONTS if letter else SIGN_FONTS)
    ]
    return [file for file in files if set(map(ord, text)) <= _characters(file)]


@cache
def _characters(font: Path) -> frozenset[int]:
    return frozenset(TTFont(font).getBestCmap())


def rendered(text: str, font: Path, *, style: str, seed: int) -> Image.Image:
    """One glyph in the middle of a white page; size and colours by chance, by ``text`` and ``seed``."""
    rng = np.random.default_rng([SEED, seed, *map(ord, text)])
    size = int(rng.integers(150, 205))
    stroke = 0 if style == "plain" else int(rng.integers(3, 7))
    fill = COLOURS[rng.integers(len(COLOURS))]
    if style == "hollow":
        fill = WHITE
    elif style == "plain" and rng.random() < 0.6:
        fill = BLACK
    line = BLACK if rng.random() < 0.8 else GREY
    page = Image.new("RGB", (PAGE, PAGE), WHITE)
    pen = ImageDraw.Draw(page)
    for _ in range(2):  # once more, smaller, if it is larger than the page
        face = ImageFont.truetype(font, size)
        left, top, right, bottom = pen.textbbox((0, 0), text, font=face, stroke_width=stroke)
        size = min(size, max(20, int(size * INK / max(right - left, bottom - top, 1))))
    where = ((PAGE - right - left) / 2, (PAGE - bottom - top) / 2)
    pen.text(where, text, font=face, fill=fill, stroke_width=stroke, stroke_fill=line)
    return page
