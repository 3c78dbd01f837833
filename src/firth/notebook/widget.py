"""A widget for Jupyter and its kin: the whole page in a cell, with the selection shared with Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firth.collection import Collection
from firth.errors import UnknownNameError, require
from firth.mapping import Plan, mapped
from firth.notebook.asking import asked
from firth.server.app import make_app
from firth.server.standalone import bridged_page

anywidget = require("anywidget", extra="notebook", purpose="for a map in a notebook")
traitlets = require("traitlets", extra="notebook", purpose="for a map in a notebook")

__all__ = ["MapWidget"]


class MapWidget(anywidget.AnyWidget):  # type: ignore[misc,name-defined]
    """The page of a collection in a notebook: map, search, item, compare and all, without a server.

    What the page asks goes through the notebook's kernel, so that it waits while a cell runs.

    Args:
        collection: What it shows.
        vector: Which named vector the map is of.
        method: See `firth.maps.LAYOUTS`.
        name: What the page calls the collection.
        height: In pixels.

    Attributes:
        selected: Ids of the items chosen on the page, by a click or by a loop; set it, and the page follows.
            ``widget.observe(f, "selected")`` calls ``f`` when it changes.

    Raises:
        MissingExtraError: anywidget is not installed.
        UnknownNameError: There is no such vector or method.
        InputError: There are too few items to draw.
    """

    _esm = Path(__file__).parent / "widget.js"
    _page = traitlets.Unicode().tag(sync=True)
    _numbers = traitlets.List(traitlets.Int()).tag(sync=True)
    height = traitlets.Int(640).tag(sync=True)
    selected = traitlets.List(traitlets.Unicode())

    def __init__(
        self,
        collection: Collection,
        *,
        vector: str = "meaning",
        method: str = "umap",
        name: str = "",
        height: int = 640,
    ) -> None:
        mapped(collection.store, collection.location, Plan(vector, method))
        app = make_app(collection, token="", name=name)
        self._app = app.app  # without its guard: nobody but this kernel can ask
        self._desk = self._app.state.desk
        self._desk.corpus()
        super().__init__(_page=bridged_page(space=vector), height=height)
        self.on_msg(self._answer)
        self.observe(self._chosen_there, "_numbers")
        self.observe(self._chosen_here, "selected")

    def _answer(self, _: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        """A question of the page, as it would have asked a server."""
        answer = asked(
            self._app,
            content["method"],
            content["path"],
            media_type=content.get("type", ""),
            content=bytes(buffers[0]) if buffers else b"",
        )
        told = {"view": content["view"], "ask": content["ask"], "status": answer.status}
        self.send({**told, "type": answer.media_type}, [answer.content])

    def _chosen_there(self, change: Any) -> None:
        self.selected = self._desk.numbers.there(change["new"])

    def _chosen_here(self, change: Any) -> None:
        numbers = self._desk.numbers
        if unknown := [id for id in change["new"] if not numbers.has(id)]:
            raise UnknownNameError(f"no item has the id {unknown[0]!r}; expected ids of this collection")
        self._numbers = numbers.of(change["new"]).tolist()
