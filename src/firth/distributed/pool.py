"""Batches go out to workers and come back in order; what a dead worker had goes to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

from firth.data import Limits
from firth.distributed.cluster import Cluster, connected
from firth.distributed.crew import Crew, Member, Task
from firth.encoders.spaces import Space
from firth.errors import StoreError
from firth.ingest import Batch, Encode, Encoded
from firth.types import Skipped

__all__ = ["encoding"]

AHEAD = 3
"""Batches under way for each worker: those it has, and one that waits for its turn to be written."""
SUSPECT = 2
"""When so many workers have died of a batch it is halved, until one item is left, which is skipped."""
IN_A_ROW = 20
"""So many deaths, and three of each worker, with nothing encoded in between, are no accident. More than it takes
to halve the largest batch down to one item."""
PATIENCE = 300
"""Seconds to wait for the first worker of a busy cluster."""


@contextmanager
def encoding(
    ray: Cluster | str | bool, spaces: Mapping[str, Space], *, limits: Limits
) -> Iterator[Encode | None]:
    """What encodes batches on a cluster; nothing is started before the first batch comes.

    Args:
        ray: Which cluster, see `Cluster.of`; with False there is none, and None comes back.
        spaces: The collection's named vectors.
        limits: How large pictures may be.

    Raises:
        MissingExtraError: Ray is not installed.
        StoreError: The cluster does not answer, or workers die again and again.
    """
    if not ray:
        yield None
        return
    cluster = Cluster.of(ray)
    with ExitStack() as stack:

        def encode(batches: Iterable[Batch]) -> Iterator[tuple[Batch, Encoded]]:
            source = iter(batches)
            if (first := next(source, None)) is None:
                return
            module = stack.enter_context(connected(cluster))
            crew = Crew(module, cluster, spaces, limits=limits)
            stack.callback(crew.dismiss)
            yield from Pool(module, crew).encode(first, source)

        yield encode


class Pool:
    """Hands out batches, at most `AHEAD` for each worker at a time.

    Args:
        ray: The module, connected.
        crew: The workers.
    """

    def __init__(self, ray: ModuleType, crew: Crew) -> None:
        self._ray = ray
        self._crew = crew
        self._tasks: list[Task] = []  # in the order of the stream
        self._done: dict[Task, Encoded] = {}
        self._deaths = 0  # since a batch was last encoded

    def encode(self, first: Batch, source: Iterator[Batch]) -> Iterator[tuple[Batch, Encoded]]:
        """Encode batches, in their order."""
        self._tasks.append(Task(first))
        while self._look_ahead(source):
            if self._tasks[0] in self._done:
                task = self._tasks.pop(0)
                yield task.batch, self._done.pop(task)
            else:
                self._wait()

    def _look_ahead(self, source: Iterator[Batch]) -> bool:
        """Read on and hand out as far as allowed; whether anything is under way."""
        self._hand_out()
        while len(self._tasks) < AHEAD * self._crew.size and (batch := next(source, None)) is not None:
            self._tasks.append(Task(batch))
            self._hand_out()
        return bool(self._tasks)

    def _hand_out(self) -> None:
        waiting = (task for task in self._tasks if not task.given and task not in self._done)
        for task in list(waiting):
            member = self._crew.free(task)
            if member is None:
                return
            member.give(task)

    def _wait(self) -> None:
        """Until a worker answers or dies."""
        owners = {job: member for member in self._crew.members for job in member.jobs}
        answered, _ = self._ray.wait(list(owners), timeout=PATIENCE)
        for job in answered:
            self._settle(owners[job], job)
        if not answered and not any(member.ready for member in self._crew.members):
            raise StoreError(
                f"no worker could start within {PATIENCE} s. Next: see with `ray status` whether others use "
                "the cluster's CPUs"
            )

    def _settle(self, member: Member, job: Any) -> None:
        try:
            answer = self._ray.get(job)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause or error from error  # the worker lives: `add` would have raised this here
        except self._ray.exceptions.RayError as error:
            self._mourn(member, str(error))
            return
        task = member.jobs.pop(job)
        if task is None:
            self._crew.greeted(member, answer)
        else:
            self._deaths = 0
            self._done[task] = answer

    def _mourn(self, member: Member, reason: str) -> None:
        """A worker is dead: another one is hired, and its batches are free again.

        If it had one batch, it died of that, or was killed from outside. Of several, nobody knows which one it was
        at, for an answer may be lost with the worker: each of them goes to a worker alone.
        """
        self._deaths += 1
        had = [task for task in member.jobs.values() if task is not None]
        for task in had:
            task.given = False
        if self._deaths > IN_A_ROW + 3 * self._crew.size:
            about = f", the last of them at {_said(had[0].batch)}" if had else " before they were ready"
            raise StoreError(
                f"{self._deaths} workers died one after the other{about}. Next: look for the cause in what Ray "
                f"says: {' '.join(reason.split())}"
            )
        self._crew.replace(member)
        if len(had) == 1:
            self._suspect(had[0])
        for task in had:
            task.alone = True

    def _suspect(self, task: Task) -> None:
        task.deaths += 1
        changes = task.batch.changes
        if task.deaths < SUSPECT:
            return
        if len(changes) == 1:
            reason = f"{SUSPECT} workers died while encoding it. Next: add it alone without Ray, to see why"
            self._done[task] = Encoded(None, [Skipped(changes[0].item.id, reason)])
            return
        middle = len(changes) // 2
        halves = [replace(task.batch, changes=some) for some in (changes[:middle], changes[middle:])]
        place = self._tasks.index(task)
        self._tasks[place : place + 1] = [Task(half, SUSPECT - 1, alone=True) for half in halves]


def _said(batch: Batch) -> str:
    first, last = batch.changes[0].item.id, batch.changes[-1].item.id
    return repr(first) if first == last else f"{len(batch.changes)} items from {first!r} to {last!r}"
