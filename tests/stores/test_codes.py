"""Signs of vectors: what the scan finds is what its readable twin estimates, and what exact search would find."""

from __future__ import annotations

import numpy as np
import pytest

from firth.kernel import missing
from firth.similarity import normalize
from firth.stores.codes import SignCodes

pytestmark = pytest.mark.skipif("_scan" in missing(), reason="built without a compiler")


def clouds(n: int, d: int, *, seed: int = 0) -> np.ndarray:
    """Directions as embeddings have them: in groups, off centre, some numbers larger than others."""
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=(40, d))[rng.integers(0, 40, n)]
    return normalize(0.7 * middle + rng.normal(size=(n, d)) * rng.gamma(1, 1, d) ** 0.5 + 0.5)


def lengths(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=1).astype(np.float32)


@pytest.fixture(params=["plain", "avx2", "avx512"])
def instructions(request):
    from firth.kernel import _scan

    before = _scan.use()
    try:
        _scan.use(request.param)
    except ValueError:
        pytest.skip(f"this processor has no {request.param}")
    yield request.param
    _scan.use(before)


@pytest.mark.parametrize(("n", "d"), [(1, 8), (7, 64), (1000, 100), (3001, 512)])
def test_every_path_finds_what_the_twin_estimates(n, d, instructions):
    vectors = clouds(n, d)
    codes = SignCodes.of(vectors, lengths(vectors))
    for query in clouds(5, d, seed=1):
        expected = codes.estimates(query)[:n]
        found = codes.candidates(query, 50)
        assert len(found) == len(set(found.tolist())) == min(50, n)
        left = np.delete(expected, found)
        assert left.size == 0 or expected[found].min() >= left.max() - 1e-5


def test_estimates_are_near_the_products():
    vectors = clouds(2000, 384)
    codes = SignCodes.of(vectors, lengths(vectors))
    for query in clouds(5, 384, seed=1):
        exact = (vectors - codes.centre) @ query
        error = codes.estimates(query)[: len(vectors)] - exact
        # the bound of RaBitQ's theorem 3.2 with signs that keep about .8 of a vector's length
        spread = np.linalg.norm(vectors - codes.centre, axis=1) * np.linalg.norm(query - codes.centre)
        assert np.mean(np.abs(error) > 3 * 0.75 * spread / np.sqrt(383)) < 0.01
        assert abs(error.mean()) < 0.01


def test_only_chosen_vectors_are_found(instructions):
    vectors = clouds(1001, 128)
    chosen = np.random.default_rng(2).random(1001) < 0.1
    codes = SignCodes.of(vectors, lengths(vectors))
    found = codes.candidates(vectors[3], 2000, chosen=chosen)
    assert sorted(found.tolist()) == np.flatnonzero(chosen).tolist()


def test_a_vector_without_a_direction_is_never_found():
    vectors = clouds(20, 64)
    vectors[7] = 0
    found = SignCodes.of(vectors, lengths(vectors)).candidates(vectors[3], 100)
    assert sorted(found.tolist()) == [i for i in range(20) if i != 7]


def test_lengths_make_no_difference():
    vectors = clouds(300, 64)
    longer = vectors * np.arange(1, 301, dtype=np.float32)[:, None]
    one, other = SignCodes.of(vectors, lengths(vectors)), SignCodes.of(longer, lengths(longer))
    np.testing.assert_allclose(one.estimates(vectors[0])[:300], other.estimates(vectors[0])[:300], atol=1e-5)


def test_the_kernel_refuses_what_does_not_fit():
    from firth.kernel import _scan

    rows, out = np.zeros((3, 4), np.float32), np.zeros(3, np.float32)
    query = np.zeros(4, np.float32)
    with pytest.raises(IndexError, match="got place 3 of 3 rows"):
        _scan.dots(rows, query, np.array([0, 1, 3]), out)
    with pytest.raises(ValueError, match="out: got 3 items, expected 2"):
        _scan.dots(rows, query, np.array([0, 1]), out)
    with pytest.raises(ValueError, match="rows: got items of 8 bytes, expected 4"):
        _scan.dots(rows.astype(float), query, None, out)
    with pytest.raises(ValueError, match="got mmx; this processor has"):
        _scan.use("mmx")


@pytest.mark.parametrize("d", [1, 31, 64, 100, 384])
def test_products_are_those_of_numpy(d, instructions):
    from firth.kernel.products import products

    rng = np.random.default_rng(d)
    vectors, query = rng.normal(size=(500, d)).astype(np.float32), rng.normal(size=d).astype(np.float32)
    places = rng.integers(0, 500, 77)
    exact = vectors.astype(float) @ query
    np.testing.assert_allclose(products(vectors, query), exact, atol=1e-4)
    np.testing.assert_allclose(products(vectors, query, places), exact[places], atol=1e-4)
