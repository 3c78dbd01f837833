"""Items one by one: what they say, what is near them, how they look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from starlette.responses import Response

from firth.data import load_picture, thumbnail
from firth.errors import FirthError, InputError, UnknownNameError
from firth.listing import records
from firth.search import Hits
from firth.server.answering import BINARY, tagged
from firth.server.asking import Ask
from firth.server.desk import Desk
from firth.server.packing import packed
from firth.stores.base import vector_column
from firth.types import Hit

__all__ = ["all_thumbs", "details", "find_items", "hit_records", "neighbours", "picture", "thumb", "thumbs"]

MOST = 500
MOST_THUMBS = 512
SIDES = (64, 192)
LARGEST = 2048
TITLE = 80
EXCERPT = 240


def find_items(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Items by number or by id, in the order asked for."""
    ask.only("items", "ids")
    desk.corpus()
    if "ids" in ask.body:
        ids = ask.listed("ids", str, "ids")
        if len(ids) > MOST:
            raise InputError(f"got {len(ids)} ids; expected at most {MOST}")
    else:
        ids = desk.numbers.there(ask.numbers("items", most=MOST))
    return {"items": details(desk, ids)}


def details(desk: Desk, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Items as the page shows them, in order; those that are gone are left out."""
    corpus = desk.corpus()
    with_vectors = _vectors_of(desk, ids)
    found = {record["id"]: record for record in records(corpus, ids=list(ids))} if ids else {}
    return [
        _detail(desk, found[id], with_vectors.get(id, []))
        for id in dict.fromkeys(ids)
        if id in found and desk.numbers.has(id)
    ]


def _detail(desk: Desk, record: Mapping[str, Any], vectors: Sequence[str]) -> dict[str, Any]:
    hit = Hit(record["id"], 0.0, record["kind"], record["text"], record["path"], record["fields"])
    return {
        "item": int(desk.numbers.of([record["id"]])[0]),
        "id": record["id"],
        "kind": record["kind"],
        "text": record["text"],
        "title": Hits((hit,)).excerpt(hit, TITLE).text,
        "fields": record["fields"],
        "name": PurePath(record["path"]).name if record["path"] else None,
        "picture": record["kind"] == "image" and bool(record["path"]),
        "vectors": list(vectors),
    }


def _vectors_of(desk: Desk, ids: Sequence[str]) -> dict[str, list[str]]:
    """Which named vectors each item has."""
    corpus, found = desk.corpus(), dict[str, list[str]]()
    names = [name for name in corpus.spaces if corpus.has(name)]
    if ids and names:
        for table in corpus.store.scan(["id", *map(vector_column, names)], ids=list(ids)):
            has = [table[vector_column(name)].is_valid().to_pylist() for name in names]
            for id, *there in zip(table["id"].to_pylist(), *has, strict=True):
                found[id] = [name for name, one in zip(names, there, strict=True) if one]
    return found


def hit_records(desk: Desk, hits: Hits) -> list[dict[str, Any]]:
    """Hits as the page shows them: the item, and why it was found."""
    shown = {item["id"]: item for item in details(desk, hits.ids)}
    return [
        {
            **shown[hit.id],
            "score": hit.score,
            "percentile": hit.percentile,
            "passage": {"start": hit.passage.start, "end": hit.passage.end} if hit.passage else None,
            "excerpt": _excerpt(hits, hit),
        }
        for hit in hits
        if hit.id in shown
    ]


def _excerpt(hits: Hits, hit: Hit) -> dict[str, Any]:
    found = hits.excerpt(hit, EXCERPT)
    return {"text": found.text, "highlights": [[span.start, span.end] for span in found.highlights]}


def neighbours(desk: Desk, ask: Ask) -> dict[str, Any]:
    """The nearest items by each named vector that the item has, or by the one that is named."""
    desk.corpus()
    id, k = desk.numbers.id(ask.whole("number")), ask.whole("k", 12, least=1, most=100)
    has = _vectors_of(desk, [id]).get(id, [])
    wanted = ask.word("vector", None)
    if wanted is not None:
        desk.corpus().space(wanted)
    names = has if wanted is None else [wanted]
    found = {name: desk.collection.similar(id, k=k, vector=name) for name in names}
    return {"neighbours": {name: hit_records(desk, hits) for name, hits in found.items()}}


def picture(desk: Desk, ask: Ask) -> Response:
    """The item's own picture, decoded and written anew; the file's bytes never leave this machine as they are."""
    desk.corpus()
    id, side = desk.numbers.id(ask.whole("number")), ask.whole("side", 1024, least=16, most=LARGEST)
    for table in desk.corpus().store.scan(["kind", "path"], ids=[id]):
        for row in table.to_pylist():
            if row["kind"] != "image" or not row["path"]:
                break
            try:
                pixels = load_picture(Path(row["path"]), min_side=min(side, 1024))
            except FirthError as error:
                raise UnknownNameError(f"the picture cannot be shown: {error}") from error
            return tagged(ask.request, thumbnail(pixels, side), "image/webp")
    raise UnknownNameError("this item has no picture larger than its thumbnail")


def thumb(desk: Desk, ask: Ask) -> Response:
    """One small picture."""
    desk.corpus()
    id, side = desk.numbers.id(ask.whole("number")), _side(ask)
    found = _thumbs(desk, [id], side)
    if id not in found:
        raise UnknownNameError("this item has no thumbnail")
    return tagged(ask.request, found[id], "image/webp")


def thumbs(desk: Desk, ask: Ask) -> Response:
    """Many small pictures in one answer."""
    ask.only("items", "side")
    desk.corpus()
    numbers = ask.numbers("items", most=MOST_THUMBS)
    found = _thumbs(desk, desk.numbers.there(numbers), _side(ask))
    parts = [b"".join(found.get(id, b"") for id in desk.numbers.there([number])) for number in numbers]
    ends = np.cumsum([len(part) for part in parts], dtype=np.uint32)
    content = packed({"bytes": np.frombuffer(b"".join(parts), np.uint8), "ends": ends}, {})
    return Response(content, media_type=BINARY, headers={"Cache-Control": "no-store"})


def all_thumbs(desk: Desk) -> dict[str, bytes]:
    """All thumbnails, in the small size, by id."""
    return _thumbs(desk, desk.numbers.ids, SIDES[0])


def _side(ask: Ask) -> int:
    side = ask.whole("side", SIDES[0])
    if side not in SIDES:
        raise InputError(f"got side={side}; expected {' or '.join(map(str, SIDES))}")
    return side


def _thumbs(desk: Desk, ids: Iterable[str], side: int) -> dict[str, bytes]:
    """Stored thumbnails by id, made smaller where asked for."""
    wanted, found = list(ids), dict[str, bytes]()
    if not wanted:
        return found
    for table in desk.corpus().store.scan(["id", "thumb"], ids=wanted):
        for row in table.to_pylist():
            if row["thumb"]:
                key = ("thumb", desk.version(), row["id"], side)
                found[row["id"]] = desk.thumbs.get(key, partial(_smaller, row["thumb"], side))
    return found


def _smaller(content: bytes, side: int) -> bytes:
    return content if side == SIDES[-1] else thumbnail(load_picture(content, min_side=side), side)
