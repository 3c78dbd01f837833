"""What is known of pictures before anything is learned: the head learns what that leaves.

That is `joint`, which comes with firth. Its memory goes into the folder of the trained model, which so stays what it is
when firth's changes. A picture network that is tuned sees otherwise than the memory's pictures were seen, so such a
model stands beside class names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from firth.encoders import encoder
from firth.encoders.class_names import ClassNames
from firth.encoders.joint import Joint
from firth.encoders.joint_folder import read_tower
from firth.encoders.memory import Memory
from firth.encoders.registry import picture_encoder
from firth.types import FloatArray

__all__ = ["Known", "carried", "known_vectors", "shipped"]

Known = Joint | ClassNames
OWN = ("names.codes", "names.step", "memory")
"""The arrays by which `joint` knows: class names in several languages, and how much its memory counts beside them."""


def shipped(tower: str) -> Known:
    """What makes pictures' vectors beside a text encoder where nothing was trained."""
    found = encoder(picture_encoder(tower))
    assert isinstance(found, Known)  # noqa: S101 - for mypy
    return found


def known_vectors(known: Known, features: Any, logits: Any) -> FloatArray:
    """Vectors ``(n, d)`` of pictures as lite0 sees them."""
    logits = np.asarray(logits, np.float32)
    if isinstance(known, ClassNames):
        return known.from_logits(logits)
    return known.from_features(np.asarray(features, np.float32), logits)


def carried(known: Known) -> tuple[dict[str, Any], Memory | None]:
    """What a trained model takes along of that which it stands beside: arrays, and the memory."""
    if isinstance(known, ClassNames):
        return {}, None
    tower = read_tower(known.folder, known.texts.name)
    arrays: dict[str, Any] = {name: tower.arrays[name] for name in OWN}
    arrays["names.codes"] = np.asarray(arrays["names.codes"], np.int8)  # as small as it was
    return arrays, tower.memory
