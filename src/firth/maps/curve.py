"""How attraction and repulsion fall with the distance on the map (UMAP, arXiv:1802.03426, sections 3.2 and 4.2).

Two items at squared distance s on the map belong together by 1 / (1 + a s^b). The gradient of the cross entropy
pulls the ends of an edge together and pushes an item away from items drawn by chance.
"""

from __future__ import annotations

import numpy as np

from firth.types import FloatArray

__all__ = ["REACH", "attraction", "repulsion"]

A, B = np.float32(1.577), np.float32(0.8951)
"""The paper's curve for min_dist = 0.1 and spread = 1."""
REACH = np.float32(4)
"""No single force moves an item farther, along one axis."""
NEAR = np.float32(1e-3)
"""Keeps the repulsion of two items at one place finite."""
LEAST = np.float32(1e-12)


def attraction(squares: FloatArray) -> FloatArray:
    """-2ab s^(b-1) / (1 + a s^b), what the difference of two positions is multiplied by; nothing at distance 0."""
    squares = np.maximum(squares, LEAST)
    power = _power(squares)
    return np.asarray(-2 * A * B * power / (squares * (1 + A * power)))


def repulsion(squares: FloatArray) -> FloatArray:
    """2b / ((0.001 + s) (1 + a s^b))."""
    power = _power(np.maximum(squares, LEAST))
    power *= A
    power += 1
    power *= squares + NEAR
    return np.divide(2 * B, power, out=power)


def _power(squares: FloatArray) -> FloatArray:
    """s^b; by exp and log, which numpy computes several at a time on more machines than powers."""
    power = np.log(squares)
    power *= B
    return np.exp(power, out=power)
