"""Pictures on a plain ground, framed alike: cut to what stands on it, square, with a margin all around.

A network that learned from photos tells a drawing better at the size and in the proportions that things have there;
and a drawing is more like another of the same thing when both fill the same part of the square. Photos fill their
frame, and stay as they are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["MARGIN", "framed"]

MARGIN = 0.15
"""On each side, beside the longer side of what is framed."""
TOLERANCE = 16
"""Steps of 255 by which a colour may differ from the ground and still be ground, as JPEG's noise does."""
PLAIN = 0.5
"""How much of a picture's edge is ground at least; what is drawn may touch it."""
PAPER = 0.2
"""How much of it, where it is white without any noise, as behind what was cut out: that is ground in any corner."""
FULL = 0.02
"""A cut-out that holds less of the ground is a picture in a frame: then the frame is cut off, and that is all."""
FINE = 256
"""Of a large picture, rows and columns are skipped until about so many are left on the shorter side."""

Pixels = npt.NDArray[np.uint8]


def framed(picture: Pixels) -> Pixels:
    """What stands on a plain ground, in the middle of a square of that ground.

    Args:
        picture: ``(h, w, 3)``, RGB.

    Returns:
        ``(s, s, 3)``; what a frame holds, without the frame; the picture itself where its ground is not plain, or
        nothing stands on it.

    >>> drawing = np.full((60, 100, 3), 255, np.uint8)
    >>> drawing[:40, 50:70] = drawing[20:40, 50:90] = (200, 30, 30)
    >>> framed(drawing).shape
    (52, 52, 3)
    """
    ground = _ground(picture)
    if ground is None:
        return picture
    step = max(1, min(picture.shape[:2]) // FINE)
    other = ~_alike(picture[::step, ::step], ground)
    rows, columns = np.flatnonzero(other.any(1)), np.flatnonzero(other.any(0))
    if not len(rows):
        return picture
    top, left = rows[0] * step, columns[0] * step
    content = picture[top : (rows[-1] + 1) * step, left : (columns[-1] + 1) * step]
    height, width = content.shape[:2]
    if _alike(content[::step, ::step], ground).mean() < FULL:
        return np.ascontiguousarray(content)
    side = round(max(height, width) * (1 + 2 * MARGIN))
    square = np.empty((side, side, 3), np.uint8)
    square[:] = ground
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = content
    return square


def _ground(picture: Pixels) -> npt.NDArray[np.uint8] | None:
    """White paper, or the colour of three corners at least and of half the edge; None where there is neither."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    if (edge == 255).all(1).mean() >= PAPER:
        return np.full(3, 255, np.uint8)
    corners = picture[[0, 0, -1, -1], [0, -1, 0, -1]]
    ground = np.median(corners, axis=0).astype(np.uint8)
    if _alike(corners, ground).sum() < 3:
        return None
    return ground if _alike(edge, ground).mean() >= PLAIN else None


def _alike(colours: Pixels, ground: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which of the colours ``(..., 3)`` are the ground's."""
    return np.asarray((np.maximum(colours, ground) - np.minimum(colours, ground) <= TOLERANCE).all(-1))
