"""Where collections are kept: in a folder, in memory, and wherever a registered scheme points.

>>> store = open_store(":memory:")
>>> store.count()
0
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import cast

from firth.errors import InputError, StoreError
from firth.stores.base import Store

__all__ = ["STORES", "Store", "open_store"]

STORES = {
    "memory": "firth.stores.memory:MemoryStore",
    "file": "firth.stores.lance:LanceStore",
    "s3": "firth.stores.lance:LanceStore",
    "postgresql": "firth.stores.postgres:PostgresStore",
    "postgres": "firth.stores.postgres:PostgresStore",
}
"""Kinds of store by the scheme of their location; widened by entry points of the group ``firth.stores``."""


def open_store(location: str) -> Store:
    """Open a store, or prepare to make one: nothing is written before the first `put`.

    Args:
        location: ``":memory:"``, a folder, or ``scheme://...`` of a registered kind; its class is called
            with the location.

    Raises:
        InputError: No kind of store is registered for the scheme.
    """
    if location == ":memory:":
        return cast(Store, _load(STORES["memory"])())
    if not location:
        raise InputError("got an empty location; expected a folder, ':memory:' or scheme://...")
    scheme, found, rest = location.partition("://")
    if not found or scheme == "file":
        return cast(Store, _load(STORES["file"])(rest if found else location))
    kinds = _registered()
    if scheme not in kinds:
        known = ", ".join(f"{name}://" for name in sorted(kinds) if name != "memory")
        raise InputError(f"no store for {scheme}:// is installed; expected a folder, ':memory:' or {known}")
    return cast(Store, _load(kinds[scheme])(location))


def _registered() -> dict[str, str]:
    kinds = dict(STORES)
    for point in entry_points(group="firth.stores"):
        if kinds.setdefault(point.name, point.value) != point.value:
            raise StoreError(f"{point.name}:// is registered twice: {kinds[point.name]}, {point.value}")
    return kinds


def _load(target: str) -> type:
    module, _, name = target.partition(":")
    return cast(type, getattr(importlib.import_module(module), name))
