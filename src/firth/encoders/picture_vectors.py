"""Several vectors of a picture by one pass of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from firth.encoders.base import Encoder
from firth.encoders.class_names import ClassNames
from firth.encoders.joint import Joint
from firth.encoders.lite0 import Lite0
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["vectors_of_pictures"]


def vectors_of_pictures(encoders: Mapping[str, Encoder], pictures: Sequence[Any]) -> dict[str, FloatArray]:
    """Encode pictures by several encoders; those that stand on the same network share its pass.

    Args:
        encoders: By the name of the vector that each makes.
        pictures: What encoders of pictures take; pixels, best of all, for they are decoded already.

    Returns:
        ``(n, d)`` by the names of `encoders`.
    """
    vectors = {}
    seen: dict[str, tuple[FloatArray, FloatArray]] = {}
    for name, encoder in encoders.items():
        network = _network(encoder)
        if network is None:
            vectors[name] = encoder.encode(pictures)
            continue
        if network.fingerprint not in seen:
            seen[network.fingerprint] = network.run(pictures)
        features, logits = seen[network.fingerprint]
        if isinstance(encoder, Joint):
            vectors[name] = encoder.from_features(features, logits)
        elif isinstance(encoder, ClassNames):
            vectors[name] = encoder.from_logits(logits)
        else:
            vectors[name] = normalize(features)
    return vectors


def _network(encoder: Encoder) -> Lite0 | None:
    """The network that an encoder of pictures stands on."""
    if isinstance(encoder, Lite0):
        return encoder
    return encoder.pictures if isinstance(encoder, Joint | ClassNames) else None
