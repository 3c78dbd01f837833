"""Ask the server's app from the same process: no port is opened, and nobody but this notebook can ask."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp

__all__ = ["Answer", "asked"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app said."""

    status: int
    media_type: str
    content: bytes


def asked(app: ASGIApp, method: str, address: str, *, media_type: str = "", content: bytes = b"") -> Answer:
    """Ask an app, and wait for its whole answer.

    Args:
        app: The app.
        method: ``"GET"`` or ``"POST"``.
        address: A path with its query, as a page writes it.
        media_type: What the content is.
        content: What is sent.
    """
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"notebook"), (b"content-type", media_type.encode())],
    }
    with ThreadPoolExecutor(1) as pool:  # of its own, for a notebook's thread runs a loop already
        return pool.submit(lambda: asyncio.run(_answer(app, scope, content))).result()


async def _answer(app: ASGIApp, scope: MutableMapping[str, Any], content: bytes) -> Answer:
    status, media_type, parts = 500, "", list[bytes]()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, media_type
        if message["type"] == "http.response.start":
            status = message["status"]
            media_type = dict(message["headers"]).get(b"content-type", b"").decode()
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, media_type, b"".join(parts))
