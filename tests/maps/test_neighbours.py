"""The nearest are the nearest: against plain loops, and the approximation against the exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.spatial.distance import cdist

from firth.errors import DimensionError, InputError
from firth.maps import nearest, nearest_neighbours
from firth.maps.nearest import best
from firth.similarity import Metric

from .clusters import heaps


@pytest.mark.parametrize("metric", [Metric.COSINE, Metric.EUCLIDEAN])
@pytest.mark.parametrize("shift", [0, 30])
@pytest.mark.parametrize("memory", [1, 5000, 2**26])
def test_exact_neighbours_are_those_of_scipy(monkeypatch, metric, shift, memory):
    monkeypatch.setattr(nearest, "MEMORY", memory)
    vectors = np.random.default_rng(0).normal(size=(300, 9)).astype(np.float32) + shift
    found = nearest_neighbours(vectors, 7, metric=metric)
    distances = cdist(vectors.astype(np.float64), vectors.astype(np.float64), metric.value)
    np.fill_diagonal(distances, np.inf)
    assert found.recall == 1
    np.testing.assert_allclose(found.distances, np.sort(distances, 1)[:, :7], atol=2e-4)
    assert (found.indices != np.arange(300)[:, None]).all()
    of_found = np.take_along_axis(distances, found.indices.astype(int), 1)
    np.testing.assert_allclose(of_found, found.distances, atol=2e-4)


SCORES = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 4), st.integers(5, 900)), elements=st.floats(-1, 1, width=16)
)


@given(scores=SCORES, k=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_best_are_the_best(scores, k):
    columns, values = best(scores, k)
    assert (values == -np.sort(-scores, axis=1)[:, :k]).all()
    assert (np.take_along_axis(scores, columns.astype(int), 1) == values).all()
    assert all(len(set(row)) == k for row in columns.tolist())


@pytest.mark.parametrize("metric", [Metric.COSINE, Metric.EUCLIDEAN])
def test_cells_find_most_neighbours_and_measure_how_many(metric):
    vectors, _ = heaps(40, 60, spread=0.8)
    exact = nearest_neighbours(vectors, 10, metric=metric)
    found = nearest_neighbours(vectors, 10, metric=metric, exact=False)
    recall = np.mean([np.isin(a, b).mean() for a, b in zip(exact.indices, found.indices, strict=True)])
    assert recall > 0.9
    assert found.recall == pytest.approx(recall, abs=0.05)
    assert (found.indices != np.arange(len(vectors))[:, None]).all()
    assert all(len(set(row)) == 10 for row in found.indices.tolist())
    assert (np.diff(found.distances, axis=1) >= 0).all()


@pytest.mark.parametrize("n", [1, 2, 3, 40])
@pytest.mark.parametrize("exact", [True, False])
def test_with_few_items_there_are_fewer_neighbours(n, exact):
    found = nearest_neighbours(np.eye(n, 50), 15, exact=exact)
    assert found.indices.shape == found.distances.shape == (n, min(15, n - 1))


def test_duplicates_and_vectors_of_zeros():
    found = nearest_neighbours([[1, 0], [1, 0], [0, 0], [0, 1]], 1)
    assert found.indices[:2].ravel().tolist() == [1, 0]
    assert found.distances[:2].tolist() == [[0], [0]]
    assert found.distances[2].tolist() == [1]


@pytest.mark.parametrize(
    ("vectors", "k", "metric", "error", "words"),
    [
        ([[1, 2]], 0, Metric.COSINE, InputError, "k=0"),
        ([[1, 2]], 1, Metric.DOT, InputError, "dot"),
        ([1, 2], 1, Metric.COSINE, DimensionError, r"\(2,\)"),
        ([[1, 2], [np.nan, 1]], 1, Metric.COSINE, DimensionError, "row 1"),
    ],
)
def test_what_cannot_be_used_is_refused(vectors, k, metric, error, words):
    with pytest.raises(error, match=words):
        nearest_neighbours(vectors, k, metric=metric)
