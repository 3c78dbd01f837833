"""Near duplicates are all of them, and no others."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest

import firth
from firth.errors import InputError, UnknownNameError
from firth.search.duplicates import duplicates


def brute_force(collection, name, threshold, keep=lambda id: True):
    ids, vectors = collection.vectors(name)
    chosen = [i for i, id in enumerate(ids) if keep(id)]
    scores = {i: firth.cosine(vectors[i], vectors) for i in chosen}
    pairs = combinations(chosen, 2)
    return {tuple(sorted((ids[i], ids[j]))): scores[i][j] for i, j in pairs if scores[i][j] >= threshold}


@pytest.mark.parametrize(("vector", "threshold"), [("look", 0.7), ("meaning", 0.8)])
def test_all_pairs_of_a_vector(sample, vector, threshold):
    expected = brute_force(sample, vector, threshold)
    pairs = sample.duplicates(vector=vector, threshold=threshold)
    assert len(expected) >= 5
    assert {(pair.id, pair.other): pytest.approx(pair.score, abs=1e-5) for pair in pairs} == expected
    assert [pair.score for pair in pairs] == sorted((pair.score for pair in pairs), reverse=True)


def test_pictures_by_look_and_the_rest_by_meaning(sample):
    pictures = {record["id"] for record in sample.items(where={"kind": "image"})}
    expected = brute_force(sample, "look", 0.75)
    expected |= brute_force(sample, "meaning", 0.75, lambda id: id not in pictures)
    found = {(pair.id, pair.other) for pair in sample.duplicates(threshold=0.75)}
    assert found == set(expected)


@pytest.mark.parametrize("block", [1, 7, 1024])
def test_blocks_make_no_difference(sample, monkeypatch, block):
    monkeypatch.setattr(sys.modules[duplicates.__module__], "BLOCK", block)
    pairs = duplicates(sample._corpus(), threshold=0.7, vector="look", where={"collection": "clipart"})
    assert pairs == sorted(pairs, key=lambda pair: (-pair.score, pair.id))
    expected = brute_force(sample, "look", 0.7, lambda id: id.startswith("clipart"))
    assert {(pair.id, pair.other) for pair in pairs} == set(expected)


def test_the_same_text_twice(empty):
    empty.add(["蘋果是水果", "Trains leave at noon.", "蘋果是水果 ", "苹果是水果"], ids=["a", "b", "c", "d"])
    (pair,) = empty.duplicates()
    assert (pair.id, pair.other) == ("a", "c")
    assert pair.score > 0.97
    assert {("a", "d"), ("c", "d")} <= {(p.id, p.other) for p in empty.duplicates(threshold=0.8)}


def test_own_vectors_and_nothing(empty):
    assert empty.duplicates() == []
    empty.add(np.array([[1.0, 0], [2.0, 0], [0, 1], [0, 0]]))
    assert [(pair.id, pair.other) for pair in empty.duplicates()] == [("0", "1")]


def test_with_a_filter(sample):
    for pair in sample.duplicates(threshold=0.75, where={"collection": "clipart"}):
        assert pair.id.startswith("clipart")
        assert pair.other.startswith("clipart")


@pytest.mark.parametrize("threshold", [1.1, -2])
def test_no_cosine(sample, threshold):
    with pytest.raises(InputError, match="-1 to 1"):
        sample.duplicates(threshold=threshold)


def test_no_such_vector(sample):
    with pytest.raises(UnknownNameError, match="'behaviour'"):
        sample.duplicates(vector="behaviour")
