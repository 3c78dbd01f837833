"""AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101), in numpy, with decay towards where training began.

Decay towards the start rather than towards zero (L2-SP, Li et al. 2018, arXiv:1802.01483): the start is the solution of
a ridge regression and worth keeping, so few examples move it little.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from firth.types import FloatArray

__all__ = ["AdamW"]

BETAS = (0.9, 0.98)
EPSILON = 1e-8


class AdamW:
    """Steps of Adam on arrays by name, changed in place.

    Args:
        arrays: What is learned; as they are now, matrices decay towards it.
        decay: How fast, a share of the step's learning rate.
    """

    def __init__(self, arrays: dict[str, FloatArray], *, decay: float) -> None:
        self.arrays = arrays
        self.decay = decay
        self.steps = 0
        self.start = {name: array.copy() for name, array in arrays.items() if array.ndim > 1}
        self.mean = {name: np.zeros_like(array) for name, array in arrays.items()}
        self.square = {name: np.zeros_like(array) for name, array in arrays.items()}

    def step(self, gradients: Mapping[str, FloatArray], *, rate: float) -> None:
        """Move every array that has a gradient by at most about `rate` an entry."""
        self.steps += 1
        first, second = BETAS
        unbias = np.sqrt(1 - second**self.steps) / (1 - first**self.steps)
        for name, gradient in gradients.items():
            array, mean, square = self.arrays[name], self.mean[name], self.square[name]
            mean += (1 - first) * (gradient - mean)
            square += (1 - second) * (gradient * gradient - square)
            if name in self.start:
                array -= rate * self.decay * (array - self.start[name])
            array -= rate * unbias * mean / (np.sqrt(square) + EPSILON)

    def state(self) -> dict[str, FloatArray]:
        """All that a later run needs to go on from here."""
        groups = {"": self.arrays, "start/": self.start, "mean/": self.mean, "square/": self.square}
        named = {prefix + name: array for prefix, group in groups.items() for name, array in group.items()}
        return {**named, "steps/": np.array([self.steps], np.float32)}

    def restore(self, state: Mapping[str, FloatArray]) -> None:
        """Go on from a `state`."""
        groups = {"": self.arrays, "start/": self.start, "mean/": self.mean, "square/": self.square}
        for prefix, group in groups.items():
            for name, array in group.items():
                array[...] = state[prefix + name]
        self.steps = int(state["steps/"][0])
