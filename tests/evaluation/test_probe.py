"""Single dimensions, random directions, trained directions: on vectors whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from firth.analysis.tags.ranks import auc
from firth.errors import InputError
from firth.evaluation.probe import probe_vectors
from firth.similarity import normalize

N, D = 600, 24
RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(N, D))
DIRECTION = RNG.normal(size=D)
SPREAD = VECTORS @ DIRECTION + RNG.normal(size=N)  # known to all dimensions together
SINGLE = VECTORS[:, 5] + 0.3 * RNG.normal(size=N)  # known to one


def test_what_one_dimension_holds_is_found_there():
    found = probe_vectors(VECTORS, SINGLE > 0.5)
    assert (found.best, found.measure) == (5, "AUC")
    assert found.p < 0.01 and found.above_chance == 1
    assert found.chosen > 0.9 > found.chosen_random
    assert found.share > 0.9


@pytest.mark.parametrize("values", [SPREAD > 1, SPREAD])
def test_what_all_hold_together_no_dimension_knows_better_than_a_random_direction(values):
    found = probe_vectors(VECTORS, values)
    assert found.trained > max(found.dimensions.max(), found.random.max()) + 0.1
    assert found.chosen == pytest.approx(found.chosen_random, abs=0.1)
    assert found.share < 0.7


@pytest.mark.parametrize("number", [False, True])
def test_nothing_is_found_where_there_is_nothing(number):
    """Of 40 targets by chance about two in a hundred pass, not the one in each that the best of 24 would."""
    rng, values = np.random.default_rng(1), []
    for run in range(40):
        target = rng.normal(size=N)
        values.append(probe_vectors(VECTORS, target if number else target > 0, seed=run))
    assert sum(found.p < 0.05 for found in values) <= 6
    chance = 0.0 if number else 0.5
    assert np.mean([found.trained for found in values]) == pytest.approx(chance, abs=0.02)
    assert np.mean([found.chosen for found in values]) == pytest.approx(chance, abs=0.02)
    assert np.mean([found.dimensions.max() for found in values]) > chance + 0.04


def test_the_figures_are_the_auc_and_the_rank_correlation():
    unit = normalize(VECTORS)
    tag, number = (probe_vectors(VECTORS, values) for values in (SPREAD > 1, SPREAD))
    for column in range(D):
        area = auc(unit[:, column], SPREAD > 1)
        assert tag.dimensions[column] == pytest.approx(max(area, 1 - area), abs=1e-6)
        assert number.dimensions[column] == pytest.approx(
            abs(spearmanr(unit[:, column], SPREAD)[0]), abs=1e-6
        )


def test_the_same_seed_gives_the_same_and_turning_the_target_changes_nothing():
    one, two, turned = (probe_vectors(VECTORS, values, seed=7) for values in (SPREAD, SPREAD, -SPREAD))
    assert one.to_dict() == two.to_dict()
    assert turned.dimensions == pytest.approx(one.dimensions)
    assert turned.trained == pytest.approx(one.trained, abs=0.02)


def test_it_prints_as_a_sentence():
    text = str(probe_vectors(VECTORS, SINGLE > 0.5, target="奇幻"))
    assert text.startswith("奇幻: AUC") and "dimension 5 alone" in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros(N, bool), "true of 0 of 600"),
        (np.arange(N) < 5, "at least 10 of either"),
        (np.ones(N), "with 1 values"),
        (np.ones(3), "one for each of 600"),
    ],
)
def test_errors(values, said):
    with pytest.raises(InputError, match=said):
        probe_vectors(VECTORS, values)
