"""Readers of files of tensors, without the libraries that write them: safetensors, and the weights of ONNX graphs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from firth.errors import UnreadableError

__all__ = ["Tensors", "read_onnx", "read_safetensors"]

Tensors: TypeAlias = Mapping[str, npt.NDArray[Any]]

BFLOAT = "bfloat16"
"""The upper half of a float32: numpy has no name for it."""
SAFETENSORS_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": BFLOAT, "I64": "<i8", "I32": "<i4"}
SAFETENSORS_TYPES |= {"I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?"}
ONNX_TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 10: "<f2", 11: "<f8", 16: BFLOAT}
LARGEST_HEADER = 100_000_000
"""Bytes; what safetensors itself allows."""


def read_safetensors(path: Path) -> Tensors:
    """The tensors of a ``.safetensors`` file by name, mapped into memory: read when they are used.

    Raises:
        UnreadableError: The file is cut short, damaged, or of another format.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > min(LARGEST_HEADER, path.stat().st_size):
                raise ValueError(f"a header of {size} bytes")
            header = json.loads(file.read(size))
        data = np.memmap(path, np.uint8, "r", offset=8 + size)
        return {
            name: _array(
                SAFETENSORS_TYPES[entry["dtype"]], entry["shape"], data[slice(*entry["data_offsets"])]
            )
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(f"{path}: {error!r}; expected a whole .safetensors file") from error


def _array(dtype: str, shape: list[int], data: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    if dtype == BFLOAT:
        return (data.view("<u2").astype("<u4") << 16).view("<f4").reshape(shape)
    return data.view(dtype).reshape(shape)


def read_onnx(path: Path) -> Tensors:
    """The weights of an ``.onnx`` file under the names that PyTorch knew them by.

    An exporter keeps the name of a bias but not that of the matrix beside it, which it turns, too. Such a matrix is
    found by its product's sum with the bias, and turned back.

    Raises:
        UnreadableError: The file, or one beside it that holds its larger weights, is cut short or damaged, or of
            another format.
    """
    try:
        graph = _Graph(path.parent)
        data = memoryview(np.memmap(path, np.uint8, "r"))  # type: ignore[arg-type]
        for number, value in _fields(data):
            if number == 7 and isinstance(value, memoryview):
                graph.read(value)
        return graph.tensors | graph.turned()
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise UnreadableError(f"{path}: {error!r}; expected a whole .onnx file") from error


@dataclass(slots=True)
class _Node:
    """One operation of a graph."""

    kind: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Graph:
    """What is read of a graph: its operations and its weights; large ones may lie in files of the same folder."""

    folder: Path
    nodes: list[_Node] = field(default_factory=list)
    tensors: dict[str, npt.NDArray[Any]] = field(default_factory=dict)

    def read(self, data: memoryview) -> None:
        for number, value in _fields(data):
            if number == 1 and isinstance(value, memoryview):
                self.nodes.append(_read_node(value))
            elif number == 5 and isinstance(value, memoryview):
                name, array = _read_tensor(value, self.folder)
                self.tensors[name] = array

    def turned(self) -> dict[str, npt.NDArray[Any]]:
        """The matrices that lost their names: of ``x @ matrix + name.bias``, as ``name.weight``."""
        products = {node.outputs[0]: node.inputs for node in self.nodes if node.kind == "MatMul"}
        found = {}
        for node in self.nodes:
            if node.kind != "Add":
                continue
            biases = [name for name in node.inputs if name in self.tensors and name.endswith(".bias")]
            matrices = [products[name][1] for name in node.inputs if name in products]
            if biases and matrices and matrices[0] in self.tensors:
                found[biases[0].removesuffix("bias") + "weight"] = self.tensors[matrices[0]].T
        return found


def _read_node(data: memoryview) -> _Node:
    node = _Node()
    for number, value in _fields(data):
        if number in {1, 2, 4} and isinstance(value, memoryview):
            text = str(value, "utf-8")
            if number == 4:
                node.kind = text
            else:
                (node.inputs if number == 1 else node.outputs).append(text)
    return node


def _read_tensor(data: memoryview, folder: Path) -> tuple[str, npt.NDArray[Any]]:
    name, kind, shape, values, outside = "", 0, list[int](), memoryview(b""), dict[str, str]()
    for number, value in _fields(data):
        if isinstance(value, int):
            kind = value if number == 2 else kind
            shape += [value] if number == 1 else []
        elif number == 1:
            shape += _varints(value)
        elif number in {4, 9}:
            values = value
        elif number == 8:
            name = str(value, "utf-8")
        elif number == 13:
            key, text = (str(part, "utf-8") for _, part in _fields(value) if isinstance(part, memoryview))
            outside[key] = text
    array = _outside(folder, outside) if outside else np.frombuffer(values, np.uint8)
    if kind not in ONNX_TYPES or not array.size:  # no weights: a shape, a constant of a few numbers
        return name, np.empty(0, np.float32)
    return name, _array(ONNX_TYPES[kind], shape, array)


def _outside(folder: Path, where: dict[str, str]) -> npt.NDArray[np.uint8]:
    """The bytes of a tensor in another file."""
    name = where["location"]
    if name != Path(name).name:
        raise ValueError(f"weights in {name!r}, which is not in its folder")
    start = int(where.get("offset", 0))
    data = np.memmap(folder / name, np.uint8, "r")
    return data[start : start + int(where.get("length", len(data)))]


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The numbered fields of a protocol buffer's message: whole numbers, or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind not in {1, 2, 5}:
            raise ValueError(f"a field of kind {kind}")
        size, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        if at + size > len(data):
            raise ValueError("cut short")
        yield key >> 3, data[at : at + size]
        at += size


def _varints(data: memoryview) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
