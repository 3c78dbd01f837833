"""What an unfinished training keeps in its folder, so that the same command goes on from there."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from firth.encoders.joint_folder import write_arrays

__all__ = ["Checkpoint", "digest"]


class Checkpoint:
    """Arrays by name, in a folder of their own; a file that was cut short counts as none.

    Args:
        folder: Where; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        """Whether a training was begun here and not finished."""
        return self.folder.is_dir()

    def read(self, name: str) -> dict[str, Any] | None:
        """The arrays, of the types they were written in; None if they are not there."""
        from safetensors.numpy import load

        path = self.folder / f"{name}.safetensors"
        if not path.exists():
            return None
        return dict(load(path.read_bytes()))

    def write(self, name: str, arrays: Mapping[str, Any]) -> None:
        """Keep arrays; they replace those of the same name, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_arrays(self.folder / f"{name}.safetensors", arrays)

    def remove(self) -> None:
        """Forget it all: the training is done."""
        shutil.rmtree(self.folder, ignore_errors=True)


def digest(*parts: object) -> str:
    """What tells one run's files from another's: 16 hex digits."""
    return sha256(repr(parts).encode()).hexdigest()[:16]
