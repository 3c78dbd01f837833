"""Where maps are kept: beside the collection, in the cache folder, for they can be drawn again.

One file a map, named after what it is a map of; it replaces the last one whole or not at all. Maps of a collection
in memory live as long as its shelf.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from firth.mapping.stamps import Stamps
from firth.maps import Map
from firth.places import cache_folder, shown

__all__ = ["Kept", "Plan", "Shelf", "place_of"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a map is to be.

    Attributes:
        space: A named vector, or ``"saved:NAME"``.
        method: See `firth.maps.LAYOUTS`.
        dim: 2 or 3.
        beside: The space whose map this one is laid out by, to be compared with it; ``""`` for a map of its own.
    """

    space: str = "meaning"
    method: str = "umap"
    dim: int = 2
    beside: str = ""

    @property
    def id(self) -> str:
        """A short name without any sign that a file system or an address could take amiss."""
        return sha256(json.dumps(asdict(self), ensure_ascii=False).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A map with what it was drawn from.

    Attributes:
        plan: What was asked for.
        map: The map.
        stamps: ``(n,)``: the stamp of each item's vector when it came onto the map.
    """

    plan: Plan
    map: Map
    stamps: Stamps


class Shelf:
    """The maps of one collection.

    Args:
        location: The collection's.
    """

    def __init__(self, location: str) -> None:
        self.folder = None if location == ":memory:" else cache_folder() / "maps" / place_of(location)
        self._read: dict[str, tuple[int, Kept]] = {}

    def all(self) -> list[Kept]:
        """All maps, the one that was drawn last at the end; a damaged file counts as none."""
        if self.folder is None:
            return [kept for _, kept in self._read.values()]
        files = sorted(self.folder.glob("*.npz"), key=lambda path: path.stat().st_mtime_ns)
        return [kept for path in files if (kept := self._load(path)) is not None]

    def get(self, plan: Plan) -> Kept | None:
        """The map of a plan; None if there is none."""
        if self.folder is None:
            return self._read[plan.id][1] if plan.id in self._read else None
        return self._load(self.folder / f"{plan.id}.npz")

    def put(self, kept: Kept) -> None:
        """Keep a map; the one of the same plan goes."""
        if self.folder is None:
            self._read.pop(kept.plan.id, None)  # the one that was drawn last is the last
            self._read[kept.plan.id] = (0, kept)
            return
        drawn, whole = io.BytesIO(), io.BytesIO()
        kept.map.save(drawn)
        plan = np.frombuffer(json.dumps(asdict(kept.plan), ensure_ascii=False).encode(), np.uint8)
        np.savez(whole, plan=plan, map=np.frombuffer(drawn.getvalue(), np.uint8), stamps=kept.stamps)
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{kept.plan.id}.{os.getpid()}.draft"
        draft.write_bytes(whole.getvalue())
        draft.replace(self.folder / f"{kept.plan.id}.npz")

    def _load(self, path: Path) -> Kept | None:
        try:
            changed = path.stat().st_mtime_ns
            if path.name in self._read and self._read[path.name][0] == changed:
                return self._read[path.name][1]
            with np.load(path, allow_pickle=False) as arrays:
                plan = Plan(**json.loads(arrays["plan"].tobytes()))
                kept = Kept(plan, Map.load(io.BytesIO(arrays["map"].tobytes())), arrays["stamps"])
        except Exception:  # zipfile, zlib, numpy and json each have their own
            return None  # it is only a cache: what is damaged, or of a newer firth, is drawn again
        self._read[path.name] = (changed, kept)
        return kept


def place_of(location: str) -> str:
    """A folder's name for a collection's location; the password in an address does not change it."""
    whole = location if "://" in location else str(Path(location).expanduser().resolve())
    return sha256(shown(whole).encode()).hexdigest()[:16]
