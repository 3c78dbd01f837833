"""The map in a notebook: `MapWidget`, which talks to Python (needs the extra ``notebook``), and `map_view`, which needs
nothing and shows the page as one file.

>>> import firth
>>> from firth.notebook import map_view
>>> fruits = firth.open(":memory:")
>>> report = fruits.add(["red apple", "蘋果", "king", "國王"])
>>> map_view(fruits, method="pca").save("fruits.html")  # or leave it as the last line of a cell
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.notebook.view import MapView, map_view

if TYPE_CHECKING:
    from firth.notebook.widget import MapWidget

__all__ = ["MapView", "MapWidget", "map_view"]


def __getattr__(name: str) -> Any:
    """The widget is loaded, and anywidget with it, when it is asked for."""
    if name == "MapWidget":
        from firth.notebook.widget import MapWidget

        return MapWidget
    raise AttributeError(f"module 'firth.notebook' has no attribute {name!r}")
