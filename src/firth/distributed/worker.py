"""What runs in a worker process: the encoders of one collection, loaded once, and batch after batch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from firth import __version__
from firth.data import Limits
from firth.encoders.spaces import Space
from firth.ingest import Batch, Encoded, encode_batch

__all__ = ["Greeting", "Worker"]


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says when it is ready.

    Attributes:
        version: Of its firth.
        node: The machine it is on, as Ray names it.
    """

    version: str
    node: str


class Worker:
    """An actor; it knows nothing of stores.

    Args:
        spaces: The collection's named vectors, as its notes have them.
        limits: How large pictures may be.
        threads: How many this process may use.
    """

    def __init__(self, spaces: Mapping[str, Any], *, limits: Limits, threads: int) -> None:
        os.environ["FIRTH_THREADS"] = str(
            threads
        )  # before anything asks for it, which a fresh process has not
        self._spaces = {name: Space.from_json(name, notes) for name, notes in spaces.items()}
        self._limits = limits

    def greet(self) -> Greeting:
        """Find the encoders, and be sure that they are those which made the collection's vectors.

        Raises:
            UnknownNameError: An encoder is not known on this machine.
            EncoderMismatchError: It has other weights here.
        """
        import ray

        for space in self._spaces.values():
            for modality in space.stamps:
                space.encoder(modality)
        return Greeting(__version__, ray.get_runtime_context().get_node_id())

    def encode(self, batch: Batch) -> Encoded:
        """Encode a batch."""
        return encode_batch(batch, self._spaces, limits=self._limits)
