"""What is learned of interactions: which model is kept, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest
from tests import readers

from firth.data.interaction_tables import read_interactions
from firth.data.interactions import Interactions
from firth.training.behaviour import POPULARITIES, STRENGTHS, learned


@pytest.fixture(scope="module")
def found():
    return read_interactions(readers.rows(), user="reader", item="book")


@pytest.fixture(scope="module")
def behaviour(found):
    return learned(found, dim=8)


def test_the_report_shows_each_strength_once_and_the_best_of_them_is_kept(behaviour):
    judged = {ranking.model: ranking.ndcg.mean for ranking in behaviour.report.judged}
    ridges = {name: mean for name, mean in judged.items() if name.startswith("ridge")}
    assert {"popular", "item-cosine"} < judged.keys() and len(ridges) == len(STRENGTHS)
    assert behaviour.report.chosen == max(ridges, key=lambda name: ridges[name])
    assert behaviour.ridge.popularity in POPULARITIES


def test_what_is_remembered_is_what_would_be_solved_for_again(found, behaviour, monkeypatch):
    monkeypatch.setattr("firth.training.behaviour.REMEMBERED", 0)
    again = learned(found, dim=8)
    assert again.report.chosen == behaviour.report.chosen
    for one, other in zip(behaviour.report.judged, again.report.judged, strict=True):
        assert one.model == other.model and np.array_equal(one.ranks, other.ranks)


def test_a_baseline_that_found_more_is_named():
    """Everyone takes the same few things, one at a time: nothing but popularity is there to be found."""
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, 61)
    users = [(f"u{n}", rng.choice(60, 4, replace=False, p=share / share.sum())) for n in range(400)]
    found = Interactions.of(
        [user for user, items in users for _ in items], [str(item) for _, items in users for item in items]
    )
    report = learned(found, dim=4).report
    judged = {ranking.model: ranking.ndcg.mean for ranking in report.judged}
    better = [name for name in ("popular", "item-cosine") if judged[name] > judged[report.chosen]]
    said = [f"{name} found more of what was held out than {report.chosen}" for name in better]
    assert better and all(line in report.notes for line in said)


def test_where_nothing_can_be_held_out_it_says_so():
    report = learned(Interactions.of(["a", "a", "b"], ["1", "2", "1"]), dim=2).report
    assert not report.judged and "unmeasured" in report.notes[-1]
