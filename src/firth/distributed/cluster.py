"""Where the workers are: a Ray cluster that runs already, or one of this machine's cores, made for the occasion."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

from firth.errors import InputError, StoreError, require
from firth.kernel.threads import cores

__all__ = ["Cluster", "connected"]

SURPLUS = r"died|was killed|marked dead|cannot be scheduled"
"""Lines that Ray prints on stdout, among the results, when a worker is lost: firth deals with that itself."""
OBJECT_STORE = 256 * 2**20
"""Bytes of shared memory for batches on their way, where Ray is started here."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Which machines encode, and with how many workers.

    Attributes:
        address: Of a running Ray cluster, ``"10.0.0.1:6379"``, or ``"auto"`` for one that this machine belongs
            to. Without it that of ``$RAY_ADDRESS``; without that, a cluster of this machine's cores is started
            and ended. Where the program has called ``ray.init`` already, that connection is used.
        workers: How many processes encode; each loads the encoders once. By default as many as there are CPUs
            for.
        cpus: CPUs of each worker, which are its threads.
    """

    address: str | None = None
    workers: int | None = None
    cpus: int = 1

    def __post_init__(self) -> None:
        """Refuse what no cluster can have."""
        for name in ("workers", "cpus"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"got {name}={value}; expected at least 1")

    @staticmethod
    def of(ray: Cluster | str | bool) -> Cluster:
        """What is meant by an address, or by True: wherever ``$RAY_ADDRESS`` says, else this machine."""
        if isinstance(ray, Cluster):
            return ray
        return Cluster(address=ray if isinstance(ray, str) else None)


@contextmanager
def connected(cluster: Cluster) -> Iterator[ModuleType]:
    """The module `ray`, connected; what was started here is ended here.

    Raises:
        MissingExtraError: Ray is not installed.
        StoreError: No cluster answers at the address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", SURPLUS)  # read once, when ray is imported
    ray = require("ray", extra="cluster", purpose="to encode on several machines")
    if ray.is_initialized():
        yield ray
        return
    address = cluster.address or os.environ.get("RAY_ADDRESS") or "local"
    local = {"num_cpus": cores(), "object_store_memory": OBJECT_STORE, "include_dashboard": False}
    options = local if address == "local" else {}
    try:
        with warnings.catch_warnings():
            # Ray's processes are started by a fork that lasts until their program is loaded: no store is used in it
            warnings.filterwarnings("ignore", "lancedb fork support", RuntimeWarning)
            ray.init(address=address, log_to_driver=False, logging_level="ERROR", **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise StoreError(
            f"no Ray cluster at {address!r}: {str(error).splitlines()[0]}. Next: ray start --head there, "
            "or leave the address away to use this machine"
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()
