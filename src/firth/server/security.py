"""Who may ask: this page in this browser, or a program that was given the token.

A page of another site can make the browser ask 127.0.0.1, and by DNS rebinding even read what comes back. So the
names in Host and Origin must be ours, and everything but the first visit needs the token of this start, which the
first visit turns into a cookie that no script can read and that no other site's request brings along.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection as Names
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

__all__ = ["CSP", "Guard", "host_names"]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
SAFE = ("GET", "HEAD")


def host_names(host: str, port: int) -> frozenset[str]:
    """What a browser may call this server: names with the port, in lower case."""
    names = {host, "127.0.0.1", "localhost", "[::1]"} if host in ("127.0.0.1", "localhost", "::1") else {host}
    names = {f"[{name}]" if ":" in name and not name.startswith("[") else name for name in names}
    return frozenset(f"{name}:{port}".lower() for name in names) | (
        frozenset(name.lower() for name in names) if port == 80 else frozenset()
    )


class Guard:
    """Stands before the app, and lets in only who has the token and comes from our own page.

    Args:
        app: What it guards.
        hosts: What this server may be called; empty where it listens for others and cannot know its names.
        token: The token of this start.
        cookie: The name of the cookie; cookies do not tell ports apart, so it holds the port.
    """

    def __init__(self, app: Starlette, *, hosts: Names[str], token: str, cookie: str) -> None:
        self.app = app
        self.hosts = hosts
        self.token = token
        self.cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope, Headers(scope=scope))
        await (refusal or self.app)(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        host = headers.get("host", "").lower()
        if self.hosts and host not in self.hosts:
            return _refused(403, f"got Host {host[:80]!r}; this server is not called that", "use 127.0.0.1")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return _refused(403, "the request comes from another site; only the page itself may ask", None)
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if given and scope["path"] == "/" and scope["method"] in SAFE:
            return self._welcome(scope) if self._is_token(given) else _unknown()
        bearer = headers.get("authorization", "")
        if bearer[:7].lower() == "bearer ":
            return None if self._is_token(bearer[7:].strip()) else _unknown()
        if (
            headers.get("sec-fetch-site", "same-origin") in ("cross-site", "same-site")
            and scope["path"] != "/"
        ):
            return _refused(403, "the request comes from another site; only the page itself may ask", None)
        if not self._is_token(cookie_parser(headers.get("cookie", "")).get(self.cookie, "")):
            return _unknown()
        if scope["method"] not in SAFE and origin is None:
            return _refused(403, "a change without Origin; only the page itself may ask", None)
        return None

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())

    def _welcome(self, scope: Scope) -> Response:
        rest = [(k, v) for k, v in parse_qs(scope["query_string"].decode("latin-1")).items() if k != "token"]
        query = urlencode(rest, doseq=True)
        answer = RedirectResponse(f"/?{query}" if query else "/", 303, headers={"Cache-Control": "no-store"})
        answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict", path="/")
        return answer


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            more = {
                **HEADERS,
                b"cache-control": b"no-cache",
            }  # the page asks again whether a file has changed
            message["headers"] = [*message["headers"], *((k, v) for k, v in more.items() if k not in given)]
        await send(message)

    return sending


def _unknown() -> Response:
    return _refused(
        401, "the token is missing or of an earlier start", "open the address that `firth serve` printed"
    )


def _refused(status: int, message: str, after: str | None) -> Response:
    return JSONResponse(
        {"error": {"type": "RefusedError", "message": message, "next": after}},
        status,
        headers={"Cache-Control": "no-store"},
    )
