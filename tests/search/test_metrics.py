"""Every metric through a collection, against scipy."""

from __future__ import annotations

import numpy as np
import pytest

import firth

SEED = 3


@pytest.fixture(scope="module", params=["memory", "folder"])
def points(request, tmp_path_factory):
    vectors = np.random.default_rng(SEED).normal(size=(300, 24)).astype(np.float32)
    where = ":memory:" if request.param == "memory" else str(tmp_path_factory.mktemp("points") / "c")
    collection = firth.open(where, model="use")
    collection.add(vectors)
    return collection, vectors


def expected(metric: str, query, vectors):
    distance = pytest.importorskip("scipy.spatial.distance")
    if metric == "dot":
        return vectors.astype(np.float64) @ query
    values = distance.cdist(query[None], vectors, metric)[0]
    return 1 - values if metric == "cosine" else -values


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
@pytest.mark.parametrize("k", [1, 10, 300])
def test_exact(points, metric, k):
    collection, vectors = points
    query = np.random.default_rng(SEED + 1).normal(size=24)
    scores = expected(metric, query, vectors)
    hits = collection.search(positive=[query], metric=metric, mode="vector", k=k)
    assert [int(hit.id) for hit in hits] == np.argsort(-scores)[:k].tolist()
    assert [hit.score for hit in hits] == pytest.approx(sorted(scores, reverse=True)[:k], abs=1e-4)


def test_the_euclidean_score_is_the_distance_with_its_sign_turned(empty):
    empty.add(np.array([[3.0, 4.0], [6.0, 8.0]]), ids=["near", "far"])
    hits = empty.search(positive=[[0.0, 0.0]], metric="euclidean", mode="vector")
    assert [(hit.id, hit.score) for hit in hits] == [("near", -5.0), ("far", -10.0)]


def test_dot_is_dot(empty):
    empty.add(np.array([[3.0, 4.0], [-1.0, 0.0]]), ids=["a", "b"])
    hits = empty.search(positive=[[2.0, 1.0]], metric="dot", mode="vector")
    assert [(hit.id, hit.score) for hit in hits] == [("a", 10.0), ("b", -2.0)]


@pytest.mark.parametrize("metric", ["dot", "euclidean"])
def test_percentiles_are_known_for_the_cosine_alone(sample, metric):
    where = "kind = 'text'"
    hits = sample.search("apple", mode="vector", metric=metric, where=where)
    assert {hit.percentile for hit in hits} == {None}
    assert hits.ids == sample.search("apple", mode="vector", where=where).ids or metric == "euclidean"
