"""A map as a picture file, without a browser: points in the colours of their regions, with labels in any script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import InputError, require
from firth.maps import Map
from firth.text.characters import is_cjk

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ENDINGS", "write_map_picture"]

ENDINGS = (".png", ".svg")
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a6a00", "#666666")
"""Told apart by the colour-blind too (Okabe and Ito 2008, jfly.uni-koeln.de/color), the yellow made darker."""
FONTS = (
    "Noto Sans CJK TC",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans TC",
    "PingFang TC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft JhengHei",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)
INK = "#222222"
SIDE = 10
"""Inches."""
WORDS = 3


def write_map_picture(drawn: Map, path: Path) -> str:
    """Draw a map in two dimensions to ``.png`` or ``.svg``; letters become outlines, so they look the same anywhere.

    Args:
        drawn: The map.
        path: The file.

    Returns:
        What a person should know, that labels need a font which is missing, say; else ``""``.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: The map has three dimensions, or the file another ending.
    """
    if drawn.positions.shape[1] != 2 or path.suffix not in ENDINGS:
        raise InputError(
            f"got {drawn.positions.shape[1]} dimensions and {path.name!r}; expected 2, and {' or '.join(ENDINGS)}"
        )
    matplotlib = require("matplotlib", extra="plot", purpose="to draw a map as a picture")
    from matplotlib.figure import Figure

    fonts = _installed_fonts()
    labels = [region for region in drawn.regions if region.level == 0 and region.words]
    with matplotlib.rc_context({"font.family": [*fonts, "DejaVu Sans"], "svg.hashsalt": "firth"}):
        figure = Figure(figsize=(SIDE, SIDE), layout="constrained")
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_aspect("equal")
        _points(axes, drawn)
        for region in labels:
            _label(axes, region.center, " · ".join(region.words[:WORDS]))
        axes.set_title(_caption(drawn), fontsize=9, color="#555555", loc="left")
        figure.savefig(
            path, dpi=150, bbox_inches="tight", metadata={"Date": None} if path.suffix == ".svg" else None
        )
    if not fonts and any(map(is_cjk, "".join(region.label for region in labels))):
        return "no font with Chinese was found, so labels show boxes. Next: install fonts-noto-cjk"
    return ""


def _points(axes: Axes, drawn: Map) -> None:
    """All points in one random order, so that no region hides another."""
    order = np.random.default_rng(0).permutation(len(drawn))
    palette = np.array(COLORS)
    regions = drawn.region_of[0] if len(drawn.region_of) else np.zeros(len(drawn), np.int32)
    size = float(np.clip(60_000 / max(len(drawn), 1), 0.5, 30))
    x, y = drawn.positions[order].T
    axes.scatter(
        x,
        y,
        s=size,
        c=palette[regions[order] % len(palette)],
        alpha=0.7 if len(drawn) < 20_000 else 0.35,
        linewidths=0,
        rasterized=True,  # a hundred thousand shapes would make an svg that nothing opens
    )


def _label(axes: Axes, center: tuple[float, ...], text: str) -> None:
    from matplotlib.patheffects import withStroke

    outline: Any = [withStroke(linewidth=3, foreground="white")]
    x, y = center
    axes.text(
        x, y, text, ha="center", va="center", fontsize=11, color=INK, weight="bold", path_effects=outline
    )


def _caption(drawn: Map) -> str:
    told = f"{len(drawn):,} items, {drawn.method}"
    if drawn.faithfulness:
        found = drawn.faithfulness
        told += f"; {found.recall:.0%} of an item's {found.k} nearest are its nearest here too"
    return told + ("; a sample was laid out, the rest placed" if drawn.sampled else "")


def _installed_fonts() -> list[str]:
    """Fonts that have Chinese, of those on this machine; asking for others would print a warning a label."""
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return [font for font in FONTS if font in there]
