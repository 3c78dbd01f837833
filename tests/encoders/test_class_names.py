"""Words find pictures by the names of what is seen in them."""

import numpy as np
import pytest

from firth import sample
from firth.encoders import encoder
from firth.encoders.class_names import TEMPERATURE, TOP
from firth.encoders.lite0 import CLASSES, class_names
from firth.errors import InputError


@pytest.fixture(scope="module")
def by_names():
    return encoder("class-names:use")


@pytest.fixture(scope="module")
def pictures(by_names, picture_rows):
    return by_names.encode([sample.path() / row["image"] for row in picture_rows])


@pytest.mark.parametrize("language", ["name_en", "name_zh_hant", "name_zh_hans"])
def test_words_find_pictures_far_better_than_chance(by_names, pictures, picture_rows, language):
    """Recall@10 by the picture's own name. Chance is 10 of 199, .05; measured .34 en, .28 zh-Hant, .29 zh-Hans."""
    named = [i for i, row in enumerate(picture_rows) if row.get(language)]
    scores = by_names.encode_query([picture_rows[i][language] for i in named]) @ pictures.T
    own = scores[np.arange(len(named)), named]
    recall = ((scores > own[:, None]).sum(1) < 10).mean()
    chance = 10 / len(picture_rows)
    assert recall > 4 * chance


@pytest.mark.parametrize(
    ("query", "found"), [("a teapot", "emoji-1fad6"), ("茶壺", "emoji-1fad6"), ("penguin", "emoji-1f427")]
)
def test_what_it_knows_it_finds_first(by_names, pictures, picture_rows, query, found):
    best = np.argsort(-(pictures @ by_names.encode_query([query])[0]))[:3]
    assert found in [picture_rows[i]["id"] for i in best]


def test_texts_are_those_of_the_text_encoder(by_names, use):
    np.testing.assert_allclose(by_names.encode(["apple", "蘋果"]), use.encode(["apple", "蘋果"]), atol=2e-6)


def test_texts_and_pictures_may_be_mixed(by_names, pictures, picture_rows):
    path = sample.path() / picture_rows[0]["image"]
    mixed = by_names.encode(["apple", path, "banana", path.read_bytes()])
    np.testing.assert_allclose(mixed[[1, 3]], pictures[[0, 0]], atol=1e-5)
    np.testing.assert_allclose(mixed[[0, 2]], by_names.encode(["apple", "banana"]), atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(mixed, axis=1), 1, atol=1e-5)


def test_a_sure_picture_is_its_class_name(by_names, use):
    """With all the probability on one class the vector is the mean of that class's synonyms."""
    logits = np.full((1, CLASSES), -50, np.float32)
    logits[0, 849] = 50
    teapot = use.encode(class_names()[849].split(", ")).mean(0)
    assert by_names.from_logits(logits)[0] @ teapot / np.linalg.norm(teapot) == pytest.approx(1, abs=1e-5)


def test_the_mixture_by_hand(by_names, use):
    """ConSE's formula, written out: softmax over the likeliest classes, times the vectors of their names."""
    logits = np.random.default_rng(7).normal(size=(1, CLASSES)).astype(np.float32) * 3
    top = np.argsort(-logits[0])[:TOP]
    weights = np.exp(logits[0, top] / TEMPERATURE)
    weights /= weights.sum()
    mixture = np.zeros(use.dim)
    for place, weight in zip(top, weights, strict=True):
        mean = use.encode(class_names()[place].split(", ")).mean(0)
        mixture += weight * mean / np.linalg.norm(mean)
    expected = mixture / np.linalg.norm(mixture)
    np.testing.assert_allclose(by_names.from_logits(logits)[0], expected, atol=1e-5)


def test_progress_and_nothing(by_names, picture_rows):
    told = []
    inputs = ["apple", sample.path() / picture_rows[0]["image"], "pear"]
    by_names.encode(inputs, progress=told.append)
    assert sum(told) == 3
    assert by_names.encode([]).shape == (0, 512)


def test_one_text_is_not_read_letter_by_letter(by_names):
    with pytest.raises(InputError, match="got one str"):
        by_names.encode("apple")


def test_its_fingerprint_is_of_both_encoders(by_names, use, lite0):
    assert by_names.fingerprint not in (use.fingerprint, lite0.fingerprint)
    assert by_names.fingerprint == encoder("class-names:use").fingerprint
