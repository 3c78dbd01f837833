"""Emoji of six vendors, with their names and keywords in twenty languages. Skin tones are left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captions import emoji_captions
from sources import Captions, Picture

VENDORS = ["noto", "noto-v1", "twemoji", "fluent-emoji-flat", "fxemoji"]
"""Those in the form of Iconify; fluent-3d is a folder of WebP files."""
SKIN_TONE = re.compile("1f3f[b-f]")


def iconify_emoji(data: Path, vendor: str) -> Iterator[Picture]:
    """The emoji of one vendor that CLDR has a name for, as SVG."""
    table = emoji_captions(data)
    icons = _json(data, vendor, "icons.json")
    codes = _codes(data, vendor)
    for name, icon in icons["icons"].items():
        code = _without_selector(codes.get(name, ""))
        captions = table.get(code) or table.get(code.lstrip("0"))
        if captions and not SKIN_TONE.search(code) and "skin-tone" not in name:
            yield _picture(vendor, code, captions, svg(icon, icons))


def fluent_3d(data: Path) -> Iterator[Picture]:
    """Microsoft's emoji in three dimensions; files are named by code points."""
    table = emoji_captions(data)
    for file in sorted((data / "src" / "emoji" / "fluent-3d" / "assets").glob("*.webp")):
        code = _without_selector(file.stem)
        if code in table and not SKIN_TONE.search(code):
            yield _picture("fluent-3d", code, table[code], file)


def svg(icon: dict[str, Any], icons: dict[str, Any]) -> str:
    """An SVG of an icon; what the icon does not say, the set says."""
    width, height = (icon.get(side, icons.get(side, 16)) for side in ("width", "height"))
    box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    body = icon["body"].replace("currentColor", "#000")
    return f'<svg {names} width="{width}" height="{height}" viewBox="{box}">{body}</svg>'


def _picture(source: str, code: str, captions: Captions, data: str | Path) -> Picture:
    english = captions["en"][0].lower()
    kind = "flag" if english.startswith("flag:") else "emoji"
    return Picture(source, code, english, captions, data, kind)


def _codes(data: Path, vendor: str) -> dict[str, str]:
    """Names of a set's icons -> code points: as the set has them, or by the names of Noto and CLDR."""
    if own := _json(data, vendor, "chars.json"):
        return {name: code for code, name in own.items()}
    names = {name: code for code, name in _json(data, "noto", "chars.json").items()}
    table = emoji_captions(data)
    names |= {_slug(captions["en"][0]): code for code, captions in table.items() if "en" in captions}
    if vendor == "fxemoji":  # whose names are run together: loveletter
        names = {name.replace("-", ""): code for name, code in names.items()}
    return names


def _json(data: Path, vendor: str, file: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((data / "src" / "emoji" / vendor / file).read_text("utf-8"))
    return table


def _without_selector(code: str) -> str:
    return "-".join(part for part in code.lower().split("-") if part not in {"fe0f", ""})


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", re.sub("['’]", "", text.lower())).strip("-")
