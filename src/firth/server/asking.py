"""What the page asks, read with suspicion: sizes, types and names are checked before anything is done.

Nothing asked is ever a path or SQL: items are numbers, maps, jobs and files are looked up by handles of ours, and
names of fields and vectors are looked up among those of the collection.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from firth.errors import InputError
from firth.server.answering import BINARY, TooLargeError, failure, plain
from firth.server.desk import Desk

__all__ = ["Answer", "Ask", "endpoint"]

BODY = 4 * 2**20
MISSING: Any = object()
Answer: TypeAlias = "Response | dict[str, Any]"


class Ask:
    """One request: what its address and its body say.

    Args:
        request: The request.
        body: What was sent as JSON.
        content: What was sent as a file.
    """

    def __init__(self, request: Request, body: dict[str, Any], content: bytes = b"") -> None:
        self.request = request
        self.body = body
        self.content = content

    def only(self, *names: str) -> None:
        """Refuse what nobody asked for: a misspelt option must not be lost."""
        if unknown := sorted(set(self.body) - set(names)):
            raise InputError(f"got {', '.join(map(repr, unknown))}; expected only {', '.join(names)}")

    def word(self, name: str, default: Any = MISSING) -> Any:
        """A text; the default where it is missing or null."""
        return self._typed(name, str, "a text", default)

    def flag(self, name: str) -> bool:
        """True or false; false where it is missing."""
        return bool(self._typed(name, bool, "true or false", False))

    def whole(self, name: str, default: Any = MISSING, *, least: int = 0, most: int = 2**31) -> int:
        """A whole number within bounds, from the body or from the address."""
        value = self._typed(name, int, "a whole number", default)
        if value is not default and (isinstance(value, bool) or not least <= value <= most):
            raise InputError(f"got {name}={value!r}; expected a whole number from {least} to {most}")
        return int(value)

    def numbers(self, name: str, *, most: int) -> list[int]:
        """A list of item numbers."""
        found = self.listed(name, int, "item numbers")
        if len(found) > most or any(isinstance(number, bool) or number < 0 for number in found):
            raise InputError(f"got {len(found)} {name}; expected at most {most} item numbers, none below 0")
        return found

    def listed(self, name: str, kind: type, what: str, default: Any = MISSING) -> list[Any]:
        """A list of values of one type."""
        found = self._typed(name, list, f"a list of {what}", default)
        if any(not isinstance(value, kind) for value in found):
            raise InputError(f"got {name} with other things in it; expected a list of {what}")
        return list(found)

    def _typed(self, name: str, kind: type | tuple[type, ...], what: str, default: Any) -> Any:
        address = {**self.request.query_params, **self.request.path_params}
        value = self.body.get(name)
        if value is None and name in address:
            value = _number(address[name], name) if kind is int else address[name]
        if value is None and default is not MISSING:
            return default
        if not isinstance(value, kind):
            raise InputError(f"got {name}={json.dumps(value)[:80]}; expected {what}")
        return value


def endpoint(
    answer: Callable[[Desk, Ask], Answer], *, files: int = 0
) -> Callable[[Request], Awaitable[Response]]:
    """A function that answers, as Starlette wants it; it runs in a thread, and its errors become answers.

    Args:
        answer: Takes what is asked; gives a response, or what is to be JSON.
        files: How many bytes of a file it takes; by default none but JSON.
    """

    async def answering(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        try:
            ask = Ask(request, {})
            if request.method == "POST":
                ask = await (_file(request, files) if files else _json(request))
            given = await run_in_threadpool(answer, desk, ask)
        except Exception as error:
            failed = failure(error)
            if failed.status_code == 500:
                desk.trouble(error)
            return failed
        return given if isinstance(given, Response) else JSONResponse(plain(given), headers=NO_STORE)

    return answering


NO_STORE = {"Cache-Control": "no-store"}


async def _json(request: Request) -> Ask:
    _expect(request, "application/json")
    content = await _read(request, BODY)
    try:
        body = json.loads(content or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is no JSON ({error}); expected an object") from error
    if not isinstance(body, dict):
        raise InputError(f"got a {type(body).__name__} as JSON; expected an object")
    return Ask(request, body)


async def _file(request: Request, most: int) -> Ask:
    _expect(request, BINARY)
    return Ask(request, {}, await _read(request, most))


def _expect(request: Request, wanted: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise InputError(f"got a body of type {given or 'none'!r}; expected {wanted}")


async def _read(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLargeError(f"the body is over {most / 2**20:,.0f} MiB; expected less")
        parts.append(part)
    return b"".join(parts)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(f"got {name}={text[:40]!r}; expected a whole number")
    return int(text)


def _no_constant(name: str) -> Sequence[Any]:
    raise ValueError(f"{name} is no number in JSON")
