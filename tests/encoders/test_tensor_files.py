"""Files of tensors: those that safetensors, numpy and onnx write come back, and damaged ones are refused."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest

from firth.encoders.tensor_files import read_onnx, read_safetensors
from firth.errors import UnreadableError

ARRAYS = {
    "甲.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "half": np.array([1.5, -2], np.float16),
    "ids": np.array([[7, 8]], np.int64),
    "none": np.empty((0, 4), np.float32),
    "scalar": np.array(3, np.float64),
}


def write_safetensors(path, arrays, dtypes=None):
    header, data = {"__metadata__": {"format": "np"}}, b""
    for name, array in arrays.items():
        kind = (dtypes or {}).get(name) or {"f": "F", "i": "I", "u": "U"}[array.dtype.kind] + str(
            array.itemsize * 8
        )
        ends = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": ends}
        data += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


class TestSafetensors:
    @pytest.fixture
    def path(self, tmp_path):
        write_safetensors(tmp_path / "model.safetensors", ARRAYS)
        return tmp_path / "model.safetensors"

    def test_what_was_written(self, path):
        found = read_safetensors(path)
        assert set(found) == set(ARRAYS)
        for name, array in ARRAYS.items():
            assert found[name].dtype == array.dtype
            assert np.array_equal(found[name], array)
            assert found[name].shape == array.shape

    def test_what_the_library_wrote(self, tmp_path):
        library = pytest.importorskip("safetensors.numpy")
        library.save_file(ARRAYS, tmp_path / "x")
        found = read_safetensors(tmp_path / "x")
        assert all(np.array_equal(found[name], array) for name, array in ARRAYS.items())

    def test_bfloat16_is_the_upper_half_of_float32(self, tmp_path):
        numbers = np.array([1, -2.5, 3.140625, 0], np.float32)
        write_safetensors(tmp_path / "x", {"a": (numbers.view("<u4") >> 16).astype("<u2")}, {"a": "BF16"})
        assert np.array_equal(read_safetensors(tmp_path / "x")["a"], numbers)

    @pytest.mark.parametrize("size", [0, 7, 20, 200, -1])
    def test_cut_short(self, path, size):
        path.write_bytes(path.read_bytes()[:size])
        with pytest.raises(UnreadableError, match="expected a whole"):
            read_safetensors(path)

    @pytest.mark.parametrize(
        "entry",
        [
            {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]},
            {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
            {"dtype": "F32", "shape": [1]},
            [],
        ],
    )
    def test_entries_that_do_not_fit(self, tmp_path, entry):
        text = json.dumps({"a": entry}).encode()
        (tmp_path / "x").write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
        with pytest.raises(UnreadableError, match="expected a whole"):
            read_safetensors(tmp_path / "x")


class TestOnnx:
    @pytest.fixture
    def model(self):
        onnx = pytest.importorskip("onnx", reason="it writes what is read here")
        helper, tensors = onnx.helper, onnx.numpy_helper.from_array
        nodes = [
            helper.make_node("MatMul", ["x", "onnx::MatMul_7"], ["product"]),
            helper.make_node("Add", ["m.dense.bias", "product"], ["sum"]),
            helper.make_node("Add", ["sum", "small"], ["y"]),
        ]
        self.matrix = np.random.default_rng(0).standard_normal((30, 50)).astype(np.float32)
        self.bias = np.arange(50, dtype=np.float32)
        weights = {
            "onnx::MatMul_7": self.matrix,
            "m.dense.bias": self.bias,
            "small": np.float32([1]),
            **ARRAYS,
        }
        value = helper.make_tensor_value_info
        ends = [[value(name, onnx.TensorProto.FLOAT, None)] for name in "xy"]
        graph = helper.make_graph(
            nodes, "甲", *ends, [tensors(array, name) for name, array in weights.items()]
        )
        graph.initializer.append(helper.make_tensor("listed", onnx.TensorProto.FLOAT, [2, 1], [1.0, 2.0]))
        return helper.make_model(graph)

    def check(self, path):
        found = read_onnx(path)
        assert np.array_equal(found["m.dense.weight"], self.matrix.T)
        assert np.array_equal(found["m.dense.bias"], self.bias)
        assert np.array_equal(found["甲.weight"], ARRAYS["甲.weight"])
        assert found["ids"].tolist() == [[7, 8]]
        assert found["listed"].tolist() == [[1], [2]]

    def test_what_was_written(self, model, tmp_path):
        (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
        self.check(tmp_path / "model.onnx")

    def test_weights_in_another_file(self, model, tmp_path):
        import onnx

        where = {"save_as_external_data": True, "location": "model.onnx.data", "size_threshold": 100}
        onnx.save_model(model, tmp_path / "model.onnx", **where)
        assert (tmp_path / "model.onnx.data").stat().st_size >= self.matrix.nbytes
        self.check(tmp_path / "model.onnx")
        (tmp_path / "model.onnx.data").unlink()
        with pytest.raises(UnreadableError, match="expected a whole"):
            read_onnx(tmp_path / "model.onnx")

    @pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "a/b"])
    def test_and_only_in_its_own_folder(self, model, tmp_path, location):
        import onnx

        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
        (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
        with pytest.raises(UnreadableError, match="not in its folder"):
            read_onnx(tmp_path / "model.onnx")

    def test_damaged(self, model, tmp_path):
        whole = model.SerializeToString()
        rng = np.random.default_rng(0)
        for size in [1, 5, len(whole) // 2, len(whole) - 1]:
            (tmp_path / "x").write_bytes(whole[:size])
            with pytest.raises(UnreadableError, match="expected a whole"):
                read_onnx(tmp_path / "x")
        for _ in range(50):  # any byte may be another one: an error of firth's own, or other numbers
            broken = bytearray(whole)
            broken[rng.integers(len(broken))] = rng.integers(256)
            (tmp_path / "x").write_bytes(broken)
            with suppress(UnreadableError):
                read_onnx(tmp_path / "x")

    def test_empty(self, tmp_path):
        (tmp_path / "x").write_bytes(b"")
        with pytest.raises(UnreadableError, match="expected a whole"):
            read_onnx(tmp_path / "x")
