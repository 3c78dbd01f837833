"""Signs of vectors: what the scan finds is what its readable twin estimates, and what exact search would find."""

from __future__ import annotations

import numpy as np
import pytest

from firth.kernel import missing
from firth.kernel.products import best_products, products
from firth.similarity import normalize
from firth.stores.codes import SPREADS, SignCodes

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


def bits(chosen: np.ndarray) -> np.ndarray:
    return np.packbits(chosen, bitorder="little")


def candidates(codes: SignCodes, query: np.ndarray, count: int, *, least: float = -np.inf, chosen=None):
    """Of one query."""
    leasts = np.array([least], np.float32)
    return codes.candidates(query[None], count, chosen=chosen, leasts=leasts)[0]


@pytest.mark.parametrize(("n", "d"), [(1, 8), (7, 64), (1000, 100), (3001, 512), (20_001, 64)])
def test_every_path_finds_what_the_twin_gives_the_most(n, d, instructions):
    vectors = clouds(n, d)
    codes = SignCodes.of(vectors, lengths(vectors))
    queries = clouds(5, d, seed=1)
    for query, found in zip(
        queries, codes.candidates(queries, 50, leasts=np.full(5, -np.inf, np.float32)), strict=True
    ):
        most = codes.most(query)[:n]
        assert min(50, n) <= len(found.places) == len(set(found.places.tolist()))
        np.testing.assert_allclose(found.scores, most[found.places], atol=1e-5)
        left = np.delete(most, found.places)
        assert left.size == 0 or found.rest >= left.max() - 1e-5


def test_only_what_passes_the_least_is_found(instructions):
    vectors = clouds(1000, 128)
    codes = SignCodes.of(vectors, lengths(vectors))
    most = codes.most(vectors[5])[:1000]
    least = float(np.sort(most)[-30] + np.sort(most)[-31]) / 2
    found = candidates(codes, vectors[5], 100, least=least)
    assert sorted(found.places.tolist()) == np.flatnonzero(most > least).tolist()
    assert found.rest == pytest.approx(least, abs=1e-5)


@pytest.mark.parametrize("d", [64, 384, 500])
def test_estimates_are_right_and_spread_as_far_as_is_said(d):
    vectors = clouds(3000, d)
    codes = SignCodes.of(vectors, lengths(vectors))
    errors = []
    for query in clouds(20, d, seed=1):
        spread = (codes.most(query) - codes.estimates(query))[:3000] / SPREADS
        errors.append((vectors @ query - codes.estimates(query)[:3000]) / spread)
    error = np.concatenate(errors)
    assert abs(error.mean()) < 0.1
    assert 0.8 < error.std() < 1.1
    assert np.mean(error > SPREADS) < 0.003


@pytest.mark.parametrize("d", [64, 512])
def test_estimates_of_the_nearest_are_right_too(d):
    vectors = clouds(3000, d)
    codes = SignCodes.of(vectors, lengths(vectors))
    errors = []
    for query in normalize(vectors[:60] + 0.7 * clouds(60, d, seed=1)):
        exact, estimates = vectors @ query, codes.estimates(query)[:3000]
        near = np.argsort(-exact)[:10]
        spread = (codes.most(query)[near] - estimates[near]) / SPREADS
        errors.append((exact[near] - estimates[near]) / spread)
    assert abs(np.mean(errors)) < 0.25
    assert np.mean(np.array(errors) > SPREADS) < 0.01


def test_only_chosen_vectors_are_found(instructions):
    vectors = clouds(1001, 128)
    chosen = np.random.default_rng(2).random(1001) < 0.1
    codes = SignCodes.of(vectors, lengths(vectors))
    found = candidates(codes, vectors[3], 2000, chosen=bits(chosen))
    assert sorted(found.places.tolist()) == np.flatnonzero(chosen).tolist()


def test_a_vector_without_a_direction_is_never_found(instructions):
    vectors = clouds(20, 64)
    vectors[7] = 0
    found = candidates(SignCodes.of(vectors, lengths(vectors)), vectors[3], 100)
    assert sorted(found.places.tolist()) == [i for i in range(20) if i != 7]


def test_lengths_make_no_difference():
    vectors = clouds(300, 64)
    longer = vectors * np.arange(1, 301, dtype=np.float32)[:, None]
    one, other = SignCodes.of(vectors, lengths(vectors)), SignCodes.of(longer, lengths(longer))
    np.testing.assert_allclose(one.estimates(vectors[0])[:300], other.estimates(vectors[0])[:300], atol=1e-5)


def test_the_kernel_refuses_what_does_not_fit():
    from firth.kernel import _scan

    rows, out = np.zeros((3, 4), np.float32), np.zeros(3, np.float32)
    places, scores = np.zeros((1, 5), np.int64), np.zeros((1, 5), np.float32)
    query = np.zeros(4, np.float32)
    with pytest.raises(IndexError, match="got place 3 of 3 rows"):
        _scan.dots(rows, query, np.array([0, 1, 3]), out)
    with pytest.raises(ValueError, match="out: got 3 items, expected 2"):
        _scan.dots(rows, query, np.array([0, 1]), out)
    with pytest.raises(ValueError, match="rows: got items of 8 bytes, expected 4"):
        _scan.dots(rows.astype(float), query, None, out)
    with pytest.raises(ValueError, match="got mmx; this processor has"):
        _scan.use("mmx")
    one, found = np.zeros(1, np.float32), np.zeros(1, np.int64)
    panels = np.zeros((4, 32), np.float32)
    with pytest.raises(ValueError, match="got 0 to 4 of 3"):
        _scan.best(rows, out, None, panels, one, places, scores, found, 0, 4)
    with pytest.raises(ValueError, match="chosen: got 2 items, expected 1"):
        _scan.best(rows, out, np.zeros(2, np.uint8), panels, one, places, scores, found, 0, 3)
    with pytest.raises(ValueError, match="scores: got 4 items, expected 5"):
        _scan.best(rows, out, None, panels, one, places, scores[:, :4].copy(), found, 0, 3)
    signs, eight = np.zeros(16, np.uint64), np.zeros(8, np.float32)
    with pytest.raises(ValueError, match="planes: got 4 items, expected 6"):
        _scan.scan(signs, eight, eight, None, signs[:4], one, one, one, places, scores, found, 0, 1)


@pytest.mark.parametrize("d", [1, 31, 64, 100, 384])
@pytest.mark.parametrize("n", [1, 3, 500])
def test_products_are_those_of_numpy(n, d, instructions):
    rng = np.random.default_rng(d)
    vectors, query = rng.normal(size=(n, d)).astype(np.float32), rng.normal(size=d).astype(np.float32)
    places = rng.integers(0, n, 77)
    exact = vectors.astype(float) @ query
    np.testing.assert_allclose(products(vectors, query), exact, atol=1e-4)
    np.testing.assert_allclose(products(vectors, query, places), exact[places], atol=1e-4)


@pytest.mark.parametrize("many", [1, 32, 70])
@pytest.mark.parametrize(("n", "d"), [(1, 3), (13, 31), (2003, 64)])
def test_best_products_are_those_of_numpy(n, d, many, instructions):
    rng = np.random.default_rng(n)
    vectors, queries = (rng.normal(size=(rows, d)).astype(np.float32) for rows in (n, many))
    sizes, chosen = lengths(vectors), rng.random(n) < 0.7
    sizes[rng.random(n) < 0.05] = 0
    for only in (None, bits(chosen)):
        found = best_products(vectors, queries, 10, lengths=sizes, chosen=only)
        there = (sizes > 0) & (True if only is None else chosen)
        with np.errstate(divide="ignore", invalid="ignore"):
            exact = np.where(there, (queries @ vectors.T) / sizes, -np.inf)
        for scores, candidates in zip(exact, found, strict=True):
            assert there[candidates.places].all()
            assert len(candidates.places) == len(set(candidates.places.tolist())) >= min(10, there.sum())
            np.testing.assert_allclose(candidates.scores, scores[candidates.places], atol=1e-4)
            left = np.delete(scores, candidates.places)
            assert left.size == 0 or max(left.max(), -3e38) <= max(candidates.rest, -3e38) + 1e-4
