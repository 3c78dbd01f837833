"""Search as the page asks it: words, pictures, examples, filters."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from firth.data import load_picture, thumbnail
from firth.errors import InputError, UnknownNameError
from firth.search import Request, search
from firth.search.question import ID
from firth.server.asking import Ask
from firth.server.desk import Desk
from firth.server.items import hit_records

__all__ = ["PICTURE_BYTES", "find", "take_picture"]

PICTURE_BYTES = 20 * 2**20
MOST = 1000
MOST_EXAMPLES = 100
KINDS = ("image", "text", "vector")
SEEN = 512
"""Pixels of an uploaded picture's shorter side that are kept."""


def take_picture(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Keep a picture to search by, decoded and written anew, as long as the server runs."""
    pixels = load_picture(ask.content, min_side=SEEN)
    handle = secrets.token_hex(8)
    desk.pictures.put(handle, pixels)
    small = b64encode(thumbnail(pixels, 192)).decode()
    height, width, _ = pixels.shape
    return {"picture": handle, "width": width, "height": height, "thumb": f"data:image/webp;base64,{small}"}


def find(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Search the collection."""
    ask.only(
        "text",
        "picture",
        "positive",
        "negative",
        "vector",
        "mode",
        "k",
        "kind",
        "fields",
        "min_percentile",
        "order",
    )
    corpus = desk.corpus()
    handle = ask.word("picture", None)
    request = Request(
        text=ask.word("text", None),
        image=None if handle is None else _picture(desk, handle),
        positive=_examples(desk, ask, "positive"),
        negative=_examples(desk, ask, "negative"),
        k=ask.whole("k", 50, least=1, most=MOST),
        where=_where(ask),
        mode=ask.word("mode", "hybrid"),
        vector=ask.word("vector", None),
        min_percentile=_share(ask.body.get("min_percentile")),
    )
    hits = search(corpus, request)
    found = _ordered(hit_records(desk, hits), ask.word("order", "score"), corpus.fields)
    return {"hits": found, "note": hits.note, "vector": request.vector}


def _picture(desk: Desk, handle: str) -> Any:
    from PIL import Image

    pixels = desk.pictures.find(handle)
    if pixels is None:
        raise UnknownNameError("this picture is no longer here. Next: drop it again")
    return Image.fromarray(pixels)


def _examples(desk: Desk, ask: Ask, name: str) -> Sequence[Any]:
    given = ask.listed(name, dict, "examples such as {item: 3}", [])
    if len(given) > MOST_EXAMPLES:
        raise InputError(f"got {len(given)} {name} examples; expected at most {MOST_EXAMPLES}")
    return [_example(desk, one) for one in given]


def _example(desk: Desk, given: Mapping[str, Any]) -> Any:
    match dict(given):
        case {"item": int(number), **rest} if not rest:
            return ID + desk.numbers.id(number)
        case {"text": str(text), **rest} if not rest and text.strip():
            # the library takes "id:12" for an item and "cat.jpg" for a file: from a page, words are only words;
            # with a blank on either side they are neither, and mean the same
            return f" {text.strip()} "
        case {"picture": str(handle), **rest} if not rest:
            return _picture(desk, handle)
        case {"vector": list(values), **rest} if not rest and all(_is_number(value) for value in values):
            return [float(value) for value in values]
    raise InputError(
        "got an example that is none; expected {item: number}, {text: words}, {picture: handle} or "
        "{vector: numbers}"
    )


def _where(ask: Ask) -> dict[str, Any] | None:
    where: dict[str, Any] = {}
    kind = ask.word("kind", None)
    if kind is not None:
        if kind not in KINDS:
            raise InputError(f"got kind {kind!r}; expected one of {', '.join(KINDS)}")
        where["_kind"] = kind
    fields = ask.body.get("fields") or {}
    if not isinstance(fields, dict) or any(
        name.startswith("_") or not isinstance(values, list) for name, values in fields.items()
    ):
        raise InputError("got fields of another form; expected {field: [values]}")
    return {**where, **fields} or None


def _share(value: Any) -> float | None:
    if value is not None and not _is_number(value):
        raise InputError(f"got min_percentile={value!r}; expected a number from 0 to 100")
    return None if value is None else float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ordered(found: list[dict[str, Any]], order: str, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hits by score, as they come, or by a field; those without it come last."""
    if order == "score":
        return found
    backward, name = order.startswith("-"), order.removeprefix("-").removeprefix("field:")
    if name not in fields or ":" not in order:
        raise InputError(
            f"got order {order!r}; expected score, or field:NAME with one of {', '.join(fields)}"
        )
    having = [hit for hit in found if hit["fields"].get(name) is not None]
    without = [hit for hit in found if hit["fields"].get(name) is None]
    return sorted(having, key=lambda hit: hit["fields"][name], reverse=backward) + without
