"""Long work: one job after the other in a thread of its own, watched by whoever asks, stopped at the next step.

A page may go and come back: a job belongs to the server, and events begin with how things stand.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from firth.errors import FirthError, InputError, UnknownNameError
from firth.server.answering import failure, plain, told
from firth.types import FloatArray

__all__ = ["CancelledError", "Job", "Jobs", "Look", "Work", "events"]

ENDED = ("done", "failed", "cancelled")
KEPT = 100
PAUSE = 0.1
"""Seconds between two looks at a job; what happens faster is seen together."""
QUIET = 15.0
"""Seconds after which an empty line keeps a silent connection open."""


class CancelledError(Exception):
    """Somebody no longer wants the job."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Where items are while a map settles: codes on a grid, and the numbers of the items."""

    stage: str
    share: float
    grid: Mapping[str, Any]
    codes: FloatArray | Any
    items: Any

    def told(self, *, with_items: bool) -> dict[str, Any]:
        """For the page."""
        found = {"stage": self.stage, "share": self.share, "dim": self.codes.shape[1], **self.grid}
        found["positions"] = b64encode(self.codes.astype("<u2").tobytes()).decode()
        if with_items:
            found["items"] = b64encode(np.asarray(self.items).astype("<u4").tobytes()).decode()
        return found


@dataclass(eq=False)
class Job:
    """One piece of work and how far it is."""

    kind: str
    params: Mapping[str, Any]
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    state: str = "waiting"
    stage: str = ""
    share: float = 0.0
    message: str = ""
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    made_at: str = field(default_factory=lambda: _now())
    ended_at: str | None = None
    revision: int = 0
    look: Look | None = None
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def told(self) -> dict[str, Any]:
        """For the page."""
        names = (
            "id",
            "kind",
            "state",
            "stage",
            "share",
            "message",
            "params",
            "result",
            "error",
            "made_at",
            "ended_at",
        )
        return {name: plain(getattr(self, name)) for name in names}

    def step(self, stage: str, share: float, *, message: str | None = None, look: Look | None = None) -> None:
        """Say how far it is.

        Raises:
            CancelledError: Nobody wants it any more.
        """
        if self._cancelled.is_set():
            raise CancelledError
        self.stage, self.share = stage, min(max(float(share), 0.0), 1.0)
        self.message = self.message if message is None else message
        self.look = look or self.look
        self.revision += 1

    def cancel(self) -> None:
        """Stop it at its next step; what is written already stays."""
        if self.state == "waiting":
            self.end("cancelled")
        self._cancelled.set()

    def end(
        self, state: str, *, result: Mapping[str, Any] | None = None, error: Mapping[str, Any] | None = None
    ) -> None:
        """It is over."""
        if self.state not in ENDED:
            self.result, self.error, self.ended_at = result, error, _now()
            self.share = 1.0 if state == "done" else self.share
            self.state = state
            self.revision += 1


Work: TypeAlias = Callable[[Job], Mapping[str, Any]]


class Jobs:
    """All jobs of this server.

    Args:
        trouble: Is told of errors that nobody foresaw.
    """

    def __init__(self, trouble: Callable[[Exception], None]) -> None:
        self._trouble = trouble
        self._jobs: dict[str, Job] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="firth-job")
        self.closed = False

    def start(self, job: Job, work: Work) -> Job:
        """Do it once those before it are done."""
        if sum(other.state not in ENDED for other in self._jobs.values()) >= KEPT:
            raise InputError(f"{KEPT} jobs are waiting already. Next: wait, or cancel some")
        ended = [id for id, other in self._jobs.items() if other.state in ENDED]
        for id in ended[: max(0, len(self._jobs) + 1 - KEPT)]:
            del self._jobs[id]
        self._jobs[job.id] = job
        self._thread.submit(self._run, job, work)
        return job

    def all(self) -> list[Job]:
        """All jobs, the newest first."""
        return list(reversed(self._jobs.values()))

    def get(self, id: str) -> Job:
        """A job.

        Raises:
            UnknownNameError: There is none of that id.
        """
        if id not in self._jobs:
            raise UnknownNameError("no job has this id. Next: load the page again")
        return self._jobs[id]

    def close(self) -> None:
        """Stop everything."""
        self.closed = True
        for job in self._jobs.values():
            job.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, job: Job, work: Work) -> None:
        if job.state != "waiting":
            return
        job.state = "running"
        job.revision += 1
        try:
            job.end("done", result=work(job))
        except CancelledError:
            job.end("cancelled")
        except Exception as error:  # whatever it is, the page must hear of it, and the next job go on
            if not isinstance(error, FirthError):
                self._trouble(error)
            job.end("failed", error=told(error))


async def events(request: Request) -> Response:
    """The state of a job, and what happens to it, as server-sent events."""
    jobs: Jobs = request.app.state.jobs
    try:
        job = jobs.get(request.path_params["id"])
    except UnknownNameError as error:
        return failure(error)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(job, jobs), media_type="text/event-stream", headers=headers)


async def _events(job: Job, jobs: Jobs) -> AsyncIterator[str]:
    seen, look, quiet = -1, None, 0.0
    while True:
        if job.revision != seen:
            seen, quiet, state = job.revision, 0.0, job.told()
            if job.look is not None and job.look is not look:
                same = look is not None and np.array_equal(look.items, job.look.items)
                look = job.look
                yield _event("frame", look.told(with_items=not same))
            yield _event("job", state)
            if state["state"] in ENDED:
                return
        if jobs.closed:
            return
        await asyncio.sleep(PAUSE)
        quiet += PAUSE
        if quiet >= QUIET:
            quiet = 0.0
            yield ": still here\n\n"


def _event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
