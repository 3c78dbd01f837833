"""The folder of a joint model: ``model.json`` says what it is, ``*.safetensors`` hold its arrays.

One folder may hold heads for several text encoders, each in files of its own::

    model.json                    format version, text encoders with their stamps, data, licences, metrics
    e5-small.safetensors          the head, and the text adapter if there is one
    e5-small.lite0.safetensors    the picture network, if it was tuned
    memory.safetensors            how the pictures of a memory look, the same for all text encoders
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from firth.encoders.base import Stamp
from firth.encoders.memory import Memory
from firth.errors import UnknownNameError, UnreadableError
from firth.types import FloatArray

__all__ = [
    "FORMAT",
    "NOTES",
    "Tower",
    "is_joint_folder",
    "read_arrays",
    "read_notes",
    "write_arrays",
    "write_tower",
]

FORMAT = 1
"""The version of the folder's layout; a folder of a newer one is refused."""
NOTES = "model.json"
MEMORY = "memory.safetensors"
MEANINGS = ("codes", "axes")
"""What of a memory is the text encoder's; the rest is how pictures look."""


@dataclass(frozen=True, slots=True)
class Tower:
    """What was learned beside one text encoder.

    Attributes:
        text: The text encoder's stamp: the head is of use in its space alone.
        picture: The fingerprint of the picture network that it starts from, lite0's.
        arrays: The head's and the adapter's, by name; see `firth.encoders.heads`.
        network: The weights of a tuned picture network, by name; empty where it is lite0 as it is.
        notes: What else `model.json` says of it: mode, settings, metrics, data, licences.
        memory: Captioned pictures to compare with, if there is one.
    """

    text: Stamp
    picture: str
    arrays: Mapping[str, FloatArray]
    network: Mapping[str, FloatArray] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    memory: Memory | None = None


def is_joint_folder(folder: Path) -> bool:
    """Whether a model lies there."""
    return (folder / NOTES).is_file()


def read_notes(folder: Path) -> dict[str, Any]:
    """What `model.json` says.

    Raises:
        UnreadableError: It is damaged, of another kind, or of a newer format.
    """
    path = folder / NOTES
    try:
        notes = json.loads(path.read_text("utf-8"))
        kind, version = notes["kind"], int(notes["format"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{path}: no model's notes ({error!r}). Next: train it again") from error
    if kind != "joint" or version > FORMAT:
        raise UnreadableError(
            f"{path}: a {kind} of format {version}; this firth reads joint models up to format {FORMAT}. "
            "Next: pip install --upgrade firth"
        )
    return dict(notes)


def read_tower(folder: Path, name: str) -> Tower:
    """The part for one text encoder, with its arrays.

    Raises:
        UnknownNameError: The folder has none for this encoder.
        UnreadableError: A file is missing or damaged.
    """
    towers = read_notes(folder)["towers"]
    if name not in towers:
        raise UnknownNameError(
            f"{folder} has no head for {name!r}; it has: {', '.join(towers)}. Next: train one, --tower {name}"
        )
    notes = towers[name]
    arrays = read_arrays(folder / notes["weights"])
    network = read_arrays(folder / notes["network"]) if notes.get("network") else {}
    memory = None
    if notes.get("memory"):
        meanings = {key: arrays.pop(f"memory.{key}") for key in MEANINGS}
        memory = Memory.from_arrays({**_read(folder / notes["memory"]), **meanings})
    return Tower(Stamp(**notes["text"]), notes["picture"], arrays, network, notes, memory)


def write_tower(folder: Path, tower: Tower) -> None:
    """Put one text encoder's part into the folder, beside those of others; `model.json` comes last."""
    name = tower.text.name
    folder.mkdir(parents=True, exist_ok=True)
    notes: dict[str, Any] = (
        read_notes(folder) if is_joint_folder(folder) else {"format": FORMAT, "kind": "joint", "towers": {}}
    )
    weights, network = f"{name}.safetensors", f"{name}.lite0.safetensors"
    arrays: dict[str, Any] = {key: _small(array) for key, array in tower.arrays.items()}
    if tower.memory:
        kept = tower.memory.arrays
        arrays |= {f"memory.{key}": kept.pop(key) for key in MEANINGS}
        write_arrays(folder / MEMORY, kept)
    write_arrays(folder / weights, arrays)
    if tower.network:
        write_arrays(folder / network, {key: _small(array) for key, array in tower.network.items()})
    own: dict[str, Any] = {"text": asdict(tower.text), "picture": tower.picture, "weights": weights}
    own["network"] = network if tower.network else None
    own["memory"] = MEMORY if tower.memory else None
    notes["towers"][name] = {**own, **tower.notes}
    _replace(folder / NOTES, json.dumps(notes, ensure_ascii=False, indent=1).encode())


def read_arrays(path: Path) -> dict[str, FloatArray]:
    """The arrays of a safetensors file, as float32.

    Raises:
        UnreadableError: It is missing or damaged.
    """
    return {name: np.asarray(array, np.float32) for name, array in _read(path).items()}


def _read(path: Path) -> dict[str, Any]:
    from safetensors.numpy import load

    try:
        return dict(load(path.read_bytes()))
    except Exception as error:  # the library's own error has no public base
        raise UnreadableError(f"{path}: missing or damaged ({error}). Next: train the model again") from error


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write a safetensors file, whole or not at all."""
    from safetensors.numpy import save

    # the library writes an array's memory as it lies: one that is transposed must be laid out anew
    _replace(path, save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def _small(array: FloatArray) -> Any:
    """Matrices in half the bytes; what is added or counted stays exact."""
    if array.dtype == np.int8:
        return array
    return array.astype(np.float16) if array.ndim > 1 else array.astype(np.float32)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
