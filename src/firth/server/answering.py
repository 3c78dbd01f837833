"""Answers: JSON, binary with a tag, and errors that say what was got, what was expected and what to do."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from firth.errors import FirthError, UnknownNameError, UnreadableError

__all__ = ["BINARY", "TooLargeError", "failure", "plain", "tagged", "told"]

BINARY = "application/octet-stream"
NEXT = "Next: "


class TooLargeError(Exception):
    """A body is larger than this server takes."""


def told(error: Exception) -> dict[str, Any]:
    """An error for the page; of one that firth did not raise on purpose, only the kind is told."""
    if isinstance(error, TooLargeError):
        message, found, after = str(error), "", ""
    elif isinstance(error, FirthError):
        message, found, after = str(error).partition(NEXT)
    else:
        message, found, after = f"the server failed ({type(error).__name__})", NEXT, "see its terminal"
    kind = type(error).__name__ if isinstance(error, FirthError | TooLargeError) else "InternalError"
    return {"type": kind, "message": message.strip().rstrip("."), "next": after.strip() if found else None}


def failure(error: Exception, status: int | None = None) -> JSONResponse:
    """The answer to what could not be done."""
    if status is None:
        status = 500
        if isinstance(error, FirthError):
            status = 404 if isinstance(error, UnknownNameError) else 400
        if isinstance(error, UnreadableError):
            status = 422
        if isinstance(error, TooLargeError):
            status = 413
    return JSONResponse({"error": told(error)}, status, headers={"Cache-Control": "no-store"})


def tagged(request: Request, content: bytes, media_type: str = BINARY) -> Response:
    """Content with an ETag; nothing but the tag where the page has it already."""
    tag = f'"{sha256(content).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    given = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in given:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def plain(value: Any) -> Any:
    """A value of the user's as JSON has it: dates as ISO text, numbers that are none as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime.date):  # a datetime is one too
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)
