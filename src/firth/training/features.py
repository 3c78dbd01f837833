"""What lite0 sees in pictures and in other views of them, computed once and kept beside the training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from firth.data import Limits, load_picture
from firth.encoders.lite0 import CLASSES, Lite0
from firth.errors import FirthError
from firth.kernel.threads import cores
from firth.training.checkpoint import Checkpoint, digest
from firth.training.views import Pixels, view
from firth.types import PictureSource, Skipped

__all__ = ["Features", "decoded", "picture_features", "refused"]

CHUNK = 256
"""Pictures whose features make one file of the checkpoint."""
SIDE = 224
"""The shorter side that the network needs."""


@dataclass(frozen=True, slots=True)
class Features:
    """What the network sees, of those pictures that could be decoded.

    Attributes:
        features: ``(n, 1 + views, 1280)`` float16; view 0 is the picture as it is.
        logits: Of the 1,000 classes, ``(n, 1 + views, 1000)`` float16.
        kept: The places of those ``n`` among the pictures asked for.
    """

    features: Any
    logits: Any
    kept: Any


def picture_features(
    images: Sequence[PictureSource],
    network: Lite0,
    *,
    views: int,
    seed: int,
    checkpoint: Checkpoint,
    limits: Limits,
    progress: Callable[[int], None],
) -> Features:
    """Compute features chunk by chunk, or take them from the checkpoint.

    Args:
        images: Pictures.
        network: What sees them.
        views: Random views of each, beside itself.
        seed: Where their chance comes from; a view depends on it and on the picture's place alone.
        checkpoint: Where chunks are kept.
        limits: How large a picture may be.
        progress: Told how many pictures are done.
    """
    parts = []
    for start in range(0, len(images), CHUNK):
        some = images[start : start + CHUNK]
        name = "features-" + digest(network.fingerprint, views, seed, start, [_mark(image) for image in some])
        part = checkpoint.read(name)
        if part is None:
            part = _seen(some, start, network, views, seed, limits)
            checkpoint.write(name, part)
        parts.append({**part, "kept": part["kept"] + start})
        progress(len(some))
    return Features(
        *(np.concatenate([part[key] for part in parts]) for key in ("features", "logits", "kept"))
    )


def decoded(images: Sequence[PictureSource], limits: Limits) -> list[Pixels | FirthError]:
    """The pixels of pictures, or what is wrong with them, on all cores."""

    def decode(image: PictureSource) -> Pixels | FirthError:
        try:
            return load_picture(image, min_side=SIDE, limits=limits)
        except FirthError as error:
            return error

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(decode, images))


def refused(
    images: Sequence[PictureSource], ids: Sequence[str], kept: Sequence[int], limits: Limits
) -> list[Skipped]:
    """Why pictures were not kept."""
    lost = sorted(set(range(len(images))) - {int(place) for place in kept})
    reasons = decoded([images[place] for place in lost], limits)
    return [Skipped(ids[place], str(reason)) for place, reason in zip(lost, reasons, strict=True)]


def _seen(
    images: Sequence[PictureSource], start: int, network: Lite0, views: int, seed: int, limits: Limits
) -> dict[str, Any]:
    pixels = decoded(images, limits)
    whole = {place: picture for place, picture in enumerate(pixels) if isinstance(picture, np.ndarray)}
    rngs = {place: np.random.default_rng([seed, start + place]) for place in whole}
    features = np.empty((len(whole), 1 + views, network.dim), np.float16)
    logits = np.empty((len(whole), 1 + views, CLASSES), np.float16)
    for number in range(1 + views):
        shown = [view(picture, rngs[place]) if number else picture for place, picture in whole.items()]
        features[:, number], logits[:, number] = network.run(shown)
    return {"features": features, "logits": logits, "kept": np.array(list(whole), np.int64)}


def _mark(image: PictureSource) -> object:
    """What a picture is told from others by, without reading a file."""
    if isinstance(image, bytes):
        return digest(image)
    if isinstance(image, Path):
        status = image.stat()
        return str(image), status.st_size, status.st_mtime_ns
    return digest(image.size, image.mode, image.tobytes())
