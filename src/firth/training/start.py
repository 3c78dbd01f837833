"""Where a head begins: the ridge regression from features to captions, in closed form.

It is most of what few examples can teach, and costs seconds; the contrastive loss then sharpens it. How strong the
ridge is, and how much the names of classes count, is chosen by what finds most of the held-out captions.

A head that was trained before, on other pictures, can be gone on from: then the regression is of what it leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from firth.training.examples import Examples
from firth.training.layers import Frame, head_forward, head_moved
from firth.training.recall import mean_recall, recalls
from firth.types import FloatArray

__all__ = ["frame_of", "in_frame", "ridge_start"]

RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Tried, each times the number of views of pictures."""
NAMES = (0.3, 0.6, 1.0)
"""Tried: what the mixture of class names counts."""
PARTS = (0.25, 0.5, 1.0)
"""Tried: how much of a head that was trained before is kept."""
MOVING = ("w", "b", "hidden.out")
"""What such a head moves pictures by."""
LEAST_SCALE = 1e-3
MOST = 1000
"""Captions a column that a choice is made by."""


def frame_of(examples: Examples) -> Frame:
    """Means and deviations of what is learned from."""
    features = np.asarray(examples.features[examples.trained, 0], np.float32)
    captions = examples.captions[examples.of_trained()]
    origin = captions.mean(0)
    spread = float(np.sqrt(((captions - origin) ** 2).mean()))
    return Frame(features.mean(0), features.std(0) + np.float32(LEAST_SCALE), origin, spread)


def in_frame(arrays: Mapping[str, FloatArray], frame: Frame) -> dict[str, FloatArray]:
    """A head as it is kept (`firth.encoders.heads`), as one that learns in another frame; the inverse of `exported`."""
    stretch = (frame.scale / arrays["scale"])[:, None]
    offset = (frame.center - arrays["center"]) / arrays["scale"]
    spread = np.float32(frame.spread)
    found = {"w": stretch * arrays["w"] / spread, "names": arrays["names"].copy()}
    found["b"] = (offset @ arrays["w"] + arrays["b"] - frame.origin) / spread
    if "hidden.w" in arrays:
        found["hidden.w"] = stretch * arrays["hidden.w"]
        found["hidden.b"] = offset @ arrays["hidden.w"] + arrays["hidden.b"]
        found["hidden.out"] = arrays["hidden.out"] / spread
    return {name: np.asarray(array, np.float32) for name, array in found.items()}


def ridge_start(
    examples: Examples, frame: Frame, *, before: Mapping[str, FloatArray] | None = None
) -> dict[str, FloatArray]:
    """The head's arrays to begin with: ``w b names``, and the hidden layer of the head `before`.

    Args:
        examples: What is learned from.
        frame: Its means and deviations.
        before: A head of the same text encoder to go on from, as it is kept.
    """
    z = frame.standardized(examples.features[:, 0])
    names = np.asarray(examples.names[:, 0], np.float32)
    best: dict[str, FloatArray] = {}
    most = -1.0
    for begun in _beginnings(frame, before):
        shares = [float(begun["names"][0])] if before and begun["names"][0] else NAMES
        for added in _solutions(examples, frame, begun):
            for share in shares:
                arrays = {**begun, "w": begun["w"] + added, "names": np.array([share], np.float32)}
                pictures = head_forward(arrays, frame, z, names).vectors
                found = mean_recall(recalls(examples, pictures, examples.captions, most=MOST))
                if found > most:
                    best, most = arrays, found
    return best


def _beginnings(frame: Frame, before: Mapping[str, FloatArray] | None) -> Iterator[dict[str, FloatArray]]:
    """Nothing, and the head `before`, whole and weakened: what it learned elsewhere may hold less here."""
    wide, d = len(frame.center), len(frame.origin)
    zeros = {"w": (wide, d), "b": (d,), "names": (1,)}
    yield {name: np.zeros(shape, np.float32) for name, shape in zeros.items()}
    if before:
        whole = in_frame(before, frame)
        for part in PARTS:
            weak = {name: np.asarray(part * whole[name], np.float32) for name in MOVING if name in whole}
            yield {**whole, **weak}


def _solutions(examples: Examples, frame: Frame, begun: Mapping[str, FloatArray]) -> Iterator[FloatArray]:
    """W = (Z^T Z + r I)^-1 Z^T Y for each ridge r, by one decomposition, and at last 0.

    Y is the mean of a picture's captions, less what the head that was begun makes of it.
    """
    targets = np.zeros((len(examples.concept), len(frame.origin)), np.float32)
    np.add.at(targets, examples.owner, (examples.captions - frame.origin) / np.float32(frame.spread))
    counts = np.bincount(examples.owner, minlength=len(targets))
    targets /= np.maximum(counts, 1)[:, None]
    views = examples.features.shape[1]
    square = np.zeros((len(frame.center),) * 2)
    product = np.zeros((len(frame.center), targets.shape[1]))
    for view in range(views):
        z = frame.standardized(examples.features[examples.trained, view])
        square += z.T @ z
        product += z.T @ (targets[examples.trained] - head_moved(begun, z))
    values, axes = np.linalg.eigh(square)
    turned = axes.T @ product
    for ridge in RIDGES:
        strength = ridge * len(examples.trained) * views
        yield np.asarray(axes @ (turned / (np.maximum(values, 0) + strength)[:, None]), np.float32)
    yield np.zeros_like(begun["w"])
