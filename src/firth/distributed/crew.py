"""The workers of a pool: hired, greeted, given batches, and replaced when they die."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from firth import __version__
from firth.data import Limits, picture_bytes
from firth.distributed.cluster import Cluster
from firth.distributed.worker import Greeting, Worker
from firth.encoders.spaces import Space
from firth.errors import InputError, StoreError
from firth.ingest import Batch

__all__ = ["Crew", "Member", "Task"]

QUEUED = 2
"""Batches that a worker has at once, so that it finds the next one when it is done with the first."""


@dataclass(eq=False, slots=True)
class Task:
    """A batch until it is encoded.

    Attributes:
        batch: The batch.
        deaths: How many workers have died of it.
        given: Whether a worker has it now.
        alone: Whether no worker shall have another one beside it, so that it is known of what that one dies.
    """

    batch: Batch
    deaths: int = 0
    given: bool = False
    alone: bool = False


@dataclass(eq=False, slots=True)
class Member:
    """One worker.

    Attributes:
        actor: Ray's handle.
        ready: Whether it has greeted; before, its encoders are being found.
        here: Whether it is on this machine and can read files by their path.
        jobs: What it has to do by Ray's reference to the answer, in order; None is its greeting.
    """

    actor: Any
    ready: bool = False
    here: bool = False
    jobs: dict[Any, Task | None] = field(default_factory=dict)

    def give(self, task: Task) -> None:
        """Let it encode a batch."""
        task.given = True
        self.jobs[self.actor.encode.remote(task.batch if self.here else _portable(task.batch))] = task


class Crew:
    """All workers of a pool.

    Args:
        ray: The module, connected.
        cluster: How many workers.
        spaces: The collection's named vectors.
        limits: How large pictures may be.

    Raises:
        StoreError: The cluster has not enough CPUs for one worker.
    """

    def __init__(
        self, ray: ModuleType, cluster: Cluster, spaces: Mapping[str, Space], *, limits: Limits
    ) -> None:
        self._ray = ray
        has = int(ray.cluster_resources().get("CPU", 0))
        self.size = cluster.workers or has // cluster.cpus
        if self.size == 0:
            raise StoreError(
                f"the Ray cluster has {has} CPUs; a worker needs {cluster.cpus}. Next: start it with more, "
                "or ask for fewer CPUs a worker"
            )
        self._actor = ray.remote(Worker).options(num_cpus=cluster.cpus, max_restarts=0, max_task_retries=0)
        notes = {name: space.to_json() for name, space in spaces.items()}
        self._recipe: dict[str, Any] = {"spaces": notes, "limits": limits, "threads": cluster.cpus}
        # behind a proxy (ray://) nobody is on this machine
        self._node = None if ray.util.client.ray.is_connected() else ray.get_runtime_context().get_node_id()
        self.members = [self._hired() for _ in range(self.size)]

    def free(self, task: Task) -> Member | None:
        """The idlest of the workers that can take a further batch, this one."""
        most = 0 if task.alone else QUEUED - 1
        free = [member for member in self.members if member.ready and len(member.jobs) <= most]
        open_to_more = [m for m in free if not any(task and task.alone for task in m.jobs.values())]
        return min(open_to_more, key=lambda member: len(member.jobs), default=None)

    def greeted(self, member: Member, greeting: Greeting) -> None:
        """A worker is ready.

        Raises:
            InputError: It runs another firth, whose rows could differ from this one's.
        """
        if greeting.version != __version__:
            raise InputError(
                f"a worker has firth {greeting.version}; this process has {__version__}. "
                "Next: install the same on all machines"
            )
        member.ready, member.here = True, greeting.node == self._node

    def replace(self, member: Member) -> None:
        """Hire another one for a worker that died, or can no longer be reached."""
        self.members.remove(member)
        self._ray.kill(member.actor)
        self.members.append(self._hired())

    def dismiss(self) -> None:
        """End all."""
        for member in self.members:
            self._ray.kill(member.actor)

    def _hired(self) -> Member:
        member = Member(self._actor.remote(**self._recipe))
        member.jobs[member.actor.greet.remote()] = None
        return member


def _portable(batch: Batch) -> Batch:
    """A batch for another machine: with the bytes of its picture files, for their paths may mean nothing there."""
    changes = [
        replace(change, item=replace(change.item, image=_bytes(change.item.image)))
        for change in batch.changes
    ]
    return replace(batch, changes=changes)


def _bytes(image: Any) -> Any:
    if not isinstance(image, Path):
        return image
    try:
        return picture_bytes(image)
    except OSError:  # gone since it was compared: the worker will not find it either, and says so
        return image
