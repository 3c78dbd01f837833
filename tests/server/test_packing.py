"""The binary form: what was packed is what is read, and whole numbers are as near as they can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.server.packing import FEW, grid_of, packed, smallest

from .page import tensors


@given(st.lists(st.integers(0, 255), max_size=9), st.text(max_size=20))
def test_what_is_packed_is_read(values, text):
    arrays = {
        "bytes": np.array(values, np.uint8),
        "名": np.arange(6, dtype=np.uint32).reshape(2, 3),
        "f": np.array([1.5, np.nan], np.float32),
        "s": np.array([65535], np.uint16),
    }
    found, meta = tensors(packed(arrays, {"text": text}))
    assert meta == {"text": text}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_safetensors_itself_reads_it():
    safetensors = pytest.importorskip("safetensors.numpy")
    found = safetensors.load(packed({"a": np.arange(4, dtype=np.uint16)}, {"a": 1}))
    assert found["a"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_codes_are_within_half_a_step(dim, scale):
    positions = (np.random.default_rng(0).normal(size=(500, dim)) * scale).astype(np.float32)
    grid = grid_of(positions)
    told = grid.told()
    back = np.array(told["lo"]) + grid.codes(positions) * np.array(told["step"])
    assert np.abs(back - positions).max() <= 0.51 * grid.step + 1e-6 * scale
    assert len(set(told["step"])) == 1  # directions keep their angles


def test_one_place_for_all():
    assert grid_of(np.ones((3, 2), np.float32)).codes(np.ones((3, 2), np.float32)).tolist() == [[0, 0]] * 3


def test_only_many_points_become_whole_numbers():
    few, many = np.zeros((FEW, 2), np.float32), np.zeros((FEW + 1, 2), np.float32)
    assert grid_of(few).sent(few).dtype == np.float32
    assert grid_of(many).sent(many).dtype == np.uint16


@pytest.mark.parametrize(("most", "dtype"), [(0, "u1"), (255, "u1"), (256, "u2"), (70_000, "u4")])
def test_smallest(most, dtype):
    assert smallest([0, most]).dtype == np.dtype(dtype)
