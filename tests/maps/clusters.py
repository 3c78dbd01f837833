"""Vectors whose right answer is known: heaps around centres far apart."""

from __future__ import annotations

import numpy as np


def heaps(count=5, each=60, d=32, spread=0.1, seed=0):
    """Vectors ``(count * each, d)`` and the heap of each."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(count, d))
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    vectors = np.repeat(centers, each, 0) + spread * rng.normal(size=(count * each, d)) / d**0.5
    return vectors.astype(np.float32), np.repeat(np.arange(count), each)


def purity(positions, heap, k=10):
    """The share of the nearest on the map that are of the same heap."""
    far = ((positions[:, None] - positions[None]) ** 2).sum(2)
    np.fill_diagonal(far, np.inf)
    return float((heap[np.argsort(far, axis=1)[:, :k]] == heap[:, None]).mean())
