"""Two contrastive losses between pictures and captions, with their gradients written out.

Both look at the cosines ``S = v t^T`` of a batch, ``v`` (b, d) pictures and ``t`` (m, d) captions of unit length, times
a learned scale ``exp(s)``. A mask says which pairs belong together; another which are left out, for a caption that is
equal to a picture's own, or a picture of the same concept, is no negative.

InfoNCE (van den Oord et al. 2018, arXiv:1807.03748), both ways as in CLIP (Radford et al. 2021, arXiv:2103.00020); with
several captions a picture each positive ``p`` stands alone against the negatives ``N``, and their mean is taken::

    L = mean over positives of -log( exp(x_p) / (exp(x_p) + sum over N of exp(x_n)) ),   x = exp(s) S

The sigmoid loss (Zhai et al. 2023, arXiv:2303.15343) asks of every pair by itself, ``y`` = 1 together, -1 apart::

    L = -1/b sum over pairs of log sigmoid( y (exp(s) S + bias) )
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from firth.types import FloatArray

__all__ = ["LOSSES", "Loss", "info_nce", "sigmoid_loss"]

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Loss:
    """What a loss is on one batch, and its gradients.

    Attributes:
        value: The loss.
        scores: Its gradient by the cosines, ``(b, m)``.
        log_scale: By the logarithm of the scale.
        bias: By the bias; 0 where there is none.
    """

    value: float
    scores: FloatArray
    log_scale: float
    bias: float = 0.0


def info_nce(
    scores: FloatArray, positive: Mask, ignored: Mask, *, log_scale: float, bias: float = 0.0
) -> Loss:
    """InfoNCE, from pictures to captions and back, the mean of both.

    Args:
        scores: Cosines, ``(b, m)``.
        positive: Which pairs belong together, ``(b, m)``; every row has one at least.
        ignored: Which pairs are neither, ``(b, m)``.
        log_scale: The logarithm of what cosines are multiplied by.
        bias: Not used: it would cancel.
    """
    scale = np.exp(log_scale)
    logits = np.asarray(scale * scores, np.float64)
    to_captions, gradient = _one_way(logits, positive, ignored)
    to_pictures, gradient_back = _one_way(logits.T, positive.T, ignored.T)
    by_logits = (gradient + gradient_back.T) / 2
    value = (to_captions + to_pictures) / 2
    return Loss(value, np.asarray(scale * by_logits, np.float32), float((by_logits * logits).sum()))


def _one_way(
    logits: npt.NDArray[np.float64], positive: Mask, ignored: Mask
) -> tuple[float, npt.NDArray[np.float64]]:
    """The loss of rows that look for their columns, and its gradient by the logits."""
    logits = logits - logits.max(1, keepdims=True)
    raised = np.exp(logits)
    negatives = np.where(positive | ignored, 0, raised)
    others = negatives.sum(1, keepdims=True)
    sums = raised + others
    weight = positive / positive.sum()
    value = float((weight * (np.log(np.where(positive, sums, 1)) - np.where(positive, logits, 0))).sum())
    drawn = weight * (raised / sums - 1)
    pushed = negatives * np.divide(weight, sums, out=np.zeros_like(sums), where=positive).sum(
        1, keepdims=True
    )
    return value, drawn + pushed


def sigmoid_loss(
    scores: FloatArray, positive: Mask, ignored: Mask, *, log_scale: float, bias: float = 0.0
) -> Loss:
    """The sigmoid loss of SigLIP; the arguments are those of `info_nce`."""
    scale = np.exp(log_scale)
    sign = np.where(positive, 1.0, -1.0)
    margin = sign * (scale * np.asarray(scores, np.float64) + bias)
    counted = ~ignored / len(scores)
    value = float((np.logaddexp(0, -margin) * counted).sum())
    by_logits = -sign * counted / (1 + np.exp(np.clip(margin, -60, 60)))
    gradient = np.asarray(scale * by_logits, np.float32)
    return Loss(value, gradient, float((by_logits * scale * scores).sum()), float(by_logits.sum()))


LOSSES: dict[str, Callable[..., Loss]] = {"infonce": info_nce, "sigmoid": sigmoid_loss}
"""By the name that a user gives."""
