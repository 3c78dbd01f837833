"""Start the server: a free port of this machine, a token of this start, and the address to open."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from firth.collection import Collection
from firth.errors import InputError

__all__ = ["LOCAL", "PORT", "Address", "listen", "serve"]

LOCAL = ("127.0.0.1", "localhost", "::1")
PORT = 8420
TRIES = 20
SHORTEST = 16
GRACE = 2


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, for who has the token."""

    host: str
    port: int
    token: str

    def __str__(self) -> str:
        """What to open."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/?token={self.token}"


def serve(
    collection: Collection,
    *,
    name: str = "",
    host: str = "127.0.0.1",
    port: int | None = None,
    token: str | None = None,
    browser: bool = True,
    told: Callable[[Address], None] | None = None,
) -> None:
    """Serve the page of a collection until it is stopped by Ctrl-C.

    Args:
        collection: What it shows.
        name: What the page calls it.
        host: Where to listen; anything but this machine alone needs a token that you choose.
        port: Which port; by default 8420, or the next one that is free.
        token: What lets a visitor in; by default a new one each time.
        browser: Whether to open it.
        told: Is told the address before anything else.

    Raises:
        InputError: The port is taken, or others could come in without a token.
    """
    if host not in LOCAL and (token is None or len(token) < SHORTEST):
        raise InputError(
            f"got host {host!r}, where others can come in; expected a token of at least {SHORTEST} characters. "
            "Next: add --token, or leave --host away"
        )
    import uvicorn

    from firth.server.app import make_app

    sockets = [listen(host, port)]
    address = Address(host, sockets[0].getsockname()[1], token or secrets.token_urlsafe(24))
    app = make_app(collection, token=address.token, host=host, port=address.port, name=name)
    jobs = app.app.state.jobs
    if told:
        told(address)
    if browser:
        webbrowser.open(str(address))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )

    class Server(uvicorn.Server):
        """Tells those who watch jobs that it is over, for it waits until they leave."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            jobs.close()
            super().handle_exit(sig, frame)

    Server(config).run(sockets=sockets)


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens: on the port asked for, else on the first free one from `PORT` on.

    Raises:
        InputError: It is taken, or none is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in range(PORT, PORT + TRIES) if port is None else [port]:
        # with its protocol named, asyncio sends answers at once (TCP_NODELAY): else each waits 40 ms for the next
        taking = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            taking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taking.bind((host, number))
        except OSError as error:
            taking.close()
            reason = error
            continue
        taking.listen(128)
        return taking
    wanted = f"port {port}" if port is not None else f"any port from {PORT} to {PORT + TRIES - 1}"
    raise InputError(
        f"cannot listen on {host}, {wanted}: {reason.strerror}. Next: choose another with --port"
    )
