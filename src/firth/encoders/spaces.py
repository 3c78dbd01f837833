"""Named vectors: which encoders make them, and the promise that no other does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from firth.encoders.base import Encoder, Stamp
from firth.encoders.joint import Joint
from firth.encoders.registry import default_text_encoder, encoder, picture_encoder
from firth.errors import InputError, UnknownNameError

__all__ = ["LOOK", "MEANING", "Space", "default_spaces"]

MEANING = "meaning"
"""The vector that text and pictures share."""
LOOK = "look"
"""The vector of pictures alone: how they look."""


@dataclass(frozen=True, slots=True)
class Space:
    """One named vector of a collection.

    Attributes:
        name: For example ``"meaning"``.
        stamps: The encoder of each modality (``"text"``, ``"image"``); none where the user brings the vectors.
        dim: The width ``d``.
    """

    name: str
    stamps: Mapping[str, Stamp]
    dim: int

    def encoder(self, modality: str) -> Encoder:
        """The encoder of a modality, which must be the one that made the stored vectors.

        Raises:
            UnknownNameError: This vector takes no such input.
            EncoderMismatchError: The installed encoder has other weights than the stored vectors'.
        """
        if modality not in self.stamps:
            takes = " or ".join(self.stamps) or "vectors only, which you bring yourself"
            raise UnknownNameError(f"the vector {self.name!r} takes no {modality}; it takes {takes}")
        stamp = self.stamps[modality]
        found = encoder(stamp.name)
        stamp.check(found.stamp)
        return found

    def takes(self, modality: str) -> bool:
        """Whether there is an encoder for a modality."""
        return modality in self.stamps

    def to_json(self) -> dict[str, Any]:
        """For the collection's notes."""
        return {
            "dim": self.dim,
            "stamps": {modality: asdict(stamp) for modality, stamp in self.stamps.items()},
        }

    @staticmethod
    def from_json(name: str, notes: Mapping[str, Any]) -> Space:
        """The inverse of `to_json`."""
        return Space(name, {key: Stamp(**stamp) for key, stamp in notes["stamps"].items()}, notes["dim"])


def default_spaces(model: str | None = None) -> dict[str, Space]:
    """The vectors of a new collection: ``meaning`` for texts and pictures, ``look`` for pictures.

    Args:
        model: The text encoder, by default the best that is installed; or the folder of a model that
            `firth.train.pairs` wrote, which then sees pictures, and reads texts by the encoder it was trained for;
            or another one that takes both, which then makes both.
    """
    found = encoder(model or default_text_encoder())
    texts = found.for_texts if isinstance(found, Joint) else found
    if "text" not in texts.modalities or not hasattr(
        texts, "dim"
    ):  # one-hot is as wide as what it was fitted to
        raise InputError(
            f"got model {texts.name!r}; a collection needs an encoder of sentences, such as "
            f"{default_text_encoder()!r}. See: firth models"
        )
    pictures = found if "image" in found.modalities else encoder(picture_encoder(texts.name))
    looks = encoder("lite0")
    meaning = Space(MEANING, {"text": texts.stamp, "image": pictures.stamp}, texts.dim)
    return {MEANING: meaning, LOOK: Space(LOOK, {"image": looks.stamp}, looks.dim)}
