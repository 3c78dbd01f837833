"""Items become vectors: whole texts, the passages of long ones, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from firth.data import Limits, load_picture, thumbnail
from firth.encoders.base import Encoder, TextEncoder
from firth.encoders.picture_vectors import vectors_of_pictures
from firth.encoders.spaces import MEANING, Space
from firth.errors import FirthError
from firth.kernel.threads import cores
from firth.similarity import normalize
from firth.text import Span, passages
from firth.types import FloatArray, Item, Skipped

__all__ = ["Part", "encode_items"]

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Part:
    """A row to be: an item, or one passage or view of it.

    Attributes:
        item: Whose it is.
        number: 0 the item itself, 1.. its passages, then the picture of an item with a caption.
        span: The stretch of the text, for a passage.
        thumb: A small picture, for part 0 of a picture.
        vectors: By name, each ``(d,)``.
    """

    item: Item
    number: int = 0
    span: Span | None = None
    thumb: bytes | None = None
    vectors: dict[str, FloatArray] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What of the item's text this part is."""
        whole = self.item.text or ""
        return whole[self.span.start : self.span.end] if self.span else whole


def encode_items(
    items: Sequence[Item], spaces: Mapping[str, Space], *, limits: Limits
) -> tuple[list[Part], list[Skipped]]:
    """Encode a batch of items by the encoders of the collection's named vectors.

    Returns:
        The parts of the items that could be encoded, and those whose picture could not be decoded.
    """
    pictures, skipped = _decode(items, limits)
    lost = {skip.source for skip in skipped}
    parts = [Part(item, vectors=dict(item.vectors)) for item in items if item.id not in lost]
    parts += _text_parts(parts, spaces)
    parts += _picture_parts(parts, pictures, spaces)
    return parts, skipped


def _decode(items: Sequence[Item], limits: Limits) -> tuple[dict[str, npt.NDArray[np.uint8]], list[Skipped]]:
    """Pixels of the items that are pictures, by id; decoding runs on all cores."""

    def decode(item: Item) -> npt.NDArray[np.uint8] | Skipped:
        assert item.image is not None  # noqa: S101 - chosen below, for mypy
        try:
            return load_picture(item.image, limits=limits)
        except FirthError as error:
            return Skipped(item.id, str(error))

    chosen = [item for item in items if item.image is not None]
    results = _in_threads(decode, chosen)
    pixels = {item.id: got for item, got in zip(chosen, results, strict=True) if not isinstance(got, Skipped)}
    return pixels, [result for result in results if isinstance(result, Skipped)]


def _in_threads(function: Callable[[T], R], values: Sequence[T]) -> list[R]:
    if len(values) < 2:
        return [function(value) for value in values]
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(function, values))


def _text_parts(parts: Sequence[Part], spaces: Mapping[str, Space]) -> list[Part]:
    """Give the parts with a text their meaning; what is longer than a passage comes back as further parts."""
    if MEANING not in spaces or not spaces[MEANING].takes("text"):
        return []
    wholes = [part for part in parts if part.item.text is not None and MEANING not in part.vectors]
    if not wholes:
        return []
    encoder = spaces[MEANING].encoder("text")
    texts = [part.text for part in wholes]
    lengths = _lengths(texts, encoder)
    pieces = _pieces(wholes, lengths, encoder)
    # what the encoder reads in one go is encoded as a whole too; a longer text is the mean of its passages
    short = [part for part, length in zip(wholes, lengths, strict=True) if length <= _window(encoder)]
    texts = [part.text for part in short] + [piece.text for piece in pieces]
    for part, vector in zip([*short, *pieces], encoder.encode(texts, role="document"), strict=True):
        part.vectors[MEANING] = vector
    _mean_of_pieces(wholes, pieces)
    return pieces


def _lengths(texts: Sequence[str], encoder: Encoder) -> list[int]:
    """The tokens of each text; its characters where these are no more than a passage's tokens: it is short anyway."""
    if not isinstance(encoder, TextEncoder):
        return [0] * len(texts)
    counted = iter(encoder.count_tokens([text for text in texts if len(text) > encoder.passage_tokens]))
    return [next(counted) if len(text) > encoder.passage_tokens else len(text) for text in texts]


def _window(encoder: Encoder) -> int:
    return encoder.window if isinstance(encoder, TextEncoder) else 0


def _pieces(wholes: Sequence[Part], lengths: Sequence[int], encoder: Encoder) -> list[Part]:
    """The passages of those texts that are longer than two of them; what is shorter is one thought."""
    if not isinstance(encoder, TextEncoder):
        return []
    bound, measure = encoder.passage_tokens, encoder.count_tokens
    long = [part for part, length in zip(wholes, lengths, strict=True) if length > 2 * bound]
    return [
        Part(part.item, number, span)
        for part in long
        for number, span in enumerate(passages(part.text, max_length=bound, measure=measure), start=1)
    ]


def _mean_of_pieces(wholes: Sequence[Part], pieces: Sequence[Part]) -> None:
    """Give a whole without a vector the mean of its passages', weighted by their length."""
    sums = {id(part.item): np.zeros(0, np.float32) for part in wholes if MEANING not in part.vectors}
    for piece in pieces:
        if id(piece.item) in sums:
            weighted = piece.vectors[MEANING] * len(piece.text)
            before = sums[id(piece.item)]
            sums[id(piece.item)] = before + weighted if before.size else weighted
    for part in wholes:
        if MEANING not in part.vectors:
            part.vectors[MEANING] = normalize(sums[id(part.item)])


def _picture_parts(
    parts: Sequence[Part], pictures: Mapping[str, npt.NDArray[np.uint8]], spaces: Mapping[str, Space]
) -> list[Part]:
    """Give pictures their look and meaning; a picture with a caption gets its meaning as a further part."""
    chosen = [part for part in parts if part.number == 0 and part.item.id in pictures]
    if not chosen:
        return []
    pixels = [pictures[part.item.id] for part in chosen]
    for part, thumb in zip(chosen, _in_threads(thumbnail, pixels), strict=True):
        part.thumb = thumb
    vectors = _picture_vectors(pixels, spaces)
    last = {part.item.id: part.number for part in parts}
    views = []
    for i, part in enumerate(chosen):
        for name, rows in vectors.items():
            if name not in part.vectors:
                part.vectors[name] = rows[i]
            elif name == MEANING and part.item.text is not None:
                views.append(Part(part.item, last[part.item.id] + 1, vectors={name: rows[i]}))
    return views


def _picture_vectors(pixels: Sequence[Any], spaces: Mapping[str, Space]) -> dict[str, FloatArray]:
    """The vectors of pictures in each space that takes them."""
    taking = {name: space.encoder("image") for name, space in spaces.items() if space.takes("image")}
    return vectors_of_pictures(taking, pixels)
