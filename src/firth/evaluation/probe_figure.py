"""Probes drawn: for each target every dimension as a dot, random directions, and the trained direction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from firth.errors import InputError, require
from firth.evaluation.probe import CHANCE, Probe

__all__ = ["draw"]

ENDINGS = (".svg", ".png", ".pdf")
FONTS = ["Noto Sans CJK TC", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", "DejaVu Sans"]
"""The first that is installed draws; Chinese needs one of the former."""


def draw(probes: Sequence[Probe], path: str | Path) -> Path:
    """Draw probes into a file, ``.svg``, ``.png`` or ``.pdf``; AUCs and correlations each on a scale of their own.

    Args:
        probes: One or more.
        path: The file.

    Raises:
        InputError: No probe, or another ending.
        MissingExtraError: matplotlib is not installed.
    """
    path = Path(path)
    if path.suffix not in ENDINGS:
        raise InputError(f"got the figure {path.name!r}; expected an ending of {', '.join(ENDINGS)}")
    if not probes:
        raise InputError("got no probe to draw; expected one or more")
    require("matplotlib", extra="plot", purpose="to draw a figure")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    groups = [[one for one in probes if one.measure == measure] for measure in CHANCE]
    groups = [group for group in groups if group]
    with rc_context({"font.family": _fonts(), "svg.fonttype": "path", "svg.hashsalt": "firth"}):
        figure = Figure(figsize=(8, 1 + 0.8 * len(groups) + 0.5 * len(probes)), layout="constrained")
        heights = [len(group) + 0.5 for group in groups]
        rows = figure.subplots(len(groups), squeeze=False, height_ratios=heights)
        for axes, group in zip(rows.ravel(), groups, strict=True):
            _draw_group(axes, group)
        handles, labels = rows[0, 0].get_legend_handles_labels()
        first = dict(zip(reversed(labels), reversed(handles), strict=True))
        names = list(dict.fromkeys(labels))
        figure.legend(
            [first[name] for name in names], names, loc="outside lower center", ncols=2, frameon=False
        )
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    return path


def _draw_group(axes: Any, probes: Sequence[Probe]) -> None:
    """Probes of one measure, a row each."""
    chance = CHANCE[probes[0].measure]
    for row, probe in enumerate(probes):
        _draw_row(axes, row, probe)
    axes.set_yticks(range(len(probes)), [probe.target for probe in probes])
    axes.set_ylim(len(probes) - 0.4, -0.6)
    axes.set_xlim(chance - 0.02, 1.02)
    axes.set_xlabel(f"{probes[0].measure}; {chance:g} is chance")


def _draw_row(axes: Any, row: int, probe: Probe) -> None:
    jitter = np.random.default_rng(row).uniform(-0.12, 0.12, len(probe.dimensions))
    place = {"s": 7, "linewidths": 0, "alpha": 0.5}
    axes.scatter(
        probe.dimensions, row - 0.17 + jitter, color="#4477aa", label="each dimension alone", **place
    )
    axes.scatter(probe.random, row + 0.17 + jitter, color="#999999", label="random directions", **place)
    line = {"color": "#222222", "linewidth": 1, "linestyle": ":"}
    axes.plot([probe.threshold] * 2, [row - 0.35, row + 0.35], label="the best of a shuffled target", **line)
    axes.scatter(
        [probe.trained], [row], color="#cc3311", marker="D", s=40, label="all dimensions, trained, held out"
    )


def _fonts() -> list[str]:
    """Those of `FONTS` that are there."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [font for font in FONTS if font in installed]
