"""The memory: what was kept is found again, by its concept, and strangers say nothing."""

import numpy as np
import pytest

from firth.encoders.memory import Memory
from firth.similarity import normalize

CONCEPTS, EACH, DIM = 40, 6, 32


def drawn(rng, concepts, *, noise=0.5):
    """Features of pictures: each concept's own, and each picture's, which vary in a few directions most."""
    own = np.random.default_rng(1).gamma(0.3, 1, (CONCEPTS, 1280))
    manner = np.random.default_rng(2).gamma(0.3, 1, (5, 1280))
    return (own[concepts] + noise * rng.gamma(1, 1, (len(concepts), 5)) @ manner).astype(np.float32)


@pytest.fixture(scope="module")
def concept():
    return np.repeat(np.arange(CONCEPTS), EACH)


@pytest.fixture(scope="module")
def meanings():
    return normalize(np.random.default_rng(3).normal(size=(CONCEPTS, DIM)).astype(np.float32))


@pytest.fixture(scope="module")
def memory(concept, meanings):
    return Memory.of(drawn(np.random.default_rng(0), concept), concept, meanings, axes=DIM, width=64)


def test_another_picture_of_a_concept_gets_its_meaning(memory, meanings):
    asked = np.arange(CONCEPTS)
    found = memory.recall(drawn(np.random.default_rng(9), asked))
    assert ((found @ meanings.T).argmax(1) == asked).mean() > 0.9


def test_the_lens_looks_past_the_manner(concept, memory):
    """Of what varies within concepts, less is left than of what tells concepts apart."""
    plain = Memory.of(
        drawn(np.random.default_rng(0), concept),
        np.arange(len(concept)),  # nobody says which belong together
        normalize(np.eye(len(concept), DIM, dtype=np.float32) + 0.01),
        width=64,
    )

    def told(memory):
        kept = memory._kept
        near = np.argsort(-(kept @ kept.T), axis=1)[:, 1:EACH]
        return (concept[near] == concept[:, None]).mean()

    assert told(memory) > told(plain)


def test_it_is_read_as_it_was_written(memory):
    again = Memory.from_arrays(memory.arrays)
    features = drawn(np.random.default_rng(5), np.arange(CONCEPTS))
    np.testing.assert_allclose(again.recall(features), memory.recall(features), atol=2e-2)
    assert memory.arrays["levels"].shape == (CONCEPTS * EACH, 32)
    assert memory.arrays["levels"].dtype == np.uint8


def test_strangers_say_nothing(memory):
    stranger = np.zeros((1, 1280), np.float32)
    stranger[0, np.random.default_rng(4).choice(1280, 3)] = 1
    friend = drawn(np.random.default_rng(0), np.array([3]))
    lengths = np.linalg.norm(memory.recall(np.concatenate([stranger, friend])), axis=1)
    assert lengths[0] < lengths[1] / 3


def test_fewer_pictures_than_neighbours(meanings):
    few = Memory.of(drawn(np.random.default_rng(0), np.arange(4)), np.arange(4), meanings[:4], width=4)
    assert few.recall(drawn(np.random.default_rng(0), np.arange(4))).shape == (4, DIM)
