"""A hash of an item's content: what is the same is not encoded again."""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np

from firth.data import picture_bytes
from firth.types import Item

__all__ = ["content_hash"]


def content_hash(item: Item) -> str:
    """32 hex digits over text, words, picture, fields and vectors; the id and the path do not count.

    Raises:
        UnreadableError: The picture's file cannot be read.
    """
    fields = json.dumps(dict(item.fields), ensure_ascii=False, sort_keys=True, default=str)
    digest = sha256(json.dumps([item.text, item.words, fields], ensure_ascii=False).encode())
    if item.image is not None:
        digest.update(sha256(picture_bytes(item.image)).digest())
    for name, vector in sorted(item.vectors.items()):
        digest.update(name.encode() + np.ascontiguousarray(vector, np.float32).tobytes())
    return digest.hexdigest()[:32]
