"""Vectors of items: PMI beside its formula, item2vec beside the trainer of words, and what lies near what."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import readers

from firth.data.interaction_tables import read_interactions
from firth.data.sparse import Sparse
from firth.training.recommenders import PMI, Item2Vec, Spectral
from firth.training.recommenders.directions import directions
from firth.training.recommenders.nearness import near_taken
from firth.training.recommenders.pmi import together

MODELS = {
    "spectral": Spectral,
    "pmi": PMI,
    "item2vec": Item2Vec,
}


@pytest.fixture(scope="module")
def found():
    return read_interactions(readers.rows(), user="reader", item="book")


@pytest.mark.parametrize("name", MODELS)
class TestEveryKindOfVectors:
    def test_they_have_unit_length_and_their_width(self, name, found):
        vectors = MODELS[name](dim=16).fit(found.matrix).item_vectors_
        assert vectors.shape == (len(found.items), 16)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_they_keep_their_width_where_little_is_known(self, name, found):
        few = found.only(found.user < 4)
        vectors = MODELS[name](dim=200).fit(few.matrix).item_vectors_
        assert vectors.shape == (len(few.items), 200) and np.isfinite(vectors).all()

    def test_an_item_lies_near_those_of_its_kind(self, name, found):
        vectors = MODELS[name](dim=8).fit(found.matrix).item_vectors_
        kinds = np.array([readers.kind_of(id) for id in found.items])
        near = vectors @ vectors.T
        np.fill_diagonal(near, -np.inf)
        best = np.argsort(-near, 1)[:, :5]
        assert (kinds[best] == kinds[:, None]).mean() > 0.8

    def test_an_item_that_nobody_took_harms_nothing(self, name, found):
        matrix = found.matrix
        wider = Sparse(matrix.starts, matrix.columns, matrix.values, (matrix.shape[0], matrix.shape[1] + 1))
        model = MODELS[name](dim=8).fit(wider)
        assert np.isfinite(model.scores(wider)).all()
        assert not model.item_vectors_[-1].any()


sets = st.lists(st.sets(st.integers(0, 6), max_size=7), min_size=1, max_size=8)


@given(sets)
def test_pairs_are_counted_as_a_product_of_matrices_counts_them(users):
    matrix = of_sets(users, 7)
    dense = matrix.dense().T @ matrix.dense()
    np.fill_diagonal(dense, 0)
    counted = np.concatenate([counts for _, counts in together(matrix)])
    assert np.array_equal(counted, dense)


def test_pairs_are_counted_alike_in_small_blocks(found, monkeypatch):
    whole = np.concatenate([counts for _, counts in together(found.matrix)])
    monkeypatch.setattr("firth.training.recommenders.pmi.BLOCK", 1)
    parts = list(together(found.matrix))
    assert len(parts) == len(found.items)
    assert np.array_equal(np.concatenate([counts for _, counts in parts]), whole)


@pytest.mark.parametrize(("shift", "fewest"), [(1.0, 1), (3.0, 2)])
def test_information_is_its_formula(found, shift, fewest):
    x = found.matrix.dense().astype(float)
    n = x.T @ x
    np.fill_diagonal(n, 0)
    totals = n.sum(1)
    shares = totals**0.75 / (totals**0.75).sum()
    with np.errstate(divide="ignore"):
        expected = np.maximum(np.log(n / (totals[:, None] * shares)) - np.log(shift), 0)
    expected[n < fewest] = 0
    assert np.allclose(PMI(shift=shift, fewest=fewest).information(found.matrix).dense(), expected, atol=1e-5)


def test_directions_are_those_of_a_whole_decomposition(found):
    values, vectors = np.linalg.svd(found.matrix.dense(), full_matrices=False)[1:]
    first = directions(found.matrix, 4)
    assert np.allclose(first.values, values[:4], rtol=1e-3)
    assert np.allclose(np.abs((first.vectors * vectors[:4].T).sum(0)), 1, atol=1e-2)


@given(sets, st.sampled_from([1.0, 2.0, 3.0]))
def test_near_what_was_taken_is_its_sum(users, power):
    rows = of_sets(users, 7)
    vectors = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = rows.dense() @ np.maximum(vectors @ vectors.T, 0) ** power
    assert np.allclose(near_taken(rows, vectors, power=power), expected, atol=1e-5)


def test_item2vec_learns_as_it_goes_and_with_one_thread_the_seed_decides(found):
    models = [Item2Vec(dim=8, threads=1, seed=seed).fit(found.matrix) for seed in (0, 0, 1)]
    assert models[0].losses_[-1] < models[0].losses_[0]
    first, same, other = (model.item_vectors_ for model in models)
    assert np.array_equal(first, same) and not np.array_equal(first, other)


def of_sets(users: list[set[int]], items: int) -> Sparse:
    places = [(row, item) for row, taken in enumerate(users) for item in sorted(taken)]
    rows, columns = zip(*places, strict=True) if places else ((), ())
    return Sparse.of(rows, columns, np.ones(len(places)), shape=(len(users), items))
