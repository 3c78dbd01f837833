"""Regions are where items lie densely; they are nested, leave nothing out, and none is much too large."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from firth.maps.density import nested_regions
from firth.maps.splitting import split_large

RNG = np.random.default_rng(0)


def blobs(dim, sizes=(300, 200, 150, 100), apart=10):
    centers = apart * np.vstack([np.eye(dim), -np.eye(dim)])[: len(sizes)]
    positions = np.concatenate([RNG.normal(c, 1, (s, dim)) for c, s in zip(centers, sizes, strict=True)])
    return positions.astype(np.float32), np.repeat(np.arange(len(sizes)), sizes)


@pytest.mark.parametrize("dim", [2, 3])
def test_blobs_are_regions_the_largest_first(dim):
    positions, blob = blobs(dim)
    (found,) = nested_regions(positions, [4])
    assert (found == blob).mean() > 0.97


def test_rings_and_other_shapes():
    angle = RNG.uniform(0, 2 * np.pi, 3000)
    ring = 8 * np.stack([np.cos(angle), np.sin(angle)], 1) + RNG.normal(0, 0.3, (3000, 2))
    middle = RNG.normal(0, 0.7, (3000, 2))
    (found,) = nested_regions(np.vstack([ring, middle]).astype(np.float32), [2])
    assert found.max() == 1
    assert len(set(found[:3000])) == len(set(found[3000:])) == 1


@given(
    positions=arrays.arrays(
        np.float32,
        st.tuples(st.integers(0, 60), st.sampled_from([2, 3])),
        elements=st.floats(-9, 9, width=32),
    )
)
@settings(max_examples=40, deadline=None)
def test_levels_are_nested_and_numbered_by_size(positions):
    found = nested_regions(positions, [2, 5, 9])
    assert found.shape == (3, len(positions))
    for coarse, fine in pairwise(found):
        assert len(set(zip(fine.tolist(), coarse.tolist(), strict=True))) == len(set(fine.tolist()))
    for numbers in found:
        sizes = np.bincount(numbers)
        assert (sizes > 0).all()
        assert (np.diff(sizes) <= 0).all()


def test_an_even_plain_is_divided():
    plain = RNG.uniform(0, 1, (4000, 2)).astype(np.float32)
    coarse, fine = nested_regions(plain, [6, 18])
    assert 4 <= coarse.max() + 1 <= 12
    assert 12 <= fine.max() + 1 <= 40
    assert np.bincount(fine).max() < 4000 / 18 * 3


def test_only_large_regions_are_divided():
    positions, blob = blobs(2, (900, 50, 50))
    divided = split_large(positions, blob, 6, RNG)
    assert len(set(divided[:900])) == round(900 / (1.5 * 1000 / 6))
    assert len(set(divided[900:950])) == len(set(divided[950:])) == 1
