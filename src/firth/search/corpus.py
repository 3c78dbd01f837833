"""What a search works on: a store, its named vectors, and what is known of their scores by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from firth.encoders.spaces import LOOK, MEANING, Space
from firth.errors import UnknownNameError
from firth.search.calibration import Calibration
from firth.stores import Store
from firth.stores.base import field_name, vector_column

__all__ = ["Corpus"]


@dataclass(frozen=True)
class Corpus:
    """A collection as a search sees it.

    Attributes:
        store: Where the rows are.
        spaces: The named vectors.
        calibration: The scores of unrelated queries.
    """

    store: Store
    spaces: Mapping[str, Space]
    calibration: Calibration

    @cached_property
    def schema(self) -> pa.Schema:
        """The store's columns."""
        return self.store.schema()

    @cached_property
    def is_empty(self) -> bool:
        """Whether there is nothing to find."""
        return self.store.count() == 0

    @property
    def fields(self) -> dict[str, pa.DataType]:
        """The user's fields with their types."""
        return {
            field_name(column.name): column.type for column in self.schema if column.name.startswith("f_")
        }

    def has(self, vector: str) -> bool:
        """Whether any row may have this vector."""
        return vector in self.spaces and vector_column(vector) in self.schema.names

    def space(self, name: str) -> Space:
        """A named vector.

        Raises:
            UnknownNameError: The collection has none of that name.
        """
        if not self.has(name):
            names = ", ".join(repr(known) for known in self.spaces if self.has(known)) or "none yet"
            raise UnknownNameError(f"got vector {name!r}; this collection has {names}")
        return self.spaces[name]

    def suited(self, modality: str) -> str:
        """The vector that suits a question: the look for a picture, else the meaning, else the first there is."""
        order = [LOOK, MEANING] if modality == "image" else [MEANING]
        for name in [*order, *self.spaces]:
            if self.has(name):
                return name
        return MEANING
