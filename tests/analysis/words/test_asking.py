"""Neighbours, analogies, the odd one out, one-hot: against answers known by hand and a plain second way."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.analysis.words import (
    analogy,
    compare_with_one_hot,
    find,
    neighbours,
    odd_one_out,
    similarity,
)
from firth.analysis.words.analogy import METHODS
from firth.analysis.words.one_hot import one_hot_rows
from firth.encoders.words import WordVectors
from firth.errors import InputError, UnknownNameError
from firth.similarity import cosine


class TestFind:
    @pytest.mark.parametrize(
        ("asked", "found"), [("king", "king"), ("King ", "king"), ("国王", "國王"), ("汽车", "汽車")]
    )
    def test_however_it_is_written(self, royal, asked, found):
        assert find(royal, asked) == found

    def test_unknown_names_what_is_near(self, royal):
        with pytest.raises(UnknownNameError, match=r"'qeen'.*11 words.*queen"):
            find(royal, "qeen")


class TestNeighbours:
    def test_the_word_itself_is_left_out(self, royal):
        found = neighbours(royal, "car", k=20)
        assert len(found) == len(royal) - 1
        assert [near.word for near in found[:2]] == ["汽車", "bus"]

    def test_scores_are_cosines(self, royal):
        for near in neighbours(royal, "国王"):
            assert near.score == pytest.approx(similarity(royal, "國王", near.word), abs=1e-6)

    def test_of_a_vector(self, royal):
        assert neighbours(royal, [0, 0, 5], k=1)[0].word == "bus"

    def test_among_the_frequent(self, royal):
        assert [near.word for near in neighbours(royal, "女王", among=2)] == ["queen", "king"]
        assert neighbours(royal, "king", k=3, among=1) == []

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 45))
    def test_as_a_full_sort_would(self, seed, n, k):
        rows = np.random.default_rng(seed).standard_normal((n + 1, 4)).astype(np.float32)
        vectors = WordVectors(tuple(f"w{i}" for i in range(n + 1)), rows)
        order = np.argsort(-cosine(rows[1:], rows[0]), kind="stable")[:k]
        assert [near.word for near in neighbours(vectors, "w0", k=k)] == [f"w{i + 1}" for i in order]


class TestAnalogy:
    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize(
        ("asked", "answer"),
        [
            (("king", "man", "woman"), "queen"),
            (("国王", "男人", "女人"), "女王"),
        ],
    )
    def test_king_and_queen(self, royal, method, asked, answer):
        found = analogy(royal, *asked, method=method)
        own = [near.word for near in found if near.word.isascii() == asked[0].isascii()]
        assert own[0] == answer

    def test_the_three_are_left_out(self, royal):
        found = analogy(royal, "king", "man", "woman", k=99)
        assert len(found) == len(royal) - 3

    def test_3cosmul_by_its_formula(self, royal):
        def near(a, b):
            return (similarity(royal, a, b) + 1) / 2

        for found in analogy(royal, "king", "man", "woman", method="3cosmul"):
            w = found.word
            assert found.score == pytest.approx(near(w, "king") * near(w, "woman") / (near(w, "man") + 1e-3))

    def test_no_such_method(self, royal):
        with pytest.raises(InputError, match="3cosadd, 3cosmul"):
            analogy(royal, "king", "man", "woman", method="3cosdiv")


class TestOddOneOut:
    @pytest.mark.parametrize(
        ("words", "odd"), [(["king", "queen", "bus"], "bus"), (["car", "bus", "king", "汽車"], "king")]
    )
    def test_comes_first(self, royal, words, odd):
        found = odd_one_out(royal, words)
        assert found[0].word == odd
        assert sorted(near.word for near in found) == sorted(words)

    @pytest.mark.parametrize("words", [["king", "car"], ["king", "King", "car"], ["国王", "國王", "car"]])
    def test_needs_three(self, royal, words):
        with pytest.raises(InputError, match="three or more"):
            odd_one_out(royal, words)


class TestOneHot:
    def test_every_two_words_are_orthogonal(self, royal):
        found = compare_with_one_hot(royal, ["king", "queen", "car"])
        assert [pair.one_hot for pair in found.pairs] == [0, 0, 0]
        assert found.pairs[0].trained > found.pairs[1].trained
        assert (found.vocabulary, found.dim) == (11, 3)

    def test_the_rows_say_the_same(self, royal):
        words = ["king", "queen", "國王"]
        dense = one_hot_rows(royal, words).to_dense()
        assert dense.shape == (3, len(royal))
        assert all(cosine(a, b) == 0 for a, b in combinations(dense, 2))
        assert [royal.words[row.argmax()] for row in dense] == words

    def test_sizes(self):
        vectors = WordVectors(tuple(map(str, range(1000))), np.ones((1000, 50), np.float32))
        found = compare_with_one_hot(vectors, ["1", "2"])
        assert (found.one_hot_bytes, found.trained_bytes) == (4_000_000, 200_000)
        assert found.sparse_bytes < found.trained_bytes
