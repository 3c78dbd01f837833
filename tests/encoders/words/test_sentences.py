"""``words:DIR`` is an encoder like any other, and says what its words say."""

from __future__ import annotations

import numpy as np
import pytest

from firth.encoders import encoder
from firth.encoders.words import WordVectors
from firth.encoders.words.sentences import A, WordsEncoder
from firth.errors import InputError, UnreadableError

WORDS = ("the", "cat", "dog", "car", "貓")
ROWS = np.array([[1, 1, 1], [0, 1, 0], [0.1, 1, 0], [0, 0, 1], [0, 1, 0.1]], np.float32)
COUNTS = np.array([1000, 10, 10, 10, 10])


@pytest.fixture
def folder(tmp_path):
    WordVectors(WORDS, ROWS, counts=COUNTS).save(tmp_path / "mine")
    return tmp_path / "mine"


def test_it_is_loaded_by_name(folder):
    made = encoder(f"words:{folder}")
    assert made.name == f"words:{folder}" and made.dim == 3 and made.modalities == {"text"}
    assert made.stamp == WordsEncoder(folder).stamp


def test_a_sentence_is_the_weighted_mean_without_the_common_direction(folder):
    made = WordsEncoder(folder)
    share = COUNTS / COUNTS.sum()
    weighted = ROWS * (A / (A + share))[:, None]
    common = share @ weighted
    common /= np.linalg.norm(common)
    mean = (weighted[0] + weighted[1]) / 2
    expected = mean - (mean @ common) * common
    np.testing.assert_allclose(made.encode(["The cat?"])[0], expected / np.linalg.norm(expected), rtol=1e-4)


def test_what_means_the_same_is_near(folder):
    cat, dog, mao, car = WordsEncoder(folder).encode(["the cat", "the dog", "貓", "the car"])
    assert cat @ dog > cat @ car and cat @ mao > mao @ car


def test_a_text_without_a_known_word_has_no_direction(folder):
    assert not WordsEncoder(folder).encode(["zebra", ""]).any()


def test_other_vectors_have_another_fingerprint(folder):
    assert (
        WordsEncoder(folder).fingerprint != WordsEncoder(WordVectors(WORDS, ROWS * 2), name="x").fingerprint
    )


def test_it_says_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="words:DIR"):
        encoder("words")
    with pytest.raises(UnreadableError, match="firth words train"):
        encoder(f"words:{tmp_path / 'nothing'}")
