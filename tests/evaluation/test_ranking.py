"""Splits and figures, against answers known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests import readers

from firth.data.interaction_tables import read_interactions
from firth.data.interactions import Interactions
from firth.data.sparse import Sparse
from firth.errors import InputError
from firth.evaluation.ranking import figure, judge
from firth.evaluation.splits import Split, leave_one_out


def test_the_last_item_is_held_out_where_there_are_times():
    found = read_interactions(readers.rows(), user="reader", item="book", time="day")
    split = leave_one_out(found, users=50)
    assert split.by_time and len(split.users) == 50
    for user, target in zip(split.users, split.targets, strict=True):
        own = found.user == user
        assert found.item[own][np.argmax(found.time[own])] == target
    assert len(split.train.values) == len(found) - 50


def test_without_times_chance_decides_and_the_seed_decides_chance():
    found = read_interactions(readers.rows(), user="reader", item="book")
    first, same, other = (leave_one_out(found, seed=seed) for seed in (1, 1, 2))
    assert not first.by_time
    assert np.array_equal(first.targets, same.targets) and not np.array_equal(first.targets, other.targets)


def test_users_with_too_little_are_not_judged():
    with pytest.raises(InputError, match="3 items or more"):
        leave_one_out(Interactions.of(["a", "a", "b"], ["1", "2", "1"]))


def test_figures_by_hand():
    train = Sparse.of([0, 1], [0, 0], [1, 1], shape=(2, 12))
    split = Split(train, np.array([0, 1]), np.array([2, 11], np.int32), by_time=False)
    falling = np.tile(-np.arange(12, dtype=np.float32), (2, 1))
    ranking = judge("falling", lambda rows, users: falling, split)
    assert ranking.ranks.tolist() == [1, 10]  # item 0 was taken and is no candidate
    assert ranking.hit_rate.mean == 0.5
    assert ranking.ndcg.mean == pytest.approx(0.5 / np.log2(3))
    assert ranking.coverage == pytest.approx(10 / 12)


def test_ties_share_their_middle_and_gain_nothing():
    train = Sparse.of([0], [0], [1], shape=(1, 101))
    split = Split(train, np.array([0]), np.array([7], np.int32), by_time=False)
    assert judge("flat", lambda rows, users: np.zeros((1, 101)), split).ranks.tolist() == [49.5]


def test_an_interval_holds_the_mean_and_narrows():
    few, many = (figure(np.arange(n) % 2) for n in (20, 2000))
    assert few.low <= 0.5 <= few.high and many.high - many.low < few.high - few.low
