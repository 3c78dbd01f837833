"""The loss of word vectors, plainly: what the fast ways minimise, and what they are tested against.

Negative sampling (Mikolov et al. 2013, arXiv:1310.4546, eq. 4): for an input vector v, the output vector u of the word
that was there, and those of k words drawn by chance,

    loss = -log s(u . v) - sum_k log s(-u_k . v)        with s(x) = 1 / (1 + exp(-x))

v is a word's row (skip-gram) or the mean of several: of its neighbours (CBOW), of its pieces (subwords). Of a mean each
row takes the whole step, as in word2vec and fastText: so the mean itself moves as one row would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firth.types import FloatArray

__all__ = ["Slopes", "log_sigmoid", "loss", "sigmoid", "slopes"]


def sigmoid(x: FloatArray) -> FloatArray:
    """``1 / (1 + exp(-x))``."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), x.dtype)


def log_sigmoid(x: FloatArray) -> FloatArray:
    """``log(1 / (1 + exp(-x)))``, without overflow."""
    return np.asarray(-np.logaddexp(0, -x), x.dtype)


def loss(
    inputs: FloatArray, outputs: FloatArray, labels: FloatArray, weights: float | FloatArray = 1.0
) -> float:
    """The loss of one step or many, summed.

    Args:
        inputs: ``(b, d)``.
        outputs: ``(b, k, d)``, or ``(k, d)`` where all inputs share them.
        labels: ``(b, k)``: 1 for the word that was there, 0 for one that was not.
        weights: ``(b, k)``: how often each counts.

    >>> one, zero = np.ones((1, 2), np.float32), np.zeros((1, 1, 2), np.float32)
    >>> round(loss(one, zero, np.ones((1, 1), np.float32)), 4)  # log 2: nothing is known yet
    0.6931
    """
    products = _products(inputs, outputs)
    return float(-(weights * log_sigmoid(np.where(labels > 0, products, -products))).sum())


@dataclass(frozen=True)
class Slopes:
    """The gradient of `loss`.

    Attributes:
        inputs: ``(b, d)``.
        outputs: Shaped as the outputs were.
    """

    inputs: FloatArray
    outputs: FloatArray


def slopes(
    inputs: FloatArray, outputs: FloatArray, labels: FloatArray, weights: float | FloatArray = 1.0
) -> Slopes:
    """The gradient of `loss` by its inputs and outputs: ``s(u . v) - label`` times the other vector."""
    errors = np.asarray(weights * (sigmoid(_products(inputs, outputs)) - labels), inputs.dtype)
    if outputs.ndim == 2:
        return Slopes(errors @ outputs, errors.T @ inputs)
    return Slopes(np.einsum("bk,bkd->bd", errors, outputs), errors[:, :, None] * inputs[:, None, :])


def _products(inputs: FloatArray, outputs: FloatArray) -> FloatArray:
    if outputs.ndim == 2:
        return np.asarray(inputs @ outputs.T)
    return np.asarray(np.einsum("bd,bkd->bk", inputs, outputs))
