"""Principal components: the directions in which vectors differ most, at once and always the same.

The only map here on which a straight line means something. Little of a neighbourhood survives in two components,
so it is a first picture, and where the other layouts begin.
"""

from __future__ import annotations

import numpy as np

from firth.types import FloatArray

__all__ = ["principal_components"]

BLOCK = 8192


def principal_components(vectors: FloatArray, dim: int) -> FloatArray:
    """Coordinates ``(n, dim)`` along the principal components of ``(n, d)``; zeros where there are fewer.

    The sign of a component is free; here its largest weight is positive.

    >>> principal_components(np.array([[0, 0], [2, 2], [4, 4]], np.float32), 1).ravel().round(2)
    array([-2.83,  0.  ,  2.83], dtype=float32)
    """
    n, d = vectors.shape
    positions = np.zeros((n, dim), np.float32)
    if n < 2:
        return positions
    center = vectors.mean(0, dtype=np.float64).astype(np.float32)
    covariance = np.zeros((d, d))
    for start in range(0, n, BLOCK):
        block = vectors[start : start + BLOCK] - center
        covariance += block.T @ block
    _, components = np.linalg.eigh(covariance)
    components = components[:, ::-1][:, :dim]
    largest = np.take_along_axis(components, np.abs(components).argmax(0)[None], 0)
    components = (components * np.where(largest < 0, -1, 1)).astype(np.float32)
    positions[:, : components.shape[1]] = vectors @ components - center @ components
    return positions
