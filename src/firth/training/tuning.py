"""Mode ``full``: the picture network's last blocks learn too, by torch, from where the head's training ended.

Texts stay as they are. The loss, its masks and its batches are those of the head; what torch adds is the way back
through the network. What comes out are weights for the ONNX graph: torch is not needed to encode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from firth.data import Limits
from firth.encoders.class_names import TEMPERATURE, TOP, ClassNames
from firth.encoders.lite0 import CLASSES, prepared
from firth.errors import InputError, require
from firth.training.batches import Batch, batches
from firth.training.examples import Examples, Indices
from firth.training.features import decoded
from firth.training.fitting import MOST, Epoch, Fitting
from firth.training.losses import LOSSES
from firth.training.network import TorchLite0
from firth.training.recall import mean_recall, recalls
from firth.training.views import view
from firth.types import FloatArray, PictureSource

__all__ = ["Pictures", "Tuning"]

BATCH = 64
"""Pictures a step: what a laptop's memory holds on the way back."""
HEAD = ("w", "b", "names", "hidden.w", "hidden.b", "hidden.out")


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where the pixels come from: decoded anew for every batch, for no memory holds them all.

    Attributes:
        images: The pictures.
        limits: How large one may be.
    """

    images: Sequence[PictureSource]
    limits: Limits

    def pixels(self, places: Indices, rng: np.random.Generator | None) -> FloatArray:
        """As the network takes them, ``(b, 3, 224, 224)``: a random view of each, or with no `rng` themselves."""
        found = []
        for picture in decoded([self.images[place] for place in places], self.limits):
            if not isinstance(picture, np.ndarray):
                raise InputError(f"a picture that was there before cannot be read: {picture}")
            found.append(prepared(view(picture, rng) if rng else picture))
        return np.stack(found)


class Tuning:
    """A training of the network that can stop after any epoch and go on later.

    Args:
        fitting: The head's training, at its end.
        pictures: The pixels.
        names: The mixture of class names, and the network to begin with.
    """

    def __init__(self, fitting: Fitting, pictures: Pictures, names: ClassNames) -> None:
        self.torch: Any = require("torch", extra="train", purpose="to tune the picture network")
        self.device = "cuda" if self.torch.cuda.is_available() else "cpu"
        self.settings = replace(fitting.settings, batch=min(BATCH, fitting.settings.batch))
        self.fitting, self.pictures = fitting, pictures
        self.network = TorchLite0(names.pictures.weights(), learning=self.settings.blocks, device=self.device)
        # a picture that is surely of one class has that class's own vector
        sure = np.eye(CLASSES, dtype=np.float32) * 1000
        self.class_vectors = self._tensor(names.from_logits(sure))
        self.head = {name: self._tensor(array) for name, array in fitting.best.items() if name in HEAD}
        for tensor in self.head.values():
            tensor.requires_grad_(True)
        self.optimizer = self._optimizer()
        self.epoch = self.best_epoch = 0
        self.best_recall = fitting.best_recall
        self.best = self._arrays()

    def _tensor(self, array: FloatArray) -> Any:
        return self.torch.tensor(np.ascontiguousarray(array, np.float32), device=self.device)

    def _optimizer(self) -> Any:
        network = [self.network.weights[name] for name in self.network.learning]
        rates = (self.settings.network_rate, self.settings.rate / 10)  # the head has arrived; it only follows
        groups = [
            {"params": parameters, "lr": rate, "initial_lr": rate}
            for parameters, rate in zip((network, list(self.head.values())), rates, strict=True)
        ]
        return self.torch.optim.AdamW(groups, weight_decay=0.0)

    @property
    def over(self) -> bool:
        """Whether the last epoch is done, or none was better for a while."""
        idle = self.epoch - self.best_epoch
        return self.epoch >= self.settings.network_epochs or idle >= self.settings.patience

    def step_epoch(self) -> Epoch:
        """One pass over the pictures."""
        self.epoch += 1
        number = self.settings.epochs + self.epoch  # other chance than in the head's epochs
        rng = np.random.default_rng([self.settings.seed, number, 1])
        drawn = list(batches(self.fitting.examples, self.settings, number))
        losses = []
        for place, batch in enumerate(drawn):
            self._pace(self.epoch - 1 + (place + 1) / len(drawn))
            losses.append(self._step(batch, rng))
        tuned = self._judged(self.examples())
        better = tuned > self.best_recall
        if better:
            self.best, self.best_recall, self.best_epoch = self._arrays(), tuned, self.epoch
        return Epoch(self.epoch, self.settings.network_epochs, float(np.mean(losses)), tuned, better)

    def _pace(self, epochs: float) -> None:
        """Set the learning rates: up over the first epoch, as Adam's first steps are blind, then down a cosine."""
        share = (
            min(1.0, epochs) * (1 + np.cos(np.pi * min(1.0, epochs / (self.settings.network_epochs + 1)))) / 2
        )
        for group in self.optimizer.param_groups:
            group["lr"] = share * group["initial_lr"]

    def _step(self, batch: Batch, rng: np.random.Generator) -> float:
        vectors = self._vectors(self.pictures.pixels(batch.pictures, rng), self._tensor(batch.kept))
        arrays = self.fitting.best
        loss = LOSSES[self.settings.loss](
            vectors.detach().cpu().numpy() @ batch.captions.T,
            batch.positive,
            batch.ignored,
            log_scale=float(arrays["log_scale"][0]),
            bias=float(arrays.get("bias", [0.0])[0]),
        )
        self.optimizer.zero_grad()
        vectors.backward(self._tensor(loss.scores @ batch.captions))
        self.optimizer.step()
        return loss.value

    def _vectors(self, pixels: FloatArray, kept: Any) -> Any:
        """What `head_forward` does, on what the network sees, so that torch knows the way back."""
        frame, head, torch = self.fitting.frame, self.head, self.torch
        features, logits = self.network(pixels)
        z = (features - self._tensor(frame.center)) / self._tensor(frame.scale) * kept
        moved = z @ head["w"] + head["b"]
        if "hidden.w" in head:
            moved = moved + torch.relu(z @ head["hidden.w"] + head["hidden.b"]) @ head["hidden.out"]
        best, top = logits.topk(TOP, dim=1)
        weights = torch.softmax(best / TEMPERATURE, 1)
        unit = torch.nn.functional.normalize
        names = unit((weights[..., None] * self.class_vectors[top]).sum(1), dim=1)
        return unit(self._tensor(frame.origin) + frame.spread * moved + head["names"] * names, dim=1)

    def examples(self) -> Examples:
        """The examples as the network sees them now, in one view."""
        count = len(self.pictures.images)
        features, names = [], []
        for start in range(0, count, BATCH):
            seen, mixed = self._seen(np.arange(start, min(start + BATCH, count)))
            features.append(seen)
            names.append(mixed)
        return replace(
            self.fitting.examples,
            features=np.concatenate(features)[:, None],
            names=np.concatenate(names)[:, None],
        )

    def _seen(self, places: Indices) -> tuple[FloatArray, FloatArray]:
        """Features and mixtures of class names of some pictures."""
        with self.torch.no_grad():
            features, logits = self.network(self.pictures.pixels(places, None))
            best, top = logits.topk(TOP, dim=1)
            mixed = (self.torch.softmax(best / TEMPERATURE, 1)[..., None] * self.class_vectors[top]).sum(1)
            names = self.torch.nn.functional.normalize(mixed, dim=1)
        return features.cpu().numpy(), names.cpu().numpy()

    def _judged(self, examples: Examples) -> float:
        fitting = self._refitted(examples, self._arrays())
        pictures, captions = fitting.vectors(fitting.plain())
        return float(np.float32(mean_recall(recalls(examples, pictures, captions, most=MOST))))

    def _refitted(self, examples: Examples, arrays: Mapping[str, FloatArray]) -> Fitting:
        """The head's training as if it had ended with what was tuned."""
        best = {**self.fitting.best, **{name: arrays[f"head/{name}"] for name in self.head}}
        return replace(self.fitting, examples=examples, best=best, best_recall=self.best_recall)

    def _arrays(self) -> dict[str, FloatArray]:
        network = {f"network/{name}": array.copy() for name, array in self.network.arrays().items()}
        head = {f"head/{name}": tensor.detach().cpu().numpy().copy() for name, tensor in self.head.items()}
        return network | head

    def _load(self, arrays: Mapping[str, Any]) -> None:
        with self.torch.no_grad():
            for prefix, group in (("network/", self.network.weights), ("head/", self.head)):
                for name, tensor in group.items():
                    tensor.copy_(self._tensor(arrays[prefix + name]))

    def finish(self) -> tuple[Fitting, dict[str, FloatArray]]:
        """The best epoch: the head's training with what was tuned in its place, and the network's weights."""
        self._load(self.best)
        if not self.best_epoch:  # nothing was better than lite0 as it is
            return self.fitting, {}
        return self._refitted(self.examples(), self.best), self.network.arrays()

    def state(self) -> dict[str, Any]:
        """All that `restore` needs."""
        found: dict[str, Any] = {f"now/{name}": array for name, array in self._arrays().items()}
        found |= {f"best/{name}": array for name, array in self.best.items()}
        for place, moments in self.optimizer.state_dict()["state"].items():
            found |= {f"adam/{place}/{key}": value.cpu().numpy() for key, value in moments.items()}
        found["numbers/"] = np.array([self.epoch, self.best_epoch, self.best_recall], np.float32)
        return found

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state` of the same examples and settings."""
        self._load(
            {name.removeprefix("now/"): array for name, array in state.items() if name.startswith("now/")}
        )
        self.best = {
            name.removeprefix("best/"): array for name, array in state.items() if name.startswith("best/")
        }
        moments: dict[int, dict[str, Any]] = {}
        for name, array in state.items():
            if name.startswith("adam/"):
                _, place, key = name.split("/")
                moments.setdefault(int(place), {})[key] = self.torch.tensor(array)
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.epoch, self.best_epoch = int(state["numbers/"][0]), int(state["numbers/"][1])
        self.best_recall = float(state["numbers/"][2])
