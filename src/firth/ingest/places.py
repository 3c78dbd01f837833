"""What the store has of items already: a hash of their content, and where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from firth.stores import Store
from firth.types import Item

__all__ = ["Place", "move", "places"]


@dataclass(frozen=True, slots=True)
class Place:
    """The hash of an item's content, its file, and what was handed to `add` when it came."""

    hash: str
    path: str | None
    source: str | None

    def is_left_by(self, item: Item) -> bool:
        """Whether the item now comes from elsewhere; what comes from memory leaves no place."""
        return item.source is not None and (item.path, item.source) != (self.path, self.source)


def places(store: Store, ids: Sequence[str]) -> dict[str, Place]:
    """The places of those items that are there, by id."""
    tables = store.scan(["id", "hash", "path", "source"], ids=ids)
    return {
        row["id"]: Place(row["hash"], row["path"], row["source"])
        for table in tables
        for row in table.to_pylist()
    }


def move(store: Store, items: Sequence[Item]) -> None:
    """Write the new place of items whose content is the same; nothing is encoded again."""
    if not items:
        return
    now = {item.id: item for item in items}
    table = pa.concat_tables(list(store.scan(store.schema().names, ids=list(now), parts=True)))
    ids = table["id"].to_pylist()
    for name in ("path", "source"):
        values = pa.array([getattr(now[id], name) for id in ids], pa.string())
        table = table.set_column(table.schema.get_field_index(name), name, values)
    store.put(table)
