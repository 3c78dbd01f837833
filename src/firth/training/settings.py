"""How a head is trained: everything that can be chosen, with defaults that hold for hundreds to many thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from firth.errors import InputError

__all__ = ["MODES", "Mode", "Settings"]

Mode: TypeAlias = Literal["head", "adapter", "full"]
MODES: tuple[Mode, ...] = ("head", "adapter", "full")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Attributes:
        mode: ``"head"`` learns a head for pictures and leaves texts as they are; ``"adapter"`` moves texts too;
            ``"full"`` goes on from the head with the picture network's last blocks, by torch.
        loss: ``"infonce"`` or ``"sigmoid"``.
        held_out: The share of pictures that is kept aside, by whole concepts.
        seed: Where chance comes from.
        epochs: The most passes over the pictures.
        patience: After so many epochs without a better held-out recall it stops.
        batch: Pictures a step.
        captions: Captions of each picture a step, by chance.
        rate: The learning rate; half of the way down a cosine, after a short rise.
        decay: Weight decay, towards the start.
        drop: The share of features that is zeroed a step.
        hidden: The width of the head's hidden layer; 0 for a linear head.
        scale: What cosines are multiplied by at first; learned from there, up to `most_scale`.
        most_scale: Its bound.
        views: Other views of each picture, made once.
        blocks: Of mode ``"full"``: how many of the network's 16 blocks learn, counted from the end.
        network_rate: Of mode ``"full"``: the network's learning rate.
        network_epochs: Of mode ``"full"``: the most passes over the pictures.
    """

    mode: Mode = "head"
    loss: str = "infonce"
    held_out: float = 0.1
    seed: int = 0
    epochs: int = 40
    patience: int = 10
    batch: int = 256
    captions: int = 2
    rate: float = 2e-4
    decay: float = 0.1
    drop: float = 0.5
    hidden: int = 256
    scale: float = 100.0
    most_scale: float = 200.0
    views: int = 4
    blocks: int = 4
    network_rate: float = 2e-5
    network_epochs: int = 10

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name, known in (("mode", MODES), ("loss", ("infonce", "sigmoid"))):
            if getattr(self, name) not in known:
                raise InputError(f"got {name}={getattr(self, name)!r}; expected one of {', '.join(known)}")
        for name, least in (
            ("epochs", 0),
            ("batch", 2),
            ("captions", 1),
            ("hidden", 0),
            ("views", 0),
            ("blocks", 1),
        ):
            if getattr(self, name) < least:
                raise InputError(f"got {name}={getattr(self, name)}; expected at least {least}")
        if not 0 <= self.drop < 1 or self.rate <= 0:
            raise InputError(f"got drop={self.drop}, rate={self.rate}; expected 0 <= drop < 1 and rate > 0")
