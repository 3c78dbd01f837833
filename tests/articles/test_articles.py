"""The examples of the articles that firth comes from, as far as this version goes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import firth
from firth.encoders import encoder
from firth.encoders.one_hot import OneHot


class TestDirections:
    @pytest.mark.parametrize(
        ("a", "b", "value"), [([1, 2], [2, 4], 1), ([1, 2], [-2, 1], 0), ([1, 2], [-1, -2], -1)]
    )
    def test_the_same_orthogonal_opposite(self, a, b, value):
        assert firth.cosine(a, b) == pytest.approx(value)

    def test_through_a_collection(self, empty):
        empty.add(np.array([[2.0, 4], [-2, 1], [-1, -2]]), ids=["same", "orthogonal", "opposite"])
        hits = empty.search(positive=[[1.0, 2.0]], mode="vector")
        assert hits.ids == ["same", "orthogonal", "opposite"]
        assert [hit.score for hit in hits] == pytest.approx([1, 0, -1], abs=1e-6)

    def test_distance_minds_the_length(self):
        assert firth.euclidean([0, 0], [3, 4]) == 5
        assert firth.cosine([1, 1], [5, 5]) == pytest.approx(1)
        assert firth.euclidean([1, 1], [5, 5]) > 5


class TestOneHot:
    def test_two_words_are_two_dimensions(self):
        vectors = OneHot().fit(["apple orange"]).encode(["apple", "orange"])
        assert sorted(vectors.tolist()) == [[0, 1], [1, 0]]

    def test_and_orthogonal_however_alike(self):
        words = ["apple", "orange", "justice", "學校"]
        one_hot = OneHot().fit(words)
        for a, b in combinations(one_hot.encode(words[:3]), 2):
            assert firth.cosine(a, b) == 0

    def test_where_an_encoder_knows_better(self):
        apple, orange, justice = encoder("use").encode(["apple", "orange", "justice"])
        assert firth.cosine(apple, orange) > firth.cosine(apple, justice)


ANIMAL = [
    "A bat flew out of the cave at dusk.",
    "The bat is a mammal that hangs upside down and eats insects.",
]
CLUB = ["He swung the bat and hit the ball.", "The baseball player broke his wooden bat in the game."]


def test_a_bat_is_no_bat():
    """The vector of a word in its context: nearer to the same sense than to the other."""
    tokens = encoder("e5-small").encode_tokens([*ANIMAL, *CLUB])
    starts = [sentence.index("bat") for sentence in (*ANIMAL, *CLUB)]
    a, b, x, y = (found.pool(start, start + 3) for found, start in zip(tokens, starts, strict=True))
    across = [firth.cosine(animal, club) for animal in (a, b) for club in (x, y)]
    assert min(firth.cosine(a, b), firth.cosine(x, y)) > max(across)


def test_apples_and_oranges(empty):
    """He grew _ in his garden: what fits the place is near each other, whatever the words share."""
    empty.add(["He grew apples in his garden.", "他在花園裡種橘子。", "He grew angry in his office."])
    hits = empty.search("He grew oranges in his garden.", mode="vector")
    assert hits[-1].text == "He grew angry in his office."


class TestTheLibrarian:
    """Books are alike though their titles are not."""

    @pytest.mark.parametrize(
        ("book", "like"),
        [("The Fellowship of the Ring", "The Hobbit"), ("The Hunger Games", "Divergent")],
    )
    def test_similar(self, sample, book, like):
        books = sample.items(where="collection = 'book'")
        own = next(record["id"] for record in books if record["text"].startswith(book))
        found = sample.similar(own, k=3, where="collection = 'book'")
        assert any(hit.text.startswith(like) for hit in found)

    def test_a_reader_asks_in_chinese(self, sample):
        hits = sample.search("哈利波特與魔法石", mode="vector", where={"collection": "book"}, k=5)
        assert any("Harry Potter" in hit.text for hit in hits)
