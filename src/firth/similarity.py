"""How near are two vectors? Cosine, dot product and Euclidean distance, and which way each one points.

The worked example of the articles: two vectors of the same direction have cosine 1, of opposite directions
-1, orthogonal ones 0, and their lengths do not matter; for the Euclidean distance both matter.

>>> float(cosine([1, 2], [2, 4])), float(cosine([1, 2], [-1, -2])), float(cosine([1, 0], [0, 3]))
(1.0, -1.0, 0.0)
>>> float(euclidean([1, 2], [2, 4])) > 0
True
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from firth.errors import DimensionError
from firth.types import FloatArray

__all__ = ["Metric", "cosine", "dot", "euclidean", "normalize", "pairwise"]


class Metric(StrEnum):
    """A similarity or distance by its name; knows whether more is better."""

    COSINE = "cosine"
    DOT = "dot"
    EUCLIDEAN = "euclidean"

    @property
    def higher_is_better(self) -> bool:
        """True for similarities, False for distances."""
        return self is not Metric.EUCLIDEAN


def cosine(a: npt.ArrayLike, b: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The cosine of the angle between vectors: (a . b) / (|a| |b|), in -1..1.

    Args:
        a: ``(..., d)``; leading axes broadcast against those of ``b``.
        b: ``(..., d)``.

    Returns:
        ``(...)``. A vector of zeros has no direction: its cosine with anything is 0.

    Raises:
        DimensionError: The last axes differ.
    """
    a, b = _same_width(a, b)
    # the root of the product, not the product of the roots: parallel vectors of whole numbers give 1 to the last bit
    scale = np.sqrt(np.einsum("...d,...d->...", a, a) * np.einsum("...d,...d->...", b, b))
    product = np.einsum("...d,...d->...", a, b)
    value = np.divide(product, scale, out=np.zeros_like(product), where=scale > 0)
    return np.asarray(np.clip(value, -1.0, 1.0))  # rounding alone can carry it past 1


def dot(a: npt.ArrayLike, b: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The dot product; for vectors of unit length the same as `cosine`.

    >>> float(dot([1, 2], [3, 4]))
    11.0
    """
    a, b = _same_width(a, b)
    return np.asarray(np.einsum("...d,...d->...", a, b))


def euclidean(a: npt.ArrayLike, b: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The straight-line distance; smaller is nearer, direction and length both count.

    >>> float(euclidean([0, 0], [3, 4]))
    5.0
    """
    a, b = _same_width(a, b)
    return np.asarray(np.linalg.norm(a - b, axis=-1))


def normalize(vectors: npt.ArrayLike) -> FloatArray:
    """Vectors of the same direction and unit length; a vector of zeros stays as it is.

    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    array = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    return np.asarray(np.divide(array, length, out=np.zeros_like(array), where=length > 0))


def pairwise(queries: npt.ArrayLike, vectors: npt.ArrayLike, metric: Metric = Metric.COSINE) -> FloatArray:
    """Every query against every vector.

    Args:
        queries: ``(q, d)``.
        vectors: ``(n, d)``.
        metric: Which similarity.

    Returns:
        ``(q, n)``, the metric's own values.
    """
    queries, vectors = _same_width(queries, vectors, dtype=np.float32)
    if metric is Metric.COSINE:
        return np.asarray(normalize(queries) @ normalize(vectors).T)
    product = queries @ vectors.T
    if metric is Metric.DOT:
        return np.asarray(product)
    square = (queries**2).sum(1)[:, None] + (vectors**2).sum(1)[None, :] - 2 * product
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def _same_width(
    a: npt.ArrayLike, b: npt.ArrayLike, dtype: npt.DTypeLike = np.float64
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    a, b = np.asarray(a, dtype=dtype), np.asarray(b, dtype=dtype)
    if a.ndim == 0 or b.ndim == 0 or a.shape[-1] != b.shape[-1]:
        raise DimensionError(
            f"got vectors of shape {a.shape} and {b.shape}; expected the same last axis (d). "
            "Vectors of two encoders cannot be compared"
        )
    return a, b
