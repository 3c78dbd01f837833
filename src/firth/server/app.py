"""The addresses of the server, each with the function that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from firth.collection import Collection
from firth.server import columns, compared, drawn, items, planes, searching, states, status, uploads, working
from firth.server.asking import endpoint
from firth.server.desk import Desk
from firth.server.jobs import Jobs, events
from firth.server.security import Guard, host_names

__all__ = ["STATIC", "make_app"]

STATIC = Path(__file__).parent / "static"

ROUTES = [
    Route("/api/status", endpoint(status.status)),
    Route("/api/maps", endpoint(drawn.list_maps)),
    Route("/api/maps/{id}/points", endpoint(drawn.points)),
    Route("/api/maps/{id}/regions", endpoint(drawn.regions)),
    Route("/api/maps/{id}/region-codes", endpoint(drawn.region_codes)),
    Route("/api/columns", endpoint(columns.list_columns)),
    Route("/api/columns/codes", endpoint(columns.codes)),
    Route("/api/items", endpoint(items.find_items), methods=["POST"]),
    Route("/api/items/{number}/neighbours", endpoint(items.neighbours)),
    Route("/api/items/{number}/picture", endpoint(items.picture)),
    Route("/api/thumbs/{number}.webp", endpoint(items.thumb)),
    Route("/api/thumbs", endpoint(items.thumbs), methods=["POST"]),
    Route("/api/search", endpoint(searching.find), methods=["POST"]),
    Route("/api/pictures", endpoint(searching.take_picture, files=searching.PICTURE_BYTES), methods=["POST"]),
    Route("/api/jobs", endpoint(working.list_jobs)),
    Route("/api/jobs", endpoint(working.post_job), methods=["POST"]),
    Route("/api/jobs/{id}", endpoint(working.one_job)),
    Route("/api/jobs/{id}/cancel", endpoint(working.cancel_job), methods=["POST"]),
    Route("/api/jobs/{id}/events", events),
    Route("/api/uploads", endpoint(uploads.begin_upload), methods=["POST"]),
    Route(
        "/api/uploads/{handle}/files",
        endpoint(uploads.take_file, files=uploads.FILE_BYTES),
        methods=["POST"],
    ),
    Route("/api/compares/{id}", endpoint(compared.comparison)),
    Route("/api/compares/{id}/points", endpoint(compared.comparison_points)),
    Route("/api/plane", endpoint(planes.plane), methods=["POST"]),
    Route("/api/states", endpoint(states.list_states)),
    Route("/api/states", endpoint(states.save_state), methods=["POST"]),
    Route("/api/states/remove", endpoint(states.remove_state), methods=["POST"]),
]


def make_app(
    collection: Collection,
    *,
    token: str,
    host: str = "127.0.0.1",
    port: int = 8420,
    name: str = "",
    static: Path = STATIC,
) -> Guard:
    """The server of one collection, guarded.

    Args:
        collection: What it shows.
        token: What lets a visitor in.
        host: Where it listens; elsewhere than on this machine, any Host is taken, for it cannot know its names.
        port: Where it listens.
        name: What the collection is called on the page.
        static: The files of the page.
    """

    async def page(request: Request) -> Response:
        return FileResponse(static / "index.html")

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        yield
        app.state.jobs.close()

    desk = Desk(collection, name=name)
    routes = [Route("/", page), Mount("/static", GZipMiddleware(StaticFiles(directory=static))), *ROUTES]
    app = Starlette(routes=routes, lifespan=living, exception_handlers={HTTPException: _nothing_here})
    app.state.desk, app.state.jobs = desk, Jobs(desk.trouble)
    app.state.uploads = uploads.Uploads(collection.location)
    local = host in ("127.0.0.1", "localhost", "::1")
    hosts = host_names(host, port) if local else frozenset()
    return Guard(app, hosts=hosts, token=token, cookie=f"firth-{port}")


async def _nothing_here(request: Request, error: Exception) -> Response:
    status_code = error.status_code if isinstance(error, HTTPException) else 404
    message = (
        "this address takes another method" if status_code == 405 else "there is nothing at this address"
    )
    told = {"type": "NotFoundError", "message": message, "next": "see the addresses in firth.server.app"}
    return JSONResponse({"error": told}, status_code)
