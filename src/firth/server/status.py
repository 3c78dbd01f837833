"""What the collection and this server are."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from firth import __version__
from firth.listing import overview
from firth.places import shown
from firth.server.asking import Ask
from firth.server.desk import Desk
from firth.server.searching import PICTURE_BYTES
from firth.server.uploads import FILE_BYTES

__all__ = ["status", "status_told"]

NEEDS = {"umap": None, "pca": None, "umap-learn": "umap", "tsne": "openTSNE"}
"""Methods of layout, and the module that each needs."""


def status(desk: Desk, ask: Ask) -> dict[str, Any]:
    """The collection in figures, and what can be asked for."""
    return status_told(desk)


def status_told(desk: Desk) -> dict[str, Any]:
    """See `status`."""
    corpus = desk.corpus()
    told = desk.packed.get(("status", desk.version()), lambda: overview(corpus))
    vectors = {
        name: {**entry, "items": len(desk.roll(name).ids), "takes": sorted(corpus.spaces[name].stamps)}
        for name, entry in told["vectors"].items()
    }
    spaces = [name for name in ("meaning", *vectors) if name in vectors]
    return {
        **told,
        "vectors": vectors,
        "session": desk.session,
        "name": desk.name,
        "location": shown(desk.collection.location),
        "version": desk.version(),
        "methods": [name for name, module in NEEDS.items() if module is None or find_spec(module)],
        "default": {"space": spaces[0] if spaces else None, "method": "umap", "dim": 2},
        "limits": {"picture_bytes": PICTURE_BYTES, "upload_bytes": FILE_BYTES},
        "firth": __version__,
        "reading_only": False,
    }
