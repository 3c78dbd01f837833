"""Procrustes brings back what was turned, mirrored, scaled and moved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes as by_scipy

from firth.errors import DimensionError
from firth.maps import procrustes

RNG = np.random.default_rng(0)
SHAPE = RNG.normal(size=(40, 2))


@given(angle=st.floats(0, 6.3), mirrored=st.booleans(), scale=st.floats(0.1, 20), shift=st.floats(-50, 50))
def test_it_undoes_a_motion(angle, mirrored, scale, shift):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirrored:
        turn = turn * [1, -1]
    moved = scale * SHAPE @ turn + shift
    found = procrustes(moved, SHAPE)
    np.testing.assert_allclose(found.apply(moved), SHAPE, atol=1e-3)
    assert found.scale == pytest.approx(1 / scale, rel=1e-4)
    assert found.residual < 1e-6


@pytest.mark.parametrize("dim", [2, 3])
def test_it_is_the_best_as_scipy_finds_it(dim):
    ours, theirs = RNG.normal(size=(2, 30, dim))
    found = procrustes(ours, theirs)
    assert found.residual == pytest.approx(by_scipy(theirs, ours)[2])
    rotation, _ = orthogonal_procrustes(ours - ours.mean(0), theirs - theirs.mean(0))
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-6)


def test_without_scaling_distances_stay():
    found = procrustes(3 * SHAPE, SHAPE, scaling=False)
    moved = found.apply(3 * SHAPE)
    assert found.scale == 1
    assert np.linalg.norm(moved[0] - moved[1]) == pytest.approx(
        3 * np.linalg.norm(SHAPE[0] - SHAPE[1]), rel=1e-5
    )


def test_one_place_for_all():
    found = procrustes(np.zeros((4, 2)), np.ones((4, 2)))
    assert found.apply(np.zeros((1, 2))).tolist() == [[1, 1]]


@pytest.mark.parametrize(("n", "m"), [(3, 4), (0, 0)])
def test_shapes_must_match(n, m):
    with pytest.raises(DimensionError, match="expected the same"):
        procrustes(np.zeros((n, 2)), np.zeros((m, 2)))
