"""Whether an endpoint has conditional put, found out by trying, and how its writers therefore take turns."""

from __future__ import annotations

import threading
import uuid

from firth.stores.lance.claims import Claims
from firth.stores.lance.lease import Lease
from firth.stores.lance.object_storage import ObjectStorage
from firth.stores.lance.turns import Turns

__all__ = ["has_conditional_put", "turns_at"]

_one_at_a_time = threading.Lock()
_found: dict[tuple[str, str], bool] = {}  # by endpoint and bucket
_turns: dict[tuple[str, str], Turns] = {}  # by endpoint and location: one for all stores of this process


def turns_at(storage: ObjectStorage) -> Turns:
    """How the writers of an address take turns; the endpoint is tried once in a process.

    The answer is kept nowhere else: behind the same name there may be another server tomorrow, and a bucket can be
    copied with all that is in it. Trying costs five small requests. All writers of an address must reach it by
    endpoints of one kind, since those with a `Lease` and those with `Claims` do not see each other.
    """
    bucket, place = (storage.endpoint, storage.bucket), (storage.endpoint, storage.location)
    with _one_at_a_time:
        if place not in _turns:
            if bucket not in _found:
                _found[bucket] = has_conditional_put(storage)
            _turns[place] = Lease(storage) if _found[bucket] else Claims(storage)
        return _turns[place]


def has_conditional_put(storage: ObjectStorage) -> bool:
    """Whether a put is refused where ``If-None-Match: *`` or ``If-Match`` asks for it, and only there.

    Lance's commits rest on the first, the `Lease` on both. Endpoints that ignore them overwrite, and say nothing.
    """
    name = f".writers/probe-{uuid.uuid4()}"
    first = storage.write(name, b"first")
    try:
        refused = storage.write(name, b"second", new=True) is None
        refused = refused and storage.write(name, b"third", replacing=f'"{"0" * 32}"') is None
        return refused and storage.write(name, b"fourth", replacing=first) is not None
    finally:
        storage.remove(name)
