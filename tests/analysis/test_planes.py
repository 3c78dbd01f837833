"""A plane between groups: found where there is one, and not believed where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from firth.analysis.planes import METHODS, plane_between, seen_on_map
from firth.errors import DimensionError, InputError
from firth.maps.pca import principal_components
from firth.similarity import normalize


def groups(a, b, d=64, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(a + b, d)).astype(np.float32)
    vectors[:a, 0] += shift
    return vectors[:a], vectors[a:]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("a", "b"), [(30, 30), (20, 120), (200, 60)])
def test_a_difference_is_found(method, a, b):
    plane = plane_between(*groups(a, b, shift=8), method=method)
    assert plane.verdict == "separable"
    assert plane.accuracy > 0.9
    assert abs(plane.control.mean - 0.5) < 0.1
    assert plane.normal[0] > 0.7
    assert np.linalg.norm(plane.normal) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(5))
def test_chance_is_not_believed_though_it_parts_all_that_drew_it(method, seed):
    plane = plane_between(*groups(25, 25, d=300, seed=seed), method=method)
    assert plane.train_accuracy == 1
    assert plane.verdict == "no better than chance"
    assert plane.accuracy < 0.8


def test_too_few_to_tell():
    assert plane_between(*groups(3, 3, shift=50)).verdict == "too few"


def test_distances_are_those_of_the_plane():
    first, second = groups(40, 40, shift=8)
    plane = plane_between(first, second)
    expected = normalize(first).astype(np.float64) @ plane.normal.astype(np.float64) + plane.offset
    np.testing.assert_allclose(plane.distances(first), expected, atol=1e-5)
    assert (plane.distances(first) > 0).mean() > 0.9
    assert (plane.distances(second) < 0).mean() > 0.9
    np.testing.assert_allclose(plane.distances(first * 7), plane.distances(first), atol=1e-5)


def test_swapped_groups_swap_the_sides():
    first, second = groups(40, 30, shift=8)
    one, other = plane_between(first, second), plane_between(second, first)
    np.testing.assert_allclose(one.normal, -other.normal, atol=1e-5)
    assert one.offset == pytest.approx(-other.offset, abs=1e-5)


def test_odd_ones_fall_on_the_other_side():
    first, second = groups(40, 40, shift=12)
    first[7] = second.mean(0) * 3
    plane = plane_between(first, second)
    assert plane.held_out[np.flatnonzero(plane.rows == 7)[0]] < 0


def test_same_seed_same_plane():
    one, other = plane_between(*groups(30, 30), seed=3), plane_between(*groups(30, 30), seed=3)
    assert (one.accuracy, one.control) == (other.accuracy, other.control)


@pytest.mark.parametrize("d", [16, 400])
def test_ridge_is_the_solution_of_its_equations(d):
    first, second = groups(50, 50, d=d, shift=2)
    x, y = normalize(np.concatenate([first, second])).astype(np.float64), np.repeat([1.0, -1.0], 50)
    centred = x - x.mean(0)
    penalty = (centred**2).sum() / 100 * np.eye(d)
    expected = np.linalg.solve(centred.T @ centred + penalty, centred.T @ y)
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(plane_between(first, second).normal, expected, atol=1e-4)


def test_the_cut_through_a_map_of_principal_components():
    first, second = groups(60, 60, shift=12)
    vectors = np.concatenate([first, second])
    plane = plane_between(first, second)
    positions = principal_components(normalize(vectors), 2)
    line = seen_on_map(plane, positions, (range(60), range(60, 120)), vectors=vectors)
    assert line.exact
    assert line.accuracy > 0.9
    assert np.linalg.norm(line.normal) == pytest.approx(1)


@pytest.mark.parametrize("dim", [2, 3])
def test_the_best_line_on_any_map(dim):
    positions = np.random.default_rng(0).normal(size=(80, dim)) * 100
    positions[:40, 1] += 1000
    line = seen_on_map(plane_between(*groups(40, 40)), positions, (range(40), range(40, 80)))
    assert (line.accuracy, line.exact, len(line.normal)) == (1, False, dim)
    assert abs(line.normal[1]) > 0.9


def test_what_cannot_be_parted():
    first, second = groups(5, 5)
    with pytest.raises(InputError, match="at least 2"):
        plane_between(first[:1], second)
    with pytest.raises(InputError, match="ridge"):
        plane_between(first, second, method="magic")
    with pytest.raises(DimensionError, match="expected"):
        plane_between(first, second[:, :3])
