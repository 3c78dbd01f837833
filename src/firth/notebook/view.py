"""A map that shows itself in a notebook, with no server, no kernel and no extra: the page as one file, in a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from firth.collection import Collection
from firth.mapping import Plan, mapped
from firth.server.standalone import one_file

__all__ = ["MapView", "map_view"]

SANDBOX = "allow-scripts allow-forms allow-downloads"


@dataclass(frozen=True, slots=True)
class MapView:
    """A map as a page of its own.

    Attributes:
        page: The page, one HTML file.
        height: How high its frame is in a notebook, in pixels.
    """

    page: str = field(repr=False)
    height: int = 640

    def save(self, path: str | Path) -> None:
        """Write the page as a file, to be opened anywhere."""
        Path(path).write_text(self.page, encoding="utf-8")

    def _repr_html_(self) -> str:
        style = f"box-sizing: border-box; width: 100%; height: {self.height}px; border: 1px solid #8884"
        return f'<iframe title="firth" sandbox="{SANDBOX}" style="{style}" srcdoc="{escape(self.page)}"></iframe>'


def map_view(
    collection: Collection,
    *,
    vector: str = "meaning",
    method: str = "umap",
    dim: int = 2,
    name: str = "",
    height: int = 640,
) -> MapView:
    """Draw a collection as a map that shows itself in a notebook, texts, small pictures and neighbours inside.

    Args:
        collection: What to draw; up to some ten thousand items, for all of them go into the notebook's file.
        vector: Which named vector, or ``"saved:NAME"``.
        method: See `firth.maps.LAYOUTS`.
        dim: 2 or 3.
        name: What the page calls the collection.
        height: Of the frame, in pixels.

    Raises:
        UnknownNameError: There is no such vector, state or method.
        InputError: There are too few items to draw.
    """
    _, kept = mapped(collection.store, collection.location, Plan(vector, method, dim))
    return MapView(one_file(collection, kept, name=name), height)
