"""Every model: one contract, and its plain formula in numpy beside it."""

from __future__ import annotations

import numpy as np
import pytest
from tests import readers

from firth.data.interaction_tables import read_interactions
from firth.evaluation.ranking import judge
from firth.evaluation.splits import leave_one_out
from firth.search.ridge import Ridge
from firth.training.recommenders import (
    ALS,
    BPR,
    EASE,
    PMI,
    Item2Vec,
    ItemCosine,
    Popular,
    RidgeRecommender,
    Spectral,
)

MODELS = {
    "popular": Popular,
    "item-cosine": ItemCosine,
    "ridge": RidgeRecommender,
    "ease": lambda: EASE(penalty=10),
    "als": lambda: ALS(dim=8),
    "bpr": lambda: BPR(dim=16),
    "vectors": lambda: Spectral(dim=16),
    "pmi": lambda: PMI(dim=16),
    "item2vec": lambda: Item2Vec(dim=16),
}


@pytest.fixture(scope="module")
def found():
    return read_interactions(readers.rows(), user="reader", item="book")


@pytest.mark.parametrize("name", MODELS)
class TestEveryModel:
    def test_scores_have_their_shape_and_come_again(self, name, found):
        rows = found.matrix.taken(np.arange(5))
        first, second = (MODELS[name]().fit(found.matrix).scores(rows) for _ in range(2))
        assert first.shape == (5, len(found.items)) and np.isfinite(first).all()
        assert np.array_equal(first, second)

    def test_beats_chance_by_far(self, name, found):
        if name == "popular":
            pytest.skip("there are no popular books here")
        split = leave_one_out(found)
        model = MODELS[name]().fit(split.train)
        ranking = judge(name, lambda rows, users: model.scores(rows), split)
        assert ranking.hit_rate.mean > 0.4  # by chance 10 of 72, and of a book of another kind no more
        popular = judge("popular", lambda rows, users: Popular().fit(split.train).scores(rows), split)
        assert ranking.hit_rate.low > popular.hit_rate.high

    def test_a_new_person_is_answered_by_what_they_like(self, name, found):
        if name == "popular":
            pytest.skip("it says the same to everyone")
        model = MODELS[name]().fit(found.matrix)
        own = [place for place, id in enumerate(found.items) if readers.kind_of(id) == "詩"]
        row = type(found.matrix).of([0, 0], own[:2], [1, 1], shape=(1, len(found.items)))
        scores = model.scores(row)[0]
        scores[own[:2]] = -np.inf
        best = [readers.kind_of(found.items[place]) for place in np.argsort(-scores)[:5]]
        assert best.count("詩") >= 4


def test_ridge_is_its_formula(found):
    x = found.matrix.dense().astype(float)
    users = x.sum(1, keepdims=True) ** -0.25
    items = ((users**2 * x).sum(0) + 5) ** -0.5
    a = users * x * items
    gram = a.T @ a
    answers = (x * items) @ np.linalg.inv(gram + 2 * np.eye(len(gram))) @ gram * x.sum(0) ** 0.25
    assert np.allclose(Ridge(found.matrix, 2.0, 0.25, 5.0).scores(found.matrix), answers, atol=1e-3)


def test_contributions_add_up_to_the_score(found):
    ridge = Ridge(found.matrix, 1.0, 0.0)
    taken = found.matrix.taken(np.array([3])).columns.tolist()
    parts = ridge.contributions([0, 5], taken)
    assert np.allclose(parts.sum(1), ridge.scores(found.matrix.taken(np.array([3])))[0][[0, 5]], atol=1e-3)


def test_als_solves_its_equations(found):
    model = ALS(dim=4, passes=2, penalty=3, alpha=7).fit(
        found.matrix
    )  # users took more than 4: both ways are used
    x, y = found.matrix.dense().astype(float), model.item_vectors_.astype(float)
    for row in (0, 7):
        system = y.T @ y + 7 * y.T @ np.diag(x[row]) @ y + 3 * np.eye(4)
        assert np.allclose(
            model.users(found.matrix)[row], np.linalg.solve(system, 8 * y.T @ x[row]), atol=1e-3
        )


def test_ease_leaves_out_the_item_itself(found):
    weights = EASE(penalty=10).fit(found.matrix).weights_
    assert not np.diag(weights).any()
    x = found.matrix.dense().astype(float)
    inverse = np.linalg.inv(x.T @ x + 10 * np.eye(x.shape[1]))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    assert np.allclose(weights, expected, atol=1e-4)


def test_item_cosine_is_the_cosine_of_columns(found):
    x = found.matrix.dense()
    unit = x / np.linalg.norm(x, axis=0)
    assert np.allclose(ItemCosine().fit(found.matrix).scores(found.matrix), x @ (unit.T @ unit), atol=1e-4)
