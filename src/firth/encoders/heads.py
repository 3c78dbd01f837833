"""What a joint model adds to two encoders, in plain numpy: a head for pictures, an adapter for texts.

The head goes from lite0's 1,280 features ``f`` to the text encoder's ``d`` dimensions, beside the mixture of class
names (`firth.encoders.class_names`), which knows a thousand things from elsewhere, and beside what the memory says
(`firth.encoders.memory`), where there is one::

    z = (f - center) / scale
    known = normalize(ConSE + m (1 - p) memory(f))
    u = z W + b + relu(z U + a) V + c known
    picture = normalize(normalize(u) + shift)

p is how probable the likeliest class is: where the network is sure of what it sees, as of photos of what it was trained
for, its word counts, and where it is not, the memory's.

The adapter is a residual, and where training began it changed nothing::

    text = normalize(t + (t - text.center) A + text.b)

Arrays by name: ``center scale`` (1280,), ``w`` (1280, d), ``b`` (d,), ``names`` (1,) which is c, ``shift`` (d,); with a
hidden layer ``hidden.w`` (1280, h), ``hidden.b`` (h,), ``hidden.out`` (h, d); with an adapter ``text.center`` (d,),
``text.w`` (d, d), ``text.b`` (d,); with a memory ``memory`` (1,) which is m. A model that is but a memory beside class
names has no ``w``. Its own vectors of class names, from several languages, are ``names.codes`` (1000, d) times
``names.step`` (d,).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["adapted_texts", "class_vectors", "has_adapter", "picture_vectors"]


def picture_vectors(
    arrays: Mapping[str, FloatArray],
    features: FloatArray,
    names: FloatArray,
    remembered: FloatArray | None = None,
) -> FloatArray:
    """Pictures in the text encoder's space.

    Args:
        arrays: The head's.
        features: lite0's, ``(n, 1280)``, not normalized.
        names: The pictures' mixtures of class names, ``(n, d)`` of unit length.
        remembered: What the memory says of each, ``(n, d)``, as far as the network is in doubt.

    Returns:
        ``(n, d)`` of unit length.
    """
    known = names if remembered is None else normalize(names + arrays["memory"] * remembered)
    u = arrays["names"] * known
    if "w" in arrays:
        z = (features - arrays["center"]) / arrays["scale"]
        u = u + z @ arrays["w"] + arrays["b"]
        if "hidden.w" in arrays:
            u += np.maximum(z @ arrays["hidden.w"] + arrays["hidden.b"], 0) @ arrays["hidden.out"]
    return normalize(normalize(u) + arrays["shift"])


def class_vectors(arrays: Mapping[str, FloatArray]) -> FloatArray | None:
    """The model's own vectors of the thousand class names, ``(1000, d)``; None where the text encoder's do."""
    return arrays["names.codes"] * arrays["names.step"] if "names.codes" in arrays else None


def has_adapter(arrays: Mapping[str, FloatArray]) -> bool:
    """Whether texts go through an adapter too; if not, their vectors are the text encoder's own."""
    return "text.w" in arrays


def adapted_texts(arrays: Mapping[str, FloatArray], texts: FloatArray) -> FloatArray:
    """Texts ``(n, d)`` of the text encoder, moved towards the pictures: ``(n, d)`` of unit length."""
    moved = (texts - arrays["text.center"]) @ arrays["text.w"] + arrays["text.b"]
    return normalize(texts + moved)
