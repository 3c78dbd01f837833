"""Other views of a picture, for training: mirrored, cropped, in other colours, on other paper.

What a caption says of a picture holds for all of them, so a head that is taught by them goes by what does not
change. (Words such as "left" or "red" hold a little less; the changes are kept small.)
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["backdrop", "view"]

Pixels: TypeAlias = npt.NDArray[np.uint8]

LEAST_AREA = 0.5
"""Of a picture, in a crop."""
MOST_STRETCH = 1.25
"""Of a crop's width against its height, as the picture's."""
JITTER = 0.25
"""How far brightness, contrast and each channel may go, as a share."""
WHITE = 248
"""A channel from here on counts as white paper."""
PAPER = 0.5
"""How often a drawing on white gets other paper."""


def view(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """One random view of a picture.

    Args:
        pixels: ``(height, width, 3)``, RGB.
        rng: Where chance comes from.

    Returns:
        ``(h, w, 3)``, RGB, no larger than the picture.
    """
    paper = backdrop(pixels)
    if paper.mean() > 0.1 and rng.random() < PAPER:
        pixels = np.where(paper[..., None], rng.integers(0, 256, 3, np.uint8), pixels)
    pixels = _crop(pixels, rng)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    return _jitter(pixels, rng)


def backdrop(pixels: Pixels) -> npt.NDArray[np.bool_]:
    """Where a drawing's white paper is: white all the way to one of the four sides, ``(height, width)``.

    >>> picture = np.full((3, 3, 3), 255, np.uint8)
    >>> picture[1, 1] = 0
    >>> backdrop(picture).sum()
    np.int64(8)
    """
    white = (pixels >= WHITE).all(-1)
    seen = np.zeros_like(white)
    for axis in (0, 1):
        seen |= np.logical_and.accumulate(white, axis)
        seen |= np.flip(np.logical_and.accumulate(np.flip(white, axis), axis), axis)
    return seen


def _crop(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    side = np.sqrt(rng.uniform(LEAST_AREA, 1))
    stretch = np.sqrt(MOST_STRETCH ** rng.uniform(-1, 1))
    h, w = max(1, round(min(1, side / stretch) * height)), max(1, round(min(1, side * stretch) * width))
    top, left = rng.integers(height - h + 1), rng.integers(width - w + 1)
    return pixels[top : top + h, left : left + w]


def _jitter(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    low, high = 1 - JITTER, 1 + JITTER
    gain: Any = rng.uniform(low, high) * rng.uniform(np.sqrt(low), np.sqrt(high), 3)  # all, then each channel
    values = pixels.astype(np.float32)
    mean = values.mean()
    values = (values - mean) * rng.uniform(low, high) + mean
    return np.asarray(np.clip(values * gain, 0, 255), np.uint8)
