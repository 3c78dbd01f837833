"""Similarities against the articles' examples and against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.spatial import distance

from firth.errors import DimensionError
from firth.similarity import Metric, cosine, dot, euclidean, normalize, pairwise

FUNCTIONS = {Metric.COSINE: cosine, Metric.DOT: dot, Metric.EUCLIDEAN: euclidean}
SCIPY = {
    Metric.COSINE: lambda a, b: 1 - distance.cosine(a, b),
    Metric.DOT: np.dot,
    Metric.EUCLIDEAN: distance.euclidean,
}
CDIST = {
    Metric.COSINE: lambda a, b: 1 - distance.cdist(a, b, "cosine"),
    Metric.DOT: lambda a, b: a @ b.T,
    Metric.EUCLIDEAN: distance.cdist,
}
numbers = st.floats(-100, 100).filter(lambda value: value == 0 or abs(value) > 1e-3)


@st.composite
def two_vectors(draw):
    d = draw(st.integers(1, 20))
    return draw(arrays.arrays(np.float64, (2, d), elements=numbers))


@pytest.fixture
def vectors():
    random = np.random.default_rng(5)
    return random.normal(size=(7, 33)), random.normal(size=(11, 33))


class TestTheArticles:
    @pytest.mark.parametrize(
        ("a", "b", "expected"),
        [
            ([1, 2], [2, 4], 1),
            ([1, 2], [1000, 2000], 1),
            ([1, 2], [-1, -2], -1),
            ([1, 2], [-0.5, -1], -1),
            ([1, 0], [0, 3], 0),
            ([1, 1], [1, -1], 0),
            ([1, 0], [1, 1], 2**-0.5),
        ],
    )
    def test_cosine_is_about_direction_alone(self, a, b, expected):
        assert cosine(a, b) == pytest.approx(expected, abs=1e-15)

    def test_distance_is_about_length_too(self):
        assert euclidean([1, 2], [1, 2]) == 0
        assert euclidean([1, 2], [2, 4]) == pytest.approx(5**0.5)
        assert euclidean([3, 0], [0, 4]) == 5

    def test_dot_grows_with_length(self):
        assert dot([1, 2], [3, 4]) == 11
        assert dot([1, 2], [30, 40]) == 110
        assert dot([1, 2], [-1, -2]) == -5

    def test_one_hot_words_are_orthogonal(self):
        apple, banana = np.eye(2)
        assert cosine(apple, banana) == 0
        assert euclidean(apple, banana) == pytest.approx(2**0.5)


class TestAgainstScipy:
    @pytest.mark.parametrize("metric", Metric)
    @given(pair=two_vectors())
    def test_one_by_one(self, metric, pair):
        if metric is Metric.COSINE and not np.linalg.norm(pair, axis=1).all():
            return  # scipy has no answer there; see test_zeros
        expected = SCIPY[metric](*pair)
        assert FUNCTIONS[metric](*pair) == pytest.approx(expected, rel=1e-12, abs=1e-9)

    @pytest.mark.parametrize("metric", Metric)
    def test_all_against_all(self, metric, vectors):
        expected = CDIST[metric](*vectors)
        np.testing.assert_allclose(pairwise(*vectors, metric), expected, atol=1e-5)

    @pytest.mark.parametrize("metric", Metric)
    def test_broadcasting_gives_the_same(self, metric, vectors):
        queries, documents = vectors
        broadcast = FUNCTIONS[metric](queries[:, None], documents[None])
        np.testing.assert_allclose(broadcast, CDIST[metric](queries, documents), atol=1e-12)


class TestEdges:
    def test_zeros_have_no_direction(self):
        assert cosine([0, 0], [1, 2]) == 0
        assert cosine([0, 0], [0, 0]) == 0
        assert pairwise([[0, 0]], [[1, 2], [0, 0]]).tolist() == [[0, 0]]
        assert euclidean([0, 0], [0, 0]) == 0

    def test_near_vectors_have_no_negative_square(self):
        vectors = np.full((3, 384), 0.7, np.float32)
        assert (pairwise(vectors, vectors, Metric.EUCLIDEAN) >= 0).all()

    @given(pair=two_vectors())
    def test_cosine_stays_in_range(self, pair):
        assert -1 <= cosine(*pair) <= 1
        assert cosine(*pair) == cosine(*pair[::-1])

    @pytest.mark.parametrize(
        ("left", "right", "shape"),
        [((3,), (3,), ()), ((5, 3), (3,), (5,)), ((5, 3), (5, 3), (5,)), ((4, 1, 3), (5, 3), (4, 5))],
    )
    @pytest.mark.parametrize("function", FUNCTIONS.values())
    def test_shapes(self, function, left, right, shape):
        assert function(np.ones(left), np.ones(right)).shape == shape

    @pytest.mark.parametrize("metric", Metric)
    def test_pairwise_shapes(self, metric):
        assert pairwise(np.ones((2, 3)), np.ones((5, 3)), metric).shape == (2, 5)
        assert pairwise(np.ones((2, 3)), np.ones((0, 3)), metric).shape == (2, 0)
        assert pairwise(np.ones((2, 3)), np.ones((5, 3)), metric).dtype == np.float32

    @pytest.mark.parametrize("function", [*FUNCTIONS.values(), pairwise])
    @pytest.mark.parametrize(("left", "right"), [((2, 3), (2, 4)), ((2, 512), (9, 384))])
    def test_other_widths_are_refused(self, function, left, right):
        with pytest.raises(DimensionError, match=f"{right[1]}") as caught:
            function(np.ones(left), np.ones(right))
        assert "two encoders" in str(caught.value)

    @pytest.mark.parametrize("function", FUNCTIONS.values())
    def test_a_number_is_no_vector(self, function):
        with pytest.raises(DimensionError):
            function(1.0, 2.0)


class TestNormalize:
    @given(pair=two_vectors())
    def test_rows_of_unit_length(self, pair):
        lengths = np.linalg.norm(normalize(pair), axis=1)
        zero = np.linalg.norm(pair.astype(np.float32), axis=1) == 0
        np.testing.assert_allclose(lengths, np.where(zero, 0, 1), atol=1e-5)

    def test_what_it_is_given_stays_as_it_is(self):
        given_vectors = np.array([[3, 4]], np.float32)
        normalize(given_vectors)
        assert given_vectors.tolist() == [[3, 4]]

    def test_cosine_is_dot_of_unit_vectors(self, vectors):
        queries, documents = vectors
        products = pairwise(normalize(queries), normalize(documents), Metric.DOT)
        np.testing.assert_allclose(products, pairwise(queries, documents), atol=1e-6)


def test_metrics_know_their_direction():
    assert {metric.value: metric.higher_is_better for metric in Metric} == {
        "cosine": True,
        "dot": True,
        "euclidean": False,
    }
    assert Metric("cosine") is Metric.COSINE
