"""Encoding without padding: in batches of so many tokens, on all cores, while the next texts are tokenized."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from firth.encoders.base import Progress, Role, TextEncoder, checked_texts
from firth.kernel.threads import cores
from firth.types import FloatArray

__all__ = ["TOKENIZED", "FlatEncoder", "Part", "in_threads", "join_ids", "windows_of"]

TOKENIZED = 128
"""Texts that are tokenized at once, ahead of those that are encoded."""
TOKENS = 256
"""About how many tokens go through the kernel together: enough to use its weights well, few enough for a cache."""

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Part:
    """Some tokens of a text: all of them, or a window of a long text."""

    text: int
    ids: list[int]
    first: bool
    last: bool


class FlatEncoder(TextEncoder):
    """An encoder whose `forward` needs no padding and makes of a text the same vector in any batch.

    Where the kernel is missing or off, it encodes as any `TextEncoder` does, with ONNX Runtime.
    """

    @cached_property
    @abstractmethod
    def _kernel(self) -> Any:
        """The kernel with this encoder's weights, or None."""

    def encode(
        self, inputs: Sequence[str], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode texts; see `Encoder.encode`."""
        if self._kernel is None:
            return super().encode(inputs, role=role, progress=progress)
        texts = checked_texts(inputs, self.name)
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for parts, found in in_threads(self._forward_parts, self._batches(texts, role)):
            self._put(vectors, parts, found)
            if progress:
                progress(sum(part.last for part in parts))
        return vectors

    def _batches(self, texts: list[str], role: Role) -> Iterator[list[Part]]:
        batch: list[Part] = []
        tokens = 0
        for part in self._parts(texts, role):
            if batch and tokens + len(part.ids) > TOKENS:
                yield batch
                batch, tokens = [], 0
            batch.append(part)
            tokens += len(part.ids)
        if batch:
            yield batch

    def _parts(self, texts: list[str], role: Role) -> Iterator[Part]:
        for start in range(0, len(texts), TOKENIZED):
            for text, ids in enumerate(self.tokenize(texts[start : start + TOKENIZED], role), start):
                yield from windows_of(text, [ids], self.window)

    def _forward_parts(self, parts: list[Part]) -> tuple[list[Part], FloatArray]:
        return parts, self.forward([part.ids for part in parts])

    def _put(self, vectors: FloatArray, parts: list[Part], found: FloatArray) -> None:
        """A text's own vector, or the mean of its windows', weighted by their lengths."""
        for part, vector in zip(parts, found, strict=True):
            if part.first and part.last:
                vectors[part.text] = vector
                continue
            vectors[part.text] += vector * len(part.ids)
            if part.last:
                vectors[part.text] /= np.linalg.norm(vectors[part.text])


def windows_of(text: int, stretches: Sequence[list[int]], window: int) -> list[Part]:
    """The stretches of one text's tokens, each cut to what is read at once.

    >>> [part.ids for part in windows_of(0, [[7, 8, 9], [5]], 2)]
    [[7, 8], [9], [5]]
    """
    cut = [ids[at : at + window] for ids in stretches for at in range(0, max(len(ids), 1), window)]
    last = len(cut) - 1
    return [Part(text, ids, first=i == 0, last=i == last) for i, ids in enumerate(cut)]


def in_threads(work: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[Result]:
    """Work on jobs in as many threads as there are cores; results come in the order of the jobs.

    A few jobs are taken ahead, so that making the next ones overlaps with the work. One job alone stays in this
    thread.

    >>> list(in_threads(len, ["蘋果", "apple"]))
    [2, 5]
    """
    waiting = iter(jobs)
    begun = [job for _, job in zip(range(2), waiting, strict=False)]
    if len(begun) < 2 or cores() == 1:
        yield from map(work, chain(begun, waiting))
        return
    pool = ThreadPoolExecutor(cores(), "firth-encode")
    try:
        running: deque[Future[Result]] = deque()
        for job in chain(begun, waiting):
            running.append(pool.submit(work, job))
            if len(running) > 2 * cores():
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def join_ids(sequences: Sequence[Sequence[int]]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Sequences of ids in one row, ``(t,)``, and their lengths, ``(n,)``."""
    lengths = np.fromiter(map(len, sequences), np.int32, len(sequences))
    return np.fromiter(chain.from_iterable(sequences), np.int64, int(lengths.sum())), lengths
