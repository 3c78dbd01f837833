"""What is believed, what was seen, and probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.analysis.tags.ranks import auc, auc_of_separation
from firth.analysis.tags.reliability import expected_auc, probabilities, reliability


def test_more_examples_make_a_narrower_interval():
    spans = [
        trust.high - trust.low
        for n in (5, 20, 200)
        for trust in [reliability(1.0, 0.8, examples=n, others=900)]
    ]
    assert spans == sorted(spans, reverse=True)


def test_many_examples_outweigh_what_the_words_say():
    assert reliability(3.0, 0.6, examples=500, others=5000).auc == pytest.approx(0.6, abs=0.03)
    assert reliability(3.0, 0.6, examples=2, others=5000).auc > 0.7


@pytest.mark.parametrize("true", [0.6, 0.75, 0.9])
@pytest.mark.parametrize("count", [5, 30])
def test_nine_of_ten_intervals_hold_the_truth(true, count):
    """Without a belief before, over many draws of examples."""
    rng, inside = np.random.default_rng(0), 0
    apart = 2**0.5 * {0.6: 0.2533, 0.75: 0.6745, 0.9: 1.2816}[true]
    for _ in range(300):
        scores = np.r_[rng.normal(apart, 1, count), rng.normal(0, 1, 500)]
        seen = auc(scores, np.arange(len(scores)) < count)
        trust = reliability(None, seen, examples=count, others=500)
        inside += trust.low <= true <= trust.high
    assert 0.82 <= inside / 300 <= 1.0


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.7])
def test_the_expected_auc_is_the_mean_over_what_it_may_be(spread):
    draws = np.random.default_rng(0).normal(1.1, spread, 50_000)
    mean = np.mean([auc_of_separation(one) for one in draws[:5000]])
    assert expected_auc(1.1, spread**2) == pytest.approx(mean, abs=0.005)


def test_without_words_and_examples_nobody_can_tell():
    trust = reliability(None, None)
    assert not trust.known and "cannot tell" in str(trust)


@pytest.mark.parametrize(("area", "share"), [(0.7, 0.1), (0.9, 0.1), (0.95, 0.4)])
def test_probabilities_are_right_where_the_model_is(area, share):
    """Of items with a probability of about p, about p carry the tag."""
    rng = np.random.default_rng(0)
    carried = rng.random(20_000) < share
    apart = {0.7: 0.7416, 0.9: 1.8124, 0.95: 2.3262}[area]
    found = probabilities(rng.normal(size=20_000) + apart * carried, area, share)
    assert found.mean() == pytest.approx(share, abs=0.03)
    for low in (0, 0.2, 0.4, 0.6, 0.8):
        chosen = (found >= low) & (found < low + 0.2)
        if chosen.sum() > 200:
            assert carried[chosen].mean() == pytest.approx(found[chosen].mean(), abs=0.1)


@given(st.lists(st.floats(-9, 9), min_size=2, max_size=40), st.floats(0.3, 0.99), st.floats(0.01, 0.9))
def test_probabilities_keep_the_order(scores, area, share):
    found = probabilities(np.array(scores), area, share)
    assert ((found > 0) & (found < 1)).all()
    assert (np.diff(found[np.argsort(scores, kind="stable")]) >= -1e-12).all()
