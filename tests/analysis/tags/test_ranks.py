"""Ranks and the AUC, beside counting pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.analysis.tags.ranks import auc, auc_of_separation, gaussian_ranks, separation

SCORED = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=30).filter(
    lambda pairs: len({truth for _, truth in pairs}) == 2
)


@given(SCORED)
def test_the_auc_is_the_share_of_pairs_in_order(pairs):
    above = [s for s, positive in pairs if positive]
    below = [s for s, positive in pairs if not positive]
    share = np.mean([(a > b) + 0.5 * (a == b) for a in above for b in below])
    assert auc(*zip(*pairs, strict=True)) == pytest.approx(share)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_gaussian_ranks_keep_the_order_and_have_their_middle_at_0(scores):
    found = gaussian_ranks(scores)
    order = np.argsort(scores, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    assert len(set(scores)) < len(scores) or found.sum() == pytest.approx(0, abs=1e-6)


@given(st.floats(0.01, 0.99))
def test_separation_and_auc_are_inverse(area):
    assert auc_of_separation(separation(area)) == pytest.approx(area)


def test_the_separation_of_two_normal_distributions_is_the_distance_of_their_means():
    rng = np.random.default_rng(0)
    scores = np.r_[rng.normal(1.2, 1, 20_000), rng.normal(0, 1, 20_000)]
    assert separation(auc(scores, np.arange(40_000) < 20_000)) == pytest.approx(1.2, abs=0.03)
