"""The page as one file: modules, styles, points, texts and small pictures inside, and no request to anyone.

Modules that import each other by relative paths do not work in a file that is opened from disk. So each one becomes a
``data:`` address under a name of its own, and an import map tells the browser which is which.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import quote

from firth.collection import Collection
from firth.errors import InputError
from firth.mapping import Kept
from firth.maps import nearest_neighbours
from firth.maps.aligning import shared_rows
from firth.server.app import STATIC
from firth.server.columns import all_columns
from firth.server.desk import Desk
from firth.server.drawn import map_told, points_content, region_codes_content, regions_told
from firth.server.items import all_thumbs, details
from firth.server.status import status_told

__all__ = ["bridged_page", "one_file"]

CSP = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
IMPORT = re.compile(r'((?:\bfrom|\bimport)\s*\(?\s*)"(\.{1,2}/[^"]+)"')
LINK = re.compile(r'<link rel="stylesheet" href="/static/([^"]+)">')
SCRIPT = re.compile(r'<script type="module" src="/static/([^"]+)"></script>')
NEIGHBOURS = 12
BLOCK = 500


def one_file(collection: Collection, kept: Kept, *, name: str = "", static: Path = STATIC) -> str:
    """A map as one HTML file.

    Args:
        collection: Whose map it is.
        kept: The map.
        name: What the page calls the collection.
        static: The files of the page.
    """
    data = f'<script type="application/json" id="firth-data">{_in_page(_data(collection, kept, name))}</script>\n'
    return _inlined(data, static)


def bridged_page(*, space: str, static: Path = STATIC) -> str:
    """The page as one HTML file without data: within a notebook, it asks the window that holds it.

    Args:
        space: The named vector whose map it shows first.
        static: The files of the page.
    """
    told = escape(json.dumps({"space": space}, ensure_ascii=False))
    return _inlined(f'<meta name="firth-bridge" content="{told}">\n', static)


def _inlined(extra: str, static: Path) -> str:
    """The page with its modules and styles inside, and something more before its first module."""
    page = (static / "index.html").read_text(encoding="utf-8")
    modules = {f"firth/{path}": _module(path, text) for path, text in _modules(static)}
    scripts = "".join(
        f'<script type="module">import "firth/{path}";</script>' for path in SCRIPT.findall(page)
    )
    page = LINK.sub(lambda found: f"<style>{_text(static, found[1])}</style>", page)
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}">\n'
        f'<script type="importmap">{_in_page({"imports": modules})}</script>\n'
    )
    if not scripts or "<head>\n" not in page:
        raise InputError("the page has no modules or no head; expected the files that come with firth")
    page = page.replace("<head>\n", "<head>\n" + head, 1)
    first = SCRIPT.search(page)
    assert first is not None  # noqa: S101 - there are scripts, checked above
    begin = SCRIPT.sub("", page[first.start() :])
    return page[: first.start()] + extra + scripts + begin


def _modules(static: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(static.rglob("*.js")):
        yield path.relative_to(static).as_posix(), path.read_text(encoding="utf-8")


def _module(path: str, text: str) -> str:
    """A module as a data address; what it imports goes by the names of the import map.

    >>> module = _module("js/screens/map.js", 'import {pick} from "../pick.js";')
    >>> module == "data:text/javascript;base64," + b64encode(b'import {pick} from "firth/js/pick.js";').decode()
    True
    """

    def named(found: re.Match[str]) -> str:
        return f'{found[1]}"firth/{normpath(join(dirname(path), found[2]))}"'

    return "data:text/javascript;base64," + b64encode(IMPORT.sub(named, text).encode()).decode()


def _text(static: Path, path: str) -> str:
    return (static / path).read_text(encoding="utf-8")


def _in_page(value: Any) -> str:
    """JSON that no text can break out of."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).replace("<", "\\u003c")


def _data(collection: Collection, kept: Kept, name: str) -> dict[str, Any]:
    """What the server would answer."""
    desk, plan = Desk(collection, name=name), kept.plan
    desk.corpus()
    where = f"/api/maps/{plan.id}"
    columns = all_columns(desk)
    told = {**status_told(desk), "reading_only": True}
    told["default"] = {"space": plan.space, "method": plan.method, "dim": plan.dim}
    binary = {f"GET {where}/points": points_content(desk, kept)}
    for level in range(len(kept.map.region_of)):
        binary[f"GET {where}/region-codes?level={level}"] = region_codes_content(desk, kept, level)
    for column, found in columns.items():
        binary[f"GET /api/columns/codes?name={quote(column, safe='')}"] = found.content
    ids = desk.numbers.ids
    blocks = [ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK)]
    small = all_thumbs(desk)
    return {
        "version": 1,
        "responses": {
            "GET /api/status": told,
            "GET /api/maps": {"maps": [map_told(desk, kept)]},
            "GET /api/columns": {"columns": [column.told for column in columns.values()]},
            f"GET {where}/regions": regions_told(kept),
            "GET /api/jobs": {"jobs": []},
            "GET /api/states": {"states": []},
        },
        "binary": {address: b64encode(content).decode() for address, content in binary.items()},
        "items": [{**item, "picture": False} for block in blocks for item in details(desk, block)],
        "neighbours": _neighbours(desk),
        "thumbs": [b64encode(small[id]).decode() if id in small else None for id in ids],
    }


def _neighbours(desk: Desk) -> Mapping[str, list[list[list[float]] | None]]:
    """The nearest items of each, by number, for each named vector: number and cosine."""
    corpus, found = desk.corpus(), {}
    for vector in corpus.spaces:
        if not corpus.has(vector):
            continue
        held = desk.material(vector)
        near = nearest_neighbours(held.vectors, NEIGHBOURS)
        numbers, rows = desk.numbers.of(held.ids).tolist(), shared_rows(desk.numbers.ids, held.ids)
        found[vector] = [
            None
            if row < 0
            else [
                [numbers[other], round(1 - float(distance), 4)]
                for other, distance in zip(near.indices[row], near.distances[row], strict=True)
            ]
            for row in rows
        ]
    return found
