"""The formulas of the paper, by plain loops and by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from firth.maps import nearest_neighbours
from firth.maps.curve import A, B, attraction, repulsion
from firth.maps.fuzzy import fuzzy_graph, memberships

from .clusters import heaps


@pytest.fixture(scope="module")
def graph():
    return nearest_neighbours(heaps()[0], 12)


def test_every_neighbourhood_weighs_log_2_of_k(graph):
    weights = memberships(graph.distances)
    np.testing.assert_allclose(weights.sum(1), np.log2(12), atol=1e-3)
    assert (weights[:, 0] == 1).all()
    assert (np.diff(weights, axis=1) <= 0).all()


def test_duplicates_belong_together_wholly():
    weights = memberships(np.array([[0, 0, 0.5, 0.6], [0, 0, 0, 0]], np.float32))
    assert weights[0, :3].tolist() == [1, 1, 1]
    assert weights[1].tolist() == [1, 1, 1, 1]


def test_the_union_is_a_plus_b_minus_ab(graph):
    n = len(graph.indices)
    rows = np.repeat(np.arange(n), graph.k)
    one_way = sparse.csr_matrix((memberships(graph.distances).ravel(), (rows, graph.indices.ravel())), (n, n))
    union = (one_way + one_way.T - one_way.multiply(one_way.T)).toarray()
    edges = fuzzy_graph(graph)
    ours = np.zeros((n, n))
    ours[edges.heads, edges.tails] = edges.weights
    np.testing.assert_allclose(ours + ours.T, union, atol=1e-6)
    assert (edges.heads < edges.tails).all()


def test_forces_are_the_gradients_of_the_cross_entropy():
    def together(s):
        return 1 / (1 + float(A) * s ** float(B))

    squares, step = np.array([0.01, 0.3, 2.0, 30.0]), 1e-5
    up, down = squares * (1 + step), squares * (1 - step)
    # of a function of s = |x|^2 the gradient along x is 2 x times the derivative by s
    pull = 2 * (np.log(together(up)) - np.log(together(down))) / (up - down)
    push = 2 * (np.log(1 - together(up)) - np.log(1 - together(down))) / (up - down)
    np.testing.assert_allclose(attraction(squares.astype(np.float32)), pull, rtol=1e-3)
    np.testing.assert_allclose(
        repulsion(squares.astype(np.float32)), push * squares / (squares + 1e-3), rtol=1e-3
    )


def test_two_items_at_one_place_are_left_finite():
    zero = np.zeros(1, np.float32)
    assert np.isfinite(attraction(zero) * 0)
    assert np.isfinite(repulsion(zero))
