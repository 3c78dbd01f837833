"""The training of a head, and of a text adapter: epochs of contrastive steps, the best of them kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from firth.encoders.heads import adapted_texts, has_adapter, picture_vectors
from firth.similarity import normalize
from firth.training.adamw import AdamW
from firth.training.batches import Batch, batches
from firth.training.examples import Examples
from firth.training.layers import (
    Frame,
    adapter_backward,
    adapter_forward,
    exported,
    head_backward,
    head_forward,
)
from firth.training.losses import LOSSES
from firth.training.recall import mean_recall, recalls
from firth.training.settings import Settings
from firth.training.start import frame_of, ridge_start
from firth.types import FloatArray

__all__ = ["Epoch", "Fitting", "Listener", "fit"]

MOST = 1000
"""Captions a column that the held-out recall of an epoch is measured by."""

SHIFTS = (1.0, 0.5, 0.0)
"""How much of the modality gap is closed; the first that costs no recall is taken."""
TOLERANCE = 0.002
"""What counts as no cost."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """How far a training is.

    Attributes:
        number: The epoch, from 1; 0 is the start.
        of: The most there will be.
        loss: The mean loss of its steps; NaN for the start.
        recall: Held-out recall@10, the mean over columns and galleries.
        best: Whether it is the best so far.
    """

    number: int
    of: int
    loss: float
    recall: float
    best: bool


Listener: TypeAlias = Callable[[Epoch], None]


@dataclass
class Fitting:
    """A training that can stop after any epoch and go on later.

    Attributes:
        examples: What is learned from.
        settings: How.
        frame: What does not learn.
        optimizer: Holds the arrays as they are now.
        best: The arrays of the best epoch.
        best_recall: Its recall.
        best_epoch: Its number.
        epoch: How many epochs are done.
    """

    examples: Examples
    settings: Settings
    frame: Frame
    optimizer: AdamW
    best: dict[str, FloatArray] = field(default_factory=dict)
    best_recall: float = -1.0
    best_epoch: int = 0
    epoch: int = 0

    @staticmethod
    def begin(
        examples: Examples, settings: Settings, *, before: Mapping[str, FloatArray] | None = None
    ) -> Fitting:
        """Start from the ridge regression, and from a head that was trained before if there is one."""
        frame = frame_of(examples)
        rng = np.random.default_rng([settings.seed, 0])
        first = _first_arrays(len(frame.center), len(frame.origin), settings, rng)
        arrays = first | ridge_start(examples, frame, before=before)
        if settings.loss == "sigmoid":
            arrays["bias"] = np.array([_first_bias(examples, settings)], np.float32)
        fitting = Fitting(examples, settings, frame, AdamW(arrays, decay=settings.decay))
        fitting._judge(np.nan)
        return fitting

    @property
    def over(self) -> bool:
        """Whether the last epoch is done, or none was better for a while."""
        idle = self.epoch - self.best_epoch
        return self.epoch >= self.settings.epochs or idle >= self.settings.patience

    def step_epoch(self) -> Epoch:
        """One pass over the pictures. The same state gives the same epoch, whether it was stopped between or not."""
        self.epoch += 1
        losses = []
        drawn = list(batches(self.examples, self.settings, self.epoch))
        for number, batch in enumerate(drawn):
            done = (self.epoch - 1 + number / len(drawn)) / self.settings.epochs
            losses.append(self._step(batch, self.settings.rate * _schedule(done)))
        return self._judge(float(np.mean(losses)))

    def _step(self, batch: Batch, rate: float) -> float:
        arrays, frame = self.optimizer.arrays, self.frame
        z = frame.standardized(batch.features) * batch.kept
        pictures = head_forward(arrays, frame, z, batch.names)
        captions = adapter_forward(arrays, frame, batch.captions)
        log_scale, bias = float(arrays["log_scale"][0]), float(arrays.get("bias", [0.0])[0])
        scores = pictures.vectors @ captions.vectors.T
        loss = LOSSES[self.settings.loss](
            scores, batch.positive, batch.ignored, log_scale=log_scale, bias=bias
        )
        gradients = head_backward(arrays, frame, pictures, loss.scores @ captions.vectors)
        gradients |= adapter_backward(arrays, frame, captions, loss.scores.T @ pictures.vectors)
        gradients["log_scale"] = np.array([loss.log_scale], np.float32)
        if "bias" in arrays:
            gradients["bias"] = np.array([loss.bias], np.float32)
        self.optimizer.step(gradients, rate=rate)
        np.minimum(arrays["log_scale"], np.log(self.settings.most_scale), out=arrays["log_scale"])
        return loss.value

    def _judge(self, loss: float) -> Epoch:
        now = exported(self.optimizer.arrays, self.frame, np.zeros_like(self.frame.origin))
        pictures, captions = self.vectors(now)
        # in single precision, as a checkpoint keeps it: what is resumed must compare alike
        recall = float(np.float32(mean_recall(recalls(self.examples, pictures, captions, most=MOST))))
        better = recall > self.best_recall
        if better:
            self.best = {name: array.copy() for name, array in self.optimizer.arrays.items()}
            self.best_recall, self.best_epoch = recall, self.epoch
        return Epoch(self.epoch, self.settings.epochs, loss, recall, better)

    def vectors(self, arrays: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
        """All pictures ``(n, d)`` and all captions ``(m, d)``, by arrays as they are kept."""
        features = np.asarray(self.examples.features[:, 0], np.float32)
        pictures = picture_vectors(arrays, features, np.asarray(self.examples.names[:, 0], np.float32))
        captions = self.examples.captions
        return pictures, adapted_texts(arrays, captions) if has_adapter(arrays) else captions

    def plain(self) -> dict[str, FloatArray]:
        """The best epoch's arrays, with no shift."""
        return exported(self.best, self.frame, np.zeros_like(self.frame.origin))

    def result(self) -> dict[str, FloatArray]:
        """The best epoch's arrays, as `firth.encoders.heads` takes them.

        The modality gap is narrowed by a shift of the mean of pictures towards the mean of captions, both of what was
        learned from: the whole way, half of it or not at all, as far as it costs no held-out recall. (Vectors are of
        unit length again afterwards, and that bends the order of pictures a little.)
        """
        arrays = self.plain()
        pictures, captions = self.vectors(arrays)
        whole = _shift(pictures[self.examples.trained], captions[self.examples.of_trained()].mean(0))
        for share in SHIFTS:
            arrays["shift"] = np.float32(share) * whole
            shifted = normalize(pictures + arrays["shift"])
            if (
                mean_recall(recalls(self.examples, shifted, captions, most=MOST))
                >= self.best_recall - TOLERANCE
            ):
                break
        return arrays

    def state(self) -> dict[str, FloatArray]:
        """All that `restore` needs."""
        numbers = np.array([self.epoch, self.best_epoch, self.best_recall], np.float32)
        best = {f"best/{name}": array for name, array in self.best.items()}
        return {**self.optimizer.state(), **best, "numbers/": numbers}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state` of the same examples and settings."""
        self.optimizer.restore(state)
        self.best = {name: np.array(state[f"best/{name}"]) for name in self.optimizer.arrays}
        epoch, best_epoch, recall = state["numbers/"]
        self.epoch, self.best_epoch, self.best_recall = int(epoch), int(best_epoch), float(recall)


def fit(
    examples: Examples,
    settings: Settings,
    *,
    before: Mapping[str, FloatArray] | None = None,
    listener: Listener | None = None,
) -> dict[str, FloatArray]:
    """Train a head in memory, from features and caption vectors that are there already.

    Args:
        examples: What is learned from.
        settings: How; mode ``"full"`` is not for here.
        before: A head of the same text encoder to go on from, as `fit` gave it.
        listener: Is told of each epoch.

    Returns:
        The arrays for `firth.encoders.joint_folder.Tower`.
    """
    fitting = Fitting.begin(examples, settings, before=before)
    while not fitting.over:
        epoch = fitting.step_epoch()
        if listener:
            listener(epoch)
    return fitting.result()


def _first_arrays(wide: int, d: int, settings: Settings, rng: np.random.Generator) -> dict[str, FloatArray]:
    """What is not of the ridge: each begins so that it changes nothing."""
    arrays = {"log_scale": np.array([np.log(settings.scale)], np.float32)}
    if settings.hidden:
        arrays["hidden.w"] = rng.normal(0, wide**-0.5, (wide, settings.hidden)).astype(np.float32)
        arrays["hidden.b"] = np.zeros(settings.hidden, np.float32)
        arrays["hidden.out"] = np.zeros((settings.hidden, d), np.float32)
    if settings.mode == "adapter":
        arrays["text.w"] = np.zeros((d, d), np.float32)
        arrays["text.b"] = np.zeros(d, np.float32)
    return arrays


def _first_bias(examples: Examples, settings: Settings) -> float:
    """The sigmoid's bias that makes the mean pair as likely as a pair that belongs together is in a batch."""
    own = examples.captions[examples.of_trained()]
    mean_cosine = float(own.mean(0) @ own.mean(0))
    return -settings.scale * mean_cosine - float(np.log(max(settings.batch - 1, 1)))


def _schedule(done: float) -> float:
    """The share of the learning rate, up over the first twentieth, then down half a cosine."""
    return float(min(1.0, (done + 0.005) * 20) * (1 + np.cos(np.pi * done)) / 2)


def _shift(pictures: FloatArray, goal: FloatArray) -> FloatArray:
    """What brings the mean of ``normalize(pictures + shift)`` to the goal; normalizing bends it, so in a few steps."""
    shift = np.zeros_like(goal)
    for _ in range(10):
        shift += goal - normalize(pictures + shift).mean(0)
    return shift
