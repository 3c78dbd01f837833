"""The embedded store: a folder of Lance tables that several processes may use at once."""

from __future__ import annotations

from firth.stores.lance.store import LanceStore

__all__ = ["LanceStore"]
