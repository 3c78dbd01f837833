"""BPR: its gradient against differences of its loss, and what it draws."""

from __future__ import annotations

import numpy as np
import pytest
from tests import readers

from firth.data.interaction_tables import read_interactions
from firth.data.sparse import Sparse
from firth.errors import InputError
from firth.training.recommenders import BPR
from firth.training.recommenders.bpr import Triples, bpr_loss, bpr_slopes

STEP = 1e-4


@pytest.fixture(scope="module")
def matrix():
    return read_interactions(readers.rows(), user="reader", item="book").matrix


@pytest.mark.parametrize("name", ["users", "taken", "others"])
@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_the_slopes_are_those_of_the_loss(name, penalty):
    rng = np.random.default_rng(0)
    parts = {part: rng.standard_normal((3, 5)) for part in ("users", "taken", "others")}
    parts["users"][:, -1] = 1
    slopes = getattr(bpr_slopes(Triples(**parts), penalty), name)
    for row, column in np.ndindex(3, 5):
        if name == "users" and column == 4:
            assert slopes[row, column] == 0  # what stands before the bias is no user's to learn
            continue
        losses = []
        for sign in (1, -1):
            moved = {part: values.copy() for part, values in parts.items()}
            moved[name][row, column] += sign * STEP
            losses.append(bpr_loss(Triples(**moved), penalty))
        assert slopes[row, column] == pytest.approx((losses[0] - losses[1]) / (2 * STEP), abs=1e-5)


def test_what_is_drawn_was_not_taken(matrix):
    model = BPR(dim=4, epochs=1).fit(matrix)
    who = matrix.rows.astype(np.int64)
    others = model._untaken(matrix, who, np.random.default_rng(1))
    taken = matrix.dense()
    assert (others >= 0).mean() > 0.99
    assert not taken[who[others >= 0], others[others >= 0]].any()


def test_someone_who_took_all_but_one_and_someone_who_took_all():
    rows = np.repeat([0, 1, 2], [3, 4, 1])
    matrix = Sparse.of(rows, [0, 1, 2, 0, 1, 2, 3, 0], np.ones(8), shape=(3, 4))
    scores = BPR(dim=2, epochs=30).fit(matrix).scores(matrix)
    assert np.isfinite(scores).all()
    assert scores[0, 3] < scores[0, :3].min()


def test_popular_negatives_lower_what_is_popular(matrix):
    """The item that everyone took is never a negative; of two others, the one drawn oftener falls."""
    columns = np.concatenate([matrix.columns, np.zeros(matrix.shape[0], np.int32)])
    keys = np.unique(np.concatenate([matrix.rows, np.arange(matrix.shape[0])]) * matrix.shape[1] + columns)
    rows, columns = np.divmod(keys, matrix.shape[1])
    model = BPR(dim=8, epochs=5).fit(Sparse.of(rows, columns, np.ones(len(keys)), shape=matrix.shape))
    assert model.item_vectors_[:, -1].argmax() == 0


def test_a_known_person_and_the_same_as_a_stranger_are_answered_alike(matrix):
    model = BPR(dim=8).fit(matrix)
    known = model.user_vectors_ @ model.item_vectors_.T
    folded = model.scores(matrix)
    best = (np.argsort(-scores, 1)[:, :15] for scores in (known, folded))
    shares = [len({*a.tolist()} & {*b.tolist()}) / 15 for a, b in zip(*best, strict=True)]
    assert np.mean(shares) > 0.7


def test_a_person_of_whom_nothing_is_known_gets_what_is_popular(matrix):
    model = BPR(dim=8).fit(matrix)
    nobody = Sparse.of([], [], [], shape=(1, matrix.shape[1]))
    assert np.allclose(model.scores(nobody)[0], model.item_vectors_[:, -1])


@pytest.mark.parametrize("cells", [[], [(0, 0), (0, 1)]])
def test_nothing_to_learn_is_said(cells):
    rows, columns = zip(*cells, strict=True) if cells else ((), ())
    with pytest.raises(InputError, match="use popular"):
        BPR().fit(Sparse.of(rows, columns, np.ones(len(cells)), shape=(1, 2)))


def test_the_seed_decides(matrix):
    first, same, other = (BPR(dim=4, epochs=2, seed=seed).fit(matrix).item_vectors_ for seed in (0, 0, 1))
    assert np.array_equal(first, same) and not np.array_equal(first, other)
