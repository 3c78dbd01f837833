"""Epochs over the text: threads, each with its chance, a rate that falls, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import numpy as np

from firth.kernel.threads import cores
from firth.training.skipgram.report import Speed
from firth.training.skipgram.rows import Rows
from firth.training.skipgram.settings import Settings
from firth.training.skipgram.spool import Spool
from firth.training.skipgram.steps import Chance, Learned, Steps

__all__ = ["Fitting"]

STRETCH = 50_000
"""Words between two looks at the learning rate."""
LEAST_RATE = 1e-3
"""Of the rate at the start, what is left at the end."""
TELL_EVERY = 0.25
"""Seconds."""


class Fitting:
    """A training that can be interrupted after any epoch.

    Args:
        rows: What is learned, in place.
        spool: The text.
        learn: How.
        settings: How much.
        total: Words of the text.

    Attributes:
        epoch: How many are done.
        losses: The mean loss of a step in each of them.
    """

    def __init__(self, rows: Rows, spool: Spool, learn: Steps, settings: Settings, *, total: int) -> None:
        self._rows, self._learn, self._settings, self._total = rows, learn, settings, max(total, 1)
        self._stretches = list(spool.stretches(STRETCH))
        self._threads = min(settings.threads or cores(), max(len(self._stretches), 1))
        self._chances = [np.array([seed], np.uint64) for seed in _seeds(settings.seed, self._threads)]
        self._lock, self._stop = Lock(), Event()
        self._error: BaseException | None = None
        self.epoch, self._done, self._done_before = 0, 0, 0
        self.losses: list[float] = []

    @property
    def over(self) -> bool:
        """Whether all epochs are done."""
        return self.epoch >= self._settings.epochs

    @property
    def words_here(self) -> int:
        """Words that were learned from since this training was begun or gone on with."""
        return self._done - self._done_before

    def run_epoch(self, told: Callable[[Speed], None]) -> None:
        """One pass over the text, its stretches in an order by chance.

        Raises:
            KeyboardInterrupt: Ctrl-C; the rows keep what they learned.
        """
        order = np.random.default_rng((self._settings.seed, self.epoch)).permutation(len(self._stretches))
        left, so_far = iter(order.tolist()), _Sum()
        threads = [Thread(target=self._work, args=(left, chance, so_far)) for chance in self._chances]
        began = monotonic()
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                for thread in threads:
                    thread.join(TELL_EVERY / len(threads))
                told(self._speed(so_far, monotonic() - began))
            told(self._speed(so_far, monotonic() - began))
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
            self._stop.clear()
        if self._error is not None:
            raise self._error
        self.epoch += 1
        self.losses.append(so_far.mean)

    def _work(self, left: Any, chance: Chance, so_far: _Sum) -> None:
        try:
            for place in left:
                learned = self._learn(self._stretches[place], self._rate(), chance)
                with self._lock:
                    self._done += learned.words
                    so_far.add(learned)
                if self._stop.is_set():
                    return
        except BaseException as error:  # raised again in the thread that waits
            self._error = error

    def _rate(self) -> float:
        """Falls in a straight line with the words that are done."""
        share = 1 - self._done / (self._total * self._settings.epochs)
        return self._settings.start_rate * max(share, LEAST_RATE)

    def _speed(self, so_far: _Sum, seconds: float) -> Speed:
        return Speed(
            self.epoch + 1, so_far.words, self._total, so_far.words / max(seconds, 1e-9), so_far.mean
        )

    def state(self) -> dict[str, Any]:
        """Everything that the rest depends on."""
        return {
            "inputs": self._rows.inputs,
            "outputs": self._rows.outputs,
            "chances": np.concatenate(self._chances),
            "done": np.array([self.epoch, self._done], np.int64),
            "losses": np.array(self.losses, np.float64),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._rows.inputs[:], self._rows.outputs[:] = state["inputs"], state["outputs"]
        self._chances = [state["chances"][i : i + 1].copy() for i in range(len(state["chances"]))]
        self.epoch, self._done = (int(value) for value in state["done"])
        self._done_before = self._done
        self.losses = state["losses"].tolist()


class _Sum:
    """What an epoch gave so far."""

    words, asked, loss = 0, 0, 0.0

    def add(self, learned: Learned) -> None:
        self.words += learned.words
        self.asked += learned.asked
        self.loss += learned.loss

    @property
    def mean(self) -> float:
        return self.loss / self.asked if self.asked else float("nan")


def _seeds(seed: int, threads: int) -> list[int]:
    return [int(s.generate_state(1, np.uint64)[0]) for s in np.random.SeedSequence(seed).spawn(threads)]
