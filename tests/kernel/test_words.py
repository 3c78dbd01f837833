"""The kernel of word vectors takes the steps that the loss says, on every instruction set, inside its arrays."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from firth import kernel
from firth.training.skipgram.loss import slopes
from firth.training.skipgram.rows import Rows
from firth.training.skipgram.settings import Settings
from firth.training.skipgram.steps import Kernel
from firth.training.skipgram.vocabulary import Noise, Vocabulary

pytestmark = pytest.mark.skipif("_words" in kernel.missing(), reason="the kernel was not built here")
RATE = 0.1


def setting(n=3, **changes):
    settings = Settings(**{"size": 20, "window": 1, "negative": 1, "sample": 0, "fresh": 1} | changes)
    vocabulary = Vocabulary(tuple(map(str, range(n))), np.full(n, 10), n, 0)
    rows = Rows.begin(vocabulary.words, settings)
    rows.outputs[:, : settings.size] = np.random.default_rng(1).normal(size=(n, settings.size)) / 4
    return rows, vocabulary, settings


def learner(rows, vocabulary, settings, *, weights=None, widest=512):
    """A kernel whose negatives are drawn by `weights`."""
    if weights is not None:
        vocabulary = type("Fixed", (Vocabulary,), {"noise": lambda *_: Noise.of(np.array(weights, float))})(
            vocabulary.words, vocabulary.counts, 0, 0
        )
    return Kernel(rows, vocabulary, settings, widest=widest)


def step(inputs, outputs, word, target, negative):
    """What the twin says of one step: both matrices move by the gradient at one place."""
    pair = [target, negative]
    labels = np.array([[1, 0]], np.float32)
    by = slopes(inputs[word][None], outputs[pair][None], labels)
    inputs[word] -= RATE * by.inputs[0]
    outputs[pair] -= RATE * by.outputs[0]


@pytest.mark.parametrize("widest", [512, 256, 0])
@pytest.mark.parametrize("size", [1, 16, 20, 100])
def test_two_steps_of_skipgram_are_those_of_the_loss(widest, size):
    rows, vocabulary, settings = setting(size=size)
    inputs, outputs = rows.inputs.copy(), rows.outputs.copy()
    learn = learner(rows, vocabulary, settings, weights=[0, 0, 1], widest=widest)
    learned = learn(np.array([0, 1, -1], np.int32), RATE, np.array([7], np.uint64))
    step(inputs, outputs, 1, 0, 2)
    step(inputs, outputs, 0, 1, 2)
    assert learned.words == 2
    np.testing.assert_allclose(rows.inputs, inputs, atol=1e-6)
    np.testing.assert_allclose(rows.outputs, outputs, atol=1e-6)
    assert not rows.inputs[:, size:].any()


def test_a_step_of_cbow_moves_each_neighbour_as_their_mean():
    rows, vocabulary, settings = setting(n=4, model="cbow")
    before, outputs = rows.inputs.copy(), rows.outputs.copy()
    mean = (before[0] + before[2])[None] / 2
    learn = learner(rows, vocabulary, settings, weights=[0, 0, 0, 1])
    # the step of the middle word is the second, and the first moves none of its rows but the negative's
    learn(np.array([0, 1, 2, -1], np.int32), RATE, np.array([7], np.uint64))
    by = slopes(mean, outputs[[1, 3]][None], np.array([[1, 0]], np.float32))
    np.testing.assert_allclose(rows.outputs[1] - outputs[1], -RATE * by.outputs[0, 0], atol=1e-6)


def test_every_instruction_set_learns_the_same():
    text = np.random.default_rng(0).integers(-1, 50, 3000).astype(np.int32)
    found = []
    for widest in (512, 256, 0):
        rows, vocabulary, settings = setting(n=50, window=5, negative=9)
        learner(rows, vocabulary, settings, widest=widest)(text, 0.025, np.array([3], np.uint64))
        found.append(rows)
    for other in found[1:]:
        np.testing.assert_allclose(found[0].inputs, other.inputs, atol=1e-3)
        np.testing.assert_allclose(found[0].outputs, other.outputs, atol=1e-3)


@pytest.mark.parametrize("fresh", [0, 1, 5])
def test_negatives_come_as_often_as_their_share(fresh):
    """All inputs are one vector and all outputs zeros, so an output moves by how often it was drawn."""
    rows, vocabulary, settings = setting(n=12, negative=5, fresh=max(fresh, 1))
    rows.inputs[:, :20] = 1e-3
    rows.outputs[:] = 0
    weights = np.arange(12)
    learn, chance = learner(rows, vocabulary, settings, weights=weights), np.array([5], np.uint64)
    text = np.tile(np.array([0, 1], np.int32), 20_000)
    learn(text, 1e-4, chance)
    drawn = -rows.outputs[2:, 0]
    np.testing.assert_allclose(drawn / drawn.sum(), weights[2:] / weights[2:].sum(), rtol=0.05)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("tokens", np.zeros(4, np.int64)),
        ("outputs", np.zeros(16, np.float32)),
        ("alias", np.array([0, 1, 99], np.int32)),
        ("alias", np.array([0, 1, -1], np.int32)),
        ("accept", np.zeros(2, np.uint32)),
        ("starts", np.array([0, 1, 2], np.int64)),
        ("starts", np.array([0, 1, 2, 9], np.int64)),
        ("starts", np.array([0, 5, 2, 2], np.int64)),
        ("random", np.zeros(2, np.uint64)),
        ("width", 30),
        ("window", 0),
        ("negative", 0),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, wrong):
    given = {
        "tokens": np.array([0, 1, -1], np.int32),
        "inputs": np.zeros((3, 32), np.float32),
        "outputs": np.zeros((3, 32), np.float32),
        "keep": np.zeros(3, np.uint32),
        "accept": np.zeros(3, np.uint32),
        "alias": np.zeros(3, np.int32),
        "starts": np.empty(0, np.int64),
        "pieces": np.zeros(2, np.int32),
        "random": np.zeros(1, np.uint64),
        "width": 32,
        "window": 5,
        "negative": 5,
        "fresh": 1,
        "cbow": 0,
        "rate": 0.1,
        "widest": 512,
    }
    train = importlib.import_module("firth.kernel._words").train
    assert train(*given.values())[0] == 2
    with pytest.raises(ValueError, match=r"do not fit|items of"):
        train(*(given | {name: wrong}).values())


def test_words_outside_the_vocabulary_are_passed_over():
    rows, vocabulary, settings = setting()
    text = np.array([0, 99, 1, -5, 2, 1], np.int32)
    assert learner(rows, vocabulary, settings)(text, 0.1, np.array([1], np.uint64)).words == 4
