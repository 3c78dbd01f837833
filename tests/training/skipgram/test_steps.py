"""The kernel and numpy learn the same from the same text: as low a loss on text that neither saw."""

from __future__ import annotations

import numpy as np
import pytest
from tests.training.skipgram.conftest import sentences

from firth.encoders.words.tokens import Tokens
from firth.kernel import missing
from firth.training.skipgram.fitting import Fitting
from firth.training.skipgram.loss import loss
from firth.training.skipgram.rows import Rows
from firth.training.skipgram.settings import Settings
from firth.training.skipgram.spool import Spool
from firth.training.skipgram.steps import pairs, steps
from firth.training.skipgram.vocabulary import trim

KERNELS = [False, *([True] if "_words" not in missing() else [])]


def trained(tmp_path, texts, *, kernel, **changes):
    settings = Settings(
        **{"size": 16, "window": 3, "epochs": 4, "min_count": 1, "threads": 1, "sample": 0.05} | changes
    )
    spool, counted = Spool.write(tmp_path / f"{kernel}", texts, Tokens(), lambda _: None)
    spool, vocabulary = trim(spool, counted, tmp_path / f"{kernel}-kept", min_count=1, most=10**6)
    rows = Rows.begin(vocabulary.words, settings)
    fitting = Fitting(
        rows, spool, steps(rows, vocabulary, settings, kernel=kernel), settings, total=vocabulary.total
    )
    while not fitting.over:
        fitting.run_epoch(lambda _: None)
    return rows, vocabulary, fitting


def held_out_loss(rows, vocabulary, settings=None):
    """The mean loss of skip-gram on other sentences, with the same negatives for all."""
    index = {word: i for i, word in enumerate(vocabulary.words)}
    tokens = [
        [index[word] for word in Tokens()(text) if word in index] + [-1] for text in sentences(300, seed=9)
    ]
    ids = np.array([i for text in tokens for i in text], np.int32)
    rng = np.random.default_rng(0)
    centres, others = pairs(ids, 3, rng)
    n, d = len(vocabulary.words), 16
    vectors, outputs = rows.vectors(n, d), rows.outputs[:, :d]
    negatives = vocabulary.noise(0.75).draw(rng, (len(centres), 5))
    there = loss(vectors[ids[others]], outputs[ids[centres]][:, None], np.ones((len(centres), 1), np.float32))
    drawn = loss(vectors[ids[others]], outputs[negatives], np.zeros((len(centres), 5), np.float32))
    return (there + drawn) / len(centres)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("changes", [{}, {"model": "cbow", "epochs": 20}, {"subwords": True, "buckets": 500}])
def test_words_used_alike_come_to_lie_together(tmp_path, language, kernel, changes):
    rows, vocabulary, fitting = trained(tmp_path, language, kernel=kernel, **changes)
    vectors = rows.vectors(len(vocabulary.words), 16)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    word = {name: vectors[vocabulary.words.index(name)] for name in ("cat", "horse", "apple", "plum")}
    alike = min(word["cat"] @ word["horse"], word["apple"] @ word["plum"])
    assert alike > max(word["cat"] @ word["apple"], word["horse"] @ word["plum"]) + 0.2
    assert fitting.losses[-1] < fitting.losses[0]


@pytest.mark.skipif(len(KERNELS) < 2, reason="the kernel was not built here")
def test_the_kernel_agrees_with_its_twin(tmp_path, language):
    found = {}
    for kernel in KERNELS:
        losses = []
        for seed in range(2):
            rows, vocabulary, _ = trained(tmp_path, language, kernel=kernel, seed=seed)
            losses.append(held_out_loss(rows, vocabulary))
        found[kernel] = np.mean(losses)
    assert found[True] == pytest.approx(found[False], rel=0.02)


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_thread_repeats_itself_and_a_seed_changes_it(tmp_path, language, kernel):
    first, again, other = (
        trained(tmp_path, language[:500], kernel=kernel, epochs=2, seed=seed)[0].inputs for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("kernel", KERNELS)
def test_several_threads_learn_as_well(tmp_path, language, kernel):
    one, many = (
        trained(
            tmp_path,
            language * 10 if kernel else language,
            kernel=kernel,
            epochs=1,
            threads=threads,
            rate=0.025,
        )
        for threads in (1, 3)
    )
    # with 22 words all threads write into the same rows all the time; a real vocabulary is a thousand times larger
    assert held_out_loss(*many[:2]) == pytest.approx(held_out_loss(*one[:2]), rel=0.06)


@pytest.mark.parametrize("kernel", KERNELS)
def test_an_interrupted_training_ends_where_it_would_have(tmp_path, language, kernel):
    """One thread, to the last bit."""

    def fitting():
        settings = Settings(size=16, epochs=3, min_count=1, threads=1)
        spool, counted = Spool.write(tmp_path / "t", language[:300], Tokens(), lambda _: None)
        spool, vocabulary = trim(spool, counted, tmp_path / "k", min_count=1, most=10**6)
        rows = Rows.begin(vocabulary.words, settings)
        return rows, Fitting(
            rows, spool, steps(rows, vocabulary, settings, kernel=kernel), settings, total=vocabulary.total
        )

    straight, whole = fitting()
    for _ in range(3):
        whole.run_epoch(lambda _: None)
    _, begun = fitting()
    begun.run_epoch(lambda _: None)
    kept = {name: np.array(value) for name, value in begun.state().items()}
    resumed, rest = fitting()
    rest.restore(kept)
    while not rest.over:
        rest.run_epoch(lambda _: None)
    np.testing.assert_array_equal(straight.inputs, resumed.inputs)
    assert rest.losses == whole.losses


def test_an_error_of_a_thread_is_not_swallowed(tmp_path, language):
    _, _, fitting = trained(tmp_path, language[:50], kernel=False, epochs=1)
    fitting._learn = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        fitting.run_epoch(lambda _: None)
