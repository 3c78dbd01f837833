"""Search, compare and look at text and pictures by meaning, in Chinese and English, offline.

>>> import firth
>>> books = firth.open(":memory:")
>>> report = books.add(["The cat sat on the mat.", "蘋果是一種水果。", "Trains leave at noon."])
>>> books.search("苹果")[0].text
'蘋果是一種水果。'

Errors are in `firth.errors`, the nouns in `firth.types`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.collection import Collection
from firth.errors import FirthError
from firth.opening import collections
from firth.opening import open_collection as open
from firth.similarity import Metric, cosine, dot, euclidean
from firth.types import AddReport, Hit, Item, Pair, Skipped

if TYPE_CHECKING:
    from firth import training as train
    from firth.encoders import Encoder

__version__ = "0.1.0"

__all__ = [
    "AddReport",
    "Collection",
    "FirthError",
    "Hit",
    "Item",
    "Metric",
    "Pair",
    "Skipped",
    "collections",
    "cosine",
    "dot",
    "encoder",
    "euclidean",
    "open",
    "train",
]


def __getattr__(name: str) -> Any:
    """The room of training, `firth.train`, loaded when it is asked for."""
    if name == "train":
        from firth import training

        return training
    raise AttributeError(f"module 'firth' has no attribute {name!r}")


def encoder(name: str | None = None, *, cache: bool = False) -> Encoder:
    """An encoder by name, loaded when it first encodes; `firth models` lists them.

    Args:
        name: For example ``"e5-small"``; None for the default encoder of texts.
        cache: Keep vectors of texts on disk, and take them from there the next time.

    >>> encoder("use").encode(["a cat", "一隻貓"]).shape
    (2, 512)
    """
    from firth.encoders import encoder as load
    from firth.encoders.cache import CachedEncoder

    return CachedEncoder(load(name)) if cache else load(name)
