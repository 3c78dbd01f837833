"""lite0's network in torch, from the weights that its ONNX graph takes: for training alone, never needed to encode.

Batch normalisation is folded into the convolutions, as in `firth.encoders.lite0`. That freezes its statistics, which
a few thousand pictures could only spoil, and leaves its gain and offset to learn as part of weight and bias.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from firth.errors import require
from firth.types import FloatArray

__all__ = ["BLOCKS", "TorchLite0"]

STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
"""EfficientNet-Lite0's stages: how many blocks, and the stride of the first."""
BLOCKS = sum(repeats for repeats, _ in STAGES)


class TorchLite0:
    """The network; its weights are leaves of autograd where they learn.

    Args:
        weights: By the names of the graph, as `Lite0.weights` gives them.
        learning: How many blocks learn, from the end; the convolution behind them learns with them.
        device: Where it runs, ``"cpu"`` or ``"cuda"``.
    """

    def __init__(self, weights: dict[str, FloatArray], *, learning: int, device: str) -> None:
        self.torch: Any = require("torch", extra="train", purpose="to tune the picture network")
        self.device = device
        first = BLOCKS - min(learning, BLOCKS)
        self.weights = {
            name: self.torch.tensor(np.ascontiguousarray(array), device=device)
            for name, array in weights.items()
        }
        self.learning = [name for name in weights if _learns(name, first)]
        for name in self.learning:
            self.weights[name].requires_grad_(True)

    def __call__(self, pixels: FloatArray) -> tuple[Any, Any]:
        """Features ``(n, 1280)`` and logits ``(n, 1000)`` of prepared pictures ``(n, 3, 224, 224)``."""
        x, block = self._conv(self.torch.tensor(pixels, device=self.device), "stem", stride=2), 0
        for repeats, first_stride in STAGES:
            for repeat in range(repeats):
                stride = first_stride if repeat == 0 else 1
                y = self._conv(x, f"b{block}.expand") if block else x
                y = self._conv(y, f"b{block}.depthwise", stride=stride)
                y = self._conv(y, f"b{block}.project", bounded=False)
                x = x + y if x.shape == y.shape and stride == 1 else y
                block += 1
        features = self._conv(x, "head").mean((2, 3))
        return features, features @ self.weights["fc.w"] + self.weights["fc.b"]

    def _conv(self, x: Any, name: str, *, stride: int = 1, bounded: bool = True) -> Any:
        weight = self.weights[f"{name}.w"]
        groups = x.shape[1] // weight.shape[1]
        padding = weight.shape[-1] // 2
        y = self.torch.nn.functional.conv2d(x, weight, self.weights[f"{name}.b"], stride, padding, 1, groups)
        return y.clamp(0, 6) if bounded else y

    def arrays(self) -> dict[str, FloatArray]:
        """The weights as they are now, by the names of the graph."""
        return {name: weight.detach().cpu().numpy() for name, weight in self.weights.items()}


def _learns(name: str, first: int) -> bool:
    """Whether a weight belongs to the blocks from `first` on, or to the convolution behind them."""
    part = name.partition(".")[0]
    if part in ("stem", "fc"):
        return part == "stem" and first == 0
    return part == "head" or int(part[1:]) >= first
