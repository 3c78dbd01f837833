"""Faithfulness by its definition, by plain loops over all items."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from firth.errors import InputError
from firth.maps import faithfulness
from firth.similarity import Metric

RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(80, 6)).astype(np.float32)


def ranks(points):
    """The rank of every item by its distance from every other, 1 the nearest, 0 itself."""
    return cdist(points, points).argsort(1).argsort(1)


def by_definition(vectors, positions, k):
    n, true, shown = len(vectors), ranks(vectors), ranks(positions)
    recall = trust = lost = 0.0
    for i in range(n):
        near = {j for j in range(n) if 0 < true[i, j] <= k}
        seen = {j for j in range(n) if 0 < shown[i, j] <= k}
        recall += len(near & seen) / (n * k)
        trust += sum(true[i, j] - k for j in seen - near)
        lost += sum(shown[i, j] - k for j in near - seen)
    scale = 2 / (n * k * (2 * n - 3 * k - 1))
    return recall, 1 - scale * trust, 1 - scale * lost


@pytest.mark.parametrize("k", [1, 5, 15])
def test_it_is_what_venna_and_kaski_define(k):
    positions = VECTORS[:, :2] + 0.1 * RNG.normal(size=(80, 2))
    found = faithfulness(VECTORS, positions, k=k, metric=Metric.EUCLIDEAN)
    expected = by_definition(VECTORS, positions, k)
    assert (found.recall, found.trustworthiness, found.continuity) == pytest.approx(expected, abs=1e-6)
    assert (found.k, found.sample) == (k, 80)


def test_a_map_that_is_the_space_keeps_everything():
    found = faithfulness(VECTORS[:, :3], 5 * VECTORS[:, :3] + 1, metric=Metric.EUCLIDEAN)
    assert (found.recall, found.trustworthiness, found.continuity) == pytest.approx((1, 1, 1))


def test_a_map_by_chance_keeps_what_chance_does():
    found = faithfulness(RNG.normal(size=(2000, 20)), RNG.normal(size=(2000, 2)), k=20)
    assert found.recall == pytest.approx(20 / 2000, abs=0.005)
    assert found.trustworthiness == pytest.approx(0.5, abs=0.05)


def test_a_sample_tells_nearly_the_same():
    vectors = RNG.normal(size=(3000, 8))
    whole, some = (faithfulness(vectors, vectors[:, :2], sample=sample) for sample in (3000, 800))
    assert some.sample == 800
    assert some.recall == pytest.approx(whole.recall, abs=0.02)
    assert some.continuity == pytest.approx(whole.continuity, abs=0.02)


@pytest.mark.parametrize(("n", "k"), [(8, 3), (9, 4), (40, 15)])
def test_few_items_have_fewer_neighbours(n, k):
    assert faithfulness(VECTORS[:n], VECTORS[:n, :2]).k == k


@pytest.mark.parametrize(("n", "m"), [(7, 7), (20, 19)])
def test_what_cannot_be_measured(n, m):
    with pytest.raises(InputError, match=f"{n} vectors and {m}"):
        faithfulness(VECTORS[:n], VECTORS[:m, :2])
