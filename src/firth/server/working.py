"""The kinds of jobs: draw a map, compare two spaces, add files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from starlette.responses import JSONResponse

from firth.collection import Collection
from firth.errors import InputError
from firth.mapping import Comparison, Plan, comparing, drawing
from firth.maps import LAYOUTS, Frame, Map, Material
from firth.server.asking import Answer, Ask
from firth.server.desk import Desk
from firth.server.jobs import Job, Jobs, Look
from firth.server.packing import grid_of
from firth.server.uploads import Uploads
from firth.types import AddReport, Skipped

__all__ = ["cancel_job", "list_jobs", "one_job", "post_job"]

KINDS = ("map", "add", "compare")
SHARES = {"first": 0.0, "neighbours": 0.3, "layout": 0.5, "placing": 0.9, "regions": 0.92, "measuring": 0.96}
"""How much of the whole is behind one when a stage begins."""
TOLD = 1000


def _jobs(ask: Ask) -> Jobs:
    jobs: Jobs = ask.request.app.state.jobs
    return jobs


def list_jobs(desk: Desk, ask: Ask) -> dict[str, Any]:
    """All jobs, the newest first."""
    return {"jobs": [job.told() for job in _jobs(ask).all()]}


def one_job(desk: Desk, ask: Ask) -> dict[str, Any]:
    """One job."""
    return _jobs(ask).get(ask.word("id")).told()


def cancel_job(desk: Desk, ask: Ask) -> dict[str, Any]:
    """Stop a job at its next step."""
    job = _jobs(ask).get(ask.word("id"))
    job.cancel()
    return job.told()


def post_job(desk: Desk, ask: Ask) -> Answer:
    """Start a job."""
    kind = ask.word("kind")
    if kind not in KINDS:
        raise InputError(f"got kind {kind!r}; expected one of {', '.join(KINDS)}")
    start = {"map": _map_job, "add": _add_job, "compare": _compare_job}[kind]
    return JSONResponse(start(desk, ask).told(), 202, headers={"Cache-Control": "no-store"})


def _plan(desk: Desk, ask: Ask, space: str, beside: str = "") -> Plan:
    method, dim = ask.word("method", "umap"), ask.whole("dim", 2, least=2, most=3)
    if method not in LAYOUTS:
        raise InputError(f"got method {method!r}; expected one of {', '.join(LAYOUTS)}")
    return Plan(space, method, dim, beside)


def _map_job(desk: Desk, ask: Ask) -> Job:
    ask.only("kind", "space", "method", "dim", "again")
    plan, again = _plan(desk, ask, ask.word("space", "meaning")), ask.flag("again")

    def work(job: Job) -> Mapping[str, Any]:
        _drawn(desk, job, desk.material(plan.space), plan, again=again)
        return {"map": plan.id}

    params = {"space": plan.space, "method": plan.method, "dim": plan.dim, "again": again}
    return _jobs(ask).start(Job("map", params), work)


def _drawn(
    desk: Desk,
    job: Job,
    found: Material,
    plan: Plan,
    *,
    again: bool = False,
    beside: Map | None = None,
    part: tuple[float, float] = (0.0, 1.0),
) -> Map:
    """Draw a map, frame by frame, and let the page watch; it is that part of the whole job."""
    drawn = None
    job.step("reading", part[0])
    numbers = desk.numbers.of([id for id in found.ids if desk.numbers.has(id)])
    known = np.array([desk.numbers.has(id) for id in found.ids])
    stages = [*SHARES, "done"]
    for frame in drawing(found, desk.shelf, plan, again=again, beside=beside):
        begin = SHARES.get(frame.stage, 1.0)
        after = SHARES.get(stages[min(stages.index(frame.stage) + 1, len(stages) - 1)], 1.0)
        share = begin + (after - begin) * frame.share
        share = part[0] + (part[1] - part[0]) * share
        job.step(frame.stage, share, look=_look(frame, known, numbers))
        drawn = frame.map
    assert drawn is not None  # noqa: S101 - the last frame always holds it
    return drawn


def _look(frame: Frame, known: Any, numbers: Any) -> Look | None:
    if frame.positions is None or not len(frame.positions):
        return None
    positions, items = frame.positions, numbers
    rows = np.arange(len(known)) if frame.rows is None else frame.rows
    if len(rows) != len(positions):  # a sample is laid out first; where the rest goes, the map will tell
        return None
    if not known.all() or frame.rows is not None:
        place = np.cumsum(known) - 1
        positions, items = positions[known[rows]], numbers[place[rows[known[rows]]]]
    grid = grid_of(positions)
    return Look(frame.stage, frame.share, grid.told(), grid.codes(positions), items)


def _compare_job(desk: Desk, ask: Ask) -> Job:
    ask.only("kind", "a", "b", "method", "dim")
    a, b = ask.word("a"), ask.word("b")
    if a == b:
        raise InputError(f"got {a!r} twice; expected two spaces. Next: choose another, or save a state first")
    plan_a, plan_b = _plan(desk, ask, a), _plan(desk, ask, b, beside=a)

    def work(job: Job) -> Mapping[str, Any]:
        return {"compare": _compared(desk, job, plan_a, plan_b)}

    params = {"a": a, "b": b, "method": plan_a.method, "dim": plan_a.dim}
    return _jobs(ask).start(Job("compare", params), work)


def _compared(desk: Desk, job: Job, plan_a: Plan, plan_b: Plan) -> str:
    items_a, items_b = desk.material(plan_a.space), desk.material(plan_b.space)
    map_a = _drawn(desk, job, items_a, plan_a, part=(0.0, 0.4))
    map_b = _drawn(desk, job, items_b, plan_b, beside=map_a, part=(0.4, 0.8))
    steps = comparing((items_a, map_a), (items_b, map_b))
    found: Comparison
    while True:
        try:
            job.step("comparing", 0.8 + 0.2 * next(steps).share)
        except StopIteration as end:
            found = end.value
            break
    moments = [desk.shelf.get(plan) for plan in (plan_a, plan_b)]
    parts = [[kept.plan.id, int(kept.stamps.sum(dtype=np.uint64))] for kept in moments if kept is not None]
    handle = sha256(json.dumps([parts, found.residual]).encode()).hexdigest()[:12]
    desk.compared.put(handle, (found, plan_a, plan_b))
    return handle


def _add_job(desk: Desk, ask: Ask) -> Job:
    ask.only("kind", "upload", "text", "id")
    uploads: Uploads = ask.request.app.state.uploads
    handle, text = ask.word("upload"), ask.listed("text", str, "columns", [])
    column, files = ask.word("id", None), uploads.files(handle)
    if not files:
        raise InputError("this upload holds no file. Next: send files, then start the job")

    def work(job: Job) -> Mapping[str, Any]:
        location = desk.collection.location
        # of its own, so that searches go on meanwhile; what lives in memory cannot be opened twice
        growing = desk.collection if location == ":memory:" else Collection(location)
        reports = []
        for done, path in enumerate(files):
            job.step("adding", done / len(files), message=path.name)
            reports.append(growing.add(path, text=text, id=column, listener=_Watching(job, done, len(files))))
        return _added(desk, reports)

    return _jobs(ask).start(Job("add", {"files": [path.name for path in files]}), work)


class _Watching:
    """Listens to an adding, and is where it can be stopped: between two batches, when all told is written."""

    def __init__(self, job: Job, done: int, files: int) -> None:
        self._job, self._done, self._files, self._items = job, done, files, 0

    def done(self, status: str, ids: Sequence[str]) -> None:
        """Items are in the store."""
        self._items += len(ids)
        self._job.step("adding", self._done / self._files)

    def skipped(self, skip: Skipped) -> None:
        """The report tells."""


def _added(desk: Desk, reports: Sequence[AddReport]) -> dict[str, Any]:
    desk.corpus()
    ids = [id for report in reports for id in (*report.added, *report.updated)]
    skips = [skip for report in reports for skip in report.skipped]
    return {
        "added": sum(len(report.added) for report in reports),
        "updated": sum(len(report.updated) for report in reports),
        "unchanged": sum(len(report.unchanged) for report in reports),
        "skipped": [{"source": skip.source, "reason": skip.reason} for skip in skips[:TOLD]],
        "skipped_count": len(skips),
        "notes": [note for report in reports for note in report.notes],
        "items": desk.numbers.of([id for id in ids[:TOLD] if desk.numbers.has(id)]).tolist(),
    }
