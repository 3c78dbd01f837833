"""Object storage for the tests: moto's S3, in this process, for other processes too.

`address` starts the server when it is first called, makes a new bucket, and puts the variables that firth reads
(``AWS_ENDPOINT_URL_S3``, keys, region) into the environment, which processes started from then on inherit. With
``conditional=False`` the endpoint is one that ignores If-None-Match and If-Match, as some real ones do.
"""

from __future__ import annotations

import functools
import itertools
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

__all__ = ["ANOTHER_KEY", "address", "client", "endpoint"]

ANOTHER_KEY = "AKIANOTHERKEY"
"""A key that the endpoint does not know; it takes any other."""

_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")
_numbers = itertools.count(1)


def address(*, conditional: bool = True) -> str:
    """The address of a collection in a new bucket."""
    bucket = f"books-{os.getpid()}-{next(_numbers)}"
    variables = {
        "AWS_ENDPOINT_URL_S3": endpoint(conditional=conditional),
        "AWS_ACCESS_KEY_ID": "AKIATESTING",
        "AWS_SECRET_ACCESS_KEY": "a/secret+that=nobody/prints",
        "AWS_REGION": "us-east-1",
    }
    os.environ.update(variables)
    client().create_bucket(Bucket=bucket)
    return f"s3://{bucket}/library"


def client() -> Any:
    """A client of the endpoint in the environment."""
    boto3 = pytest.importorskip("boto3", reason="pip install 'firth[s3]'")
    return boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])


@functools.cache
def endpoint(*, conditional: bool = True) -> str:
    """The address of the server, started if need be; it ends with the process."""
    pytest.importorskip("moto.server", reason="pip install 'moto[s3]' flask flask-cors")
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    application = DomainDispatcherApplication(create_backend_app)
    application = _keyed(_atomic(application) if conditional else _heedless(application))
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=_quiet(MotoRequestHandler)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _atomic(application: Application) -> Application:
    """Conditional writes one after the other: moto looks first and writes then."""
    turn = threading.Lock()

    def answer(environ, start_response):
        if environ["REQUEST_METHOD"] == "GET" or not any(name in environ for name in _CONDITIONS):
            return application(environ, start_response)
        with turn:
            return list(application(environ, start_response))

    return answer


def _heedless(application: Application) -> Application:
    """Without conditional put: the headers are dropped."""

    def answer(environ, start_response):
        if environ["REQUEST_METHOD"] != "GET":
            environ = {name: value for name, value in environ.items() if name not in _CONDITIONS}
        return application(environ, start_response)

    return answer


def _keyed(application: Application) -> Application:
    """With one key that it refuses, in the words of S3."""
    refusal = b"<Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist.</Message></Error>"

    def answer(environ, start_response):
        if f"Credential={ANOTHER_KEY}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "application/xml")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [refusal]

    return answer


def _quiet(handler: type) -> type:
    return type("Quiet", (handler,), {"log": lambda self, *_: None})
