"""A Ray of this machine's cores for the tests of a module, and looks at its processes and at whole collections."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from firth.distributed.cluster import Cluster, connected


@pytest.fixture(scope="module")
def started():
    """Ray, connected already when `add` comes; every test of the module uses the same one."""
    pytest.importorskip("ray")
    with connected(Cluster()) as ray:
        yield ray


def workers():
    """The ids of the worker processes that this process has under it, by way of Ray."""
    names, parents = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                names[int(folder.name)] = (folder / "cmdline").read_bytes()
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
    return [pid for pid, name in names.items() if name.startswith(b"ray::Worker") and _is_ours(pid, parents)]


def _is_ours(pid, parents):
    while pid in parents and pid != os.getpid():
        pid = parents[pid]
    return pid == os.getpid()


class Doing:
    """A listener that does something each time so many further items are in the store."""

    def __init__(self, something, *, every, times=1):
        self.count, self.left = 0, times
        self._something, self._every = something, every
        self._next = every

    def done(self, status, ids):
        self.count += len(ids)
        if self.left and self.count >= self._next and self._something() is not False:
            self.left -= 1
            self._next = self.count + self._every

    def skipped(self, skip):
        pass


def everything(collection):
    """All rows of a collection, sorted."""
    store = collection.store
    table = pa.concat_tables(list(store.scan(store.schema().names, parts=True)))
    return table.sort_by([("id", "ascending"), ("part", "ascending")])


def ids_of(collection):
    """How often each id stands in a collection."""
    return Counter(record["id"] for record in collection.items())


def assert_same(one, other, *, tolerance=1e-6):
    """Two collections hold the same: all columns but vectors exactly, vectors within a tolerance.

    A text's vector depends in its last bits on the texts beside it, whose number depends on how fast encoding was.
    """
    ours, theirs = everything(one), everything(other)
    assert ours.schema.equals(theirs.schema)
    for name in ours.schema.names:
        if not name.startswith("v_"):
            assert ours[name].equals(theirs[name]), name
            continue
        for vector, twin in zip(ours[name].to_pylist(), theirs[name].to_pylist(), strict=True):
            assert (vector is None) == (twin is None)
            assert vector is None or np.abs(np.subtract(vector, twin)).max() <= tolerance
