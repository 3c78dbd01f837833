"""Pictures drawn as RGB PNG on white paper, their longer side at most 256."""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

from clipart import svg_text
from PIL import Image, ImageChops
from sources import Picture

SIDE = 256
SMALL = 160
"""A picture with a shorter longer side is enlarged to ENLARGED, near what the encoder takes."""
ENLARGED = 224
LARGE_PNG = 6_000_000
MAX_PIXELS = 20_000_000
"""Open Clipart holds a PNG of 600 million pixels."""
CONTRAST = 12
"""The difference between the darkest and the lightest value, in 256, below which a picture is blank."""
PAPER = 8
"""How far from white a value may be and still be paper."""
LOOSE = {"clipart", "icon"}
"""The kinds that often lie small in a corner of their paper. Emoji keep their square: lite0 would stretch them."""
FULL = 0.7
"""The part of the paper that a drawing covers and is left as it is."""


class NotDrawnError(Exception):
    """Why a picture is left out."""


def draw(picture: Picture, data: Path) -> str | None:
    """Draw one picture, or its fallback; the reason where that fails. A picture that is there is kept."""
    target = data / picture.file
    if target.exists():
        return None
    reason = None
    for origin in [picture.data, *([picture.fallback] if picture.fallback else [])]:
        try:
            page = _page(origin, trim=picture.kind in LOOSE)
        except Exception as error:  # whatever a decoder raises: the picture is reported, the others go on
            reason = f"{type(error).__name__}: {error}"[:200]
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        page.save(part, "PNG")
        part.replace(target)
        return None
    return reason


def _page(origin: Any, *, trim: bool) -> Image.Image:
    """The drawn page, in its final size."""
    image = _opened(origin)
    if image.mode == "I;16":  # Pillow would cut 16-bit greys off at 255
        image = image.convert("I").point(lambda value: value / 256)
    image = image.convert("RGBA")
    if image.getbbox() is None:
        raise NotDrawnError("empty")
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=image.getchannel("A"))
    page = _resized(trimmed(page) if trim else page)
    if max(high - low for low, high in page.getextrema()) < CONTRAST:
        raise NotDrawnError("blank")
    return page


def _opened(origin: Any) -> Image.Image:
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if callable(origin):
        return origin()
    if isinstance(origin, str):
        return _rasterised(origin)
    if origin.suffix in {".svg", ".svgz"}:
        return _rasterised(svg_text(origin))
    if origin.suffix == ".png" and origin.stat().st_size > LARGE_PNG:
        raise NotDrawnError(f"a PNG over {LARGE_PNG:,} bytes")
    return Image.open(BytesIO(origin.read_bytes()))


def _rasterised(svg: str) -> Image.Image:
    """An SVG with its longer side at SIDE, as far as the SVG says which one that is."""
    import resvg_py

    head = re.search(r"<svg\b[^>]*>", svg, re.DOTALL)
    said = [
        re.search(rf'\b{side}="([\d.]+)', head.group(0)) if head else None for side in ("width", "height")
    ]
    wide, high = (float(side.group(1)) if side else 0.0 for side in said)
    tall = 0 < wide < high
    width, height = (None, SIDE) if tall else (SIDE, None)
    return Image.open(BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height))))


def trimmed(page: Image.Image) -> Image.Image:
    """Without the empty paper around a small drawing; a twentieth of its longer side is kept."""
    inked = ImageChops.difference(page, Image.new("RGB", page.size, "white"))
    box = inked.point(lambda value: 255 * (value > PAPER)).getbbox()
    if not box:
        return page
    left, top, right, bottom = box
    if (right - left) * (bottom - top) > FULL * page.width * page.height:
        return page
    edge = max(right - left, bottom - top) // 20 + 1
    right, bottom = min(page.width, right + edge), min(page.height, bottom + edge)
    return page.crop((max(0, left - edge), max(0, top - edge), right, bottom))


def _resized(page: Image.Image) -> Image.Image:
    longer = max(page.size)
    if longer < SMALL:
        width, height = (max(1, side * ENLARGED // longer) for side in page.size)
        page = page.resize((width, height), Image.Resampling.LANCZOS)
    page.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return page
