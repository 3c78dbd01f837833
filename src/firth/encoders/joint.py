"""Texts and pictures in one space, learned from captioned pictures by `firth.train.pairs`.

The text encoder stays as it is (locked-image text tuning turned round, Zhai et al. 2022, arXiv:2111.07991): what
was encoded by it before stays comparable. Pictures come to it by a head on lite0's features; see
`firth.encoders.heads`. No torch is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from firth.encoders.base import Encoder, Progress, Role, Stamp, TextEncoder, encode_either
from firth.encoders.class_names import ClassNames, doubts, mixtures
from firth.encoders.heads import adapted_texts, class_vectors, has_adapter, picture_vectors
from firth.encoders.joint_folder import Tower, read_notes, read_tower
from firth.encoders.lite0 import Lite0
from firth.errors import EncoderMismatchError, InputError
from firth.similarity import normalize
from firth.types import FloatArray

__all__ = ["Joint", "TunedLite0"]


class TunedLite0(Lite0):
    """lite0's network with weights of one's own.

    Args:
        weights: By the names of the graph, as `firth.encoders.lite0.folded_weights` gives them.
        fingerprint: What tells them from others.
    """

    name = "lite0-tuned"

    def __init__(self, weights: dict[str, FloatArray], fingerprint: str) -> None:
        self._weights = weights
        self._digest = fingerprint

    @property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the weights."""
        return self._digest

    def weights(self) -> dict[str, FloatArray]:
        """Those it was given."""
        return self._weights


class Joint(TextEncoder):
    """An encoder of texts and pictures, read from a folder that `firth.train.pairs` wrote.

    Args:
        folder: Where ``model.json`` lies.
        names: Class names in the space of the text encoder that it was trained for, and lite0.
        name: What it is called on the vectors that it makes.

    Raises:
        EncoderMismatchError: It was trained for other weights of the text encoder, or of lite0.
    """

    modalities = frozenset({"text", "image"})

    def __init__(self, folder: Path, names: ClassNames, texts: Encoder, *, name: str) -> None:
        if not isinstance(texts, TextEncoder):
            raise InputError(f"got text encoder {texts!r}; a joint model stands on one of firth's own")
        notes = read_notes(folder)["towers"].get(texts.name)
        self.folder, self.name, self.texts = folder, name, texts
        # as much as a text's: of 0.125 to 2 times that, best among emoji half of which had their names alone as texts
        self.dim, self.worth = texts.dim, texts.worth
        self.window, self.batch_tokens = texts.window, texts.batch_tokens
        self.passage_tokens = texts.passage_tokens
        self._names = names
        if notes is not None:
            self._check(Stamp(**notes["text"]), notes["picture"])

    def _check(self, text: Stamp, picture: str) -> None:
        if text != self.texts.stamp or picture != self._names.pictures.fingerprint:
            raise EncoderMismatchError(
                f"{self.folder} was trained beside {text.name!r} ({text.fingerprint}) and lite0 ({picture}); "
                f"installed are {self.texts.fingerprint} and {self._names.pictures.fingerprint}. "
                "Next: train it again, or install the weights it was trained with"
            )

    @cached_property
    def _tower(self) -> Tower:
        return read_tower(self.folder, self.texts.name)

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of both encoders and of what was learned."""
        digest = sha256(f"joint 1 {self._names.fingerprint} {self.texts.fingerprint}".encode())
        memory = self._tower.memory.arrays if self._tower.memory else {}
        for arrays in (self._tower.arrays, self._tower.network, memory):
            for key, array in sorted(arrays.items()):
                digest.update(f"{key} {array.shape}".encode() + array.tobytes())
        return digest.hexdigest()[:16]

    @property
    def for_texts(self) -> Encoder:
        """What encodes texts: the text encoder itself, or this one where texts go through an adapter."""
        return self if has_adapter(self._tower.arrays) else self.texts

    @cached_property
    def pictures(self) -> Lite0:
        """The picture network: lite0 as it is, or tuned."""
        weights = dict(self._tower.network)
        return TunedLite0(weights, self.fingerprint) if weights else self._names.pictures

    def tokenize(self, texts: Sequence[str], role: Role = "document") -> list[list[int]]:
        """Those of the text encoder."""
        return self.texts.tokenize(texts, role)

    def forward(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """The text encoder's vectors, through the adapter if there is one: ``(n, d)``."""
        vectors = self.texts.forward(ids)
        return adapted_texts(self._tower.arrays, vectors) if self.for_texts is self else vectors

    def encode(
        self, inputs: Sequence[Any], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode texts (str) or pictures, or a mixture of both: ``(n, d)`` of unit length."""
        read = super().encode
        return encode_either(
            inputs,
            self.dim,
            texts=lambda some: read(some, role=role, progress=progress),
            pictures=lambda some: self.from_features(*self.pictures.run(some, progress=progress)),
        )

    def from_features(self, features: FloatArray, logits: FloatArray) -> FloatArray:
        """Vectors ``(n, d)`` of pictures of which the network's features and logits are known already."""
        tower, names = self._tower, mixtures(logits, self.classes)
        remembered = tower.memory.recall(features) * doubts(logits)[:, None] if tower.memory else None
        return picture_vectors(tower.arrays, features, names, remembered)

    @cached_property
    def classes(self) -> FloatArray:
        """The vectors of the thousand class names, ``(1000, d)`` of unit length: what a picture may well show."""
        own = class_vectors(self._tower.arrays)
        return self._names.classes if own is None else normalize(own)
