"""The training itself: it learns, it stops, it goes on, and the same seed gives the same."""

from dataclasses import replace

import numpy as np
import pytest

from firth.encoders.heads import picture_vectors
from firth.errors import DimensionError, InputError
from firth.training import Settings, fit
from firth.training.adamw import AdamW
from firth.training.batches import batches, masks
from firth.training.examples import Examples, numbered, split_by_concept
from firth.training.fitting import Fitting
from firth.training.layers import exported
from firth.training.recall import gap, mean_recall, recalls
from firth.training.start import frame_of, in_frame, ridge_start

from .conftest import made

SMALL = Settings(epochs=4, batch=32, hidden=8)


def recall_of(examples, arrays):
    fitting = Fitting(examples, SMALL, frame_of(examples), AdamW({}, decay=0))
    return mean_recall(recalls(examples, *fitting.vectors(arrays)))


@pytest.mark.parametrize("loss", ["infonce", "sigmoid"])
@pytest.mark.parametrize("mode", ["head", "adapter"])
def test_it_learns_what_it_was_not_shown(world, loss, mode):
    arrays = fit(world, replace(SMALL, loss=loss, mode=mode, epochs=12))
    blind = mean_recall(recalls(world, np.asarray(world.names[:, 0]), world.captions))
    assert recall_of(world, arrays) > 3 * blind
    assert ("text.w" in arrays) == (mode == "adapter")


def test_the_loss_falls(world):
    seen = []
    fit(world, replace(SMALL, epochs=8, patience=99, drop=0.0, rate=2e-3), listener=seen.append)
    assert [epoch.number for epoch in seen] == list(range(1, 9))
    assert seen[-1].loss < seen[0].loss


def test_the_same_seed_gives_the_same(world):
    one, same, other = (fit(world, replace(SMALL, seed=seed)) for seed in (3, 3, 4))
    assert all(one[name].tobytes() == same[name].tobytes() for name in one)
    assert any(one[name].tobytes() != other[name].tobytes() for name in one)


@pytest.mark.parametrize("stop_after", [1, 3])
def test_stopped_and_gone_on_is_as_never_stopped(world, stop_after):
    settings = replace(SMALL, epochs=5, mode="adapter", patience=99)
    whole = Fitting.begin(world, settings)
    first, second = Fitting.begin(world, settings), Fitting.begin(world, settings)
    for _ in range(stop_after):
        first.step_epoch()
    second.restore({name: array.copy() for name, array in first.state().items()})
    for fitting in (whole, second):
        while not fitting.over:
            fitting.step_epoch()
    assert whole.best_epoch == second.best_epoch
    for name, array in whole.result().items():
        assert array.tobytes() == second.result()[name].tobytes(), name


def test_it_stops_when_nothing_gets_better(world):
    fitting = Fitting.begin(world, replace(SMALL, epochs=1000, patience=2, rate=0.5))
    while not fitting.over:
        fitting.step_epoch()
    assert fitting.epoch == fitting.best_epoch + 2
    assert fitting.best_recall >= mean_recall(recalls(world, *fitting.vectors(fitting.result()))) - 0.002


def test_without_epochs_it_is_the_ridge(world):
    arrays = fit(world, replace(SMALL, epochs=0, hidden=0))
    frame = frame_of(world)
    expected = exported(ridge_start(world, frame), frame, arrays["shift"])
    for name in expected:
        np.testing.assert_allclose(arrays[name], expected[name], atol=1e-6)


def test_the_ridge_by_scikit_s_formula(world):
    """What finds most was found by solving the normal equations in the ordinary way."""
    frame = frame_of(world)
    start = ridge_start(world, frame)
    z = np.concatenate([frame.standardized(world.features[world.trained, v]) for v in range(3)])
    goal = np.stack([world.captions[world.captions_of[p]].mean(0) for p in world.trained])
    goal = np.tile((goal - frame.origin) / frame.spread, (3, 1))
    solutions = [
        np.linalg.solve(z.T @ z + ridge * len(z) * np.eye(z.shape[1]), z.T @ goal)
        for ridge in (0.1, 0.3, 1.0, 3.0, 10.0)
    ]
    assert min(np.abs(solution - start["w"]).max() for solution in solutions) < 1e-4


def test_the_shift_closes_the_gap_or_is_not_made(world):
    fitting = Fitting.begin(world, SMALL)
    arrays = fitting.result()
    pictures, captions = fitting.vectors(arrays)
    without, _ = fitting.vectors({**arrays, "shift": np.zeros_like(arrays["shift"])})
    own = captions[world.of_trained()]
    if arrays["shift"].any():
        assert gap(pictures[world.trained], own).distance < gap(without[world.trained], own).distance
    assert (
        mean_recall(recalls(world, pictures, captions))
        >= mean_recall(recalls(world, without, captions)) - 0.01
    )


class TestNegatives:
    """Who is whose negative."""

    @pytest.fixture
    def few(self):
        """Pictures 0 and 1 are one concept; a caption of 2 is equal to the second of 3."""
        whole = made(pictures=5, columns=("en",))
        captions = whole.captions[[0, 1, 2, 3, 4, 2]]
        owner, same = np.array([0, 1, 2, 3, 4, 3]), np.array([0, 1, 2, 3, 4, 2])
        concept, held = np.array([0, 0, 1, 2, 3]), np.array([False] * 4 + [True])
        column = np.zeros(6, np.int64)
        return replace(
            whole, captions=captions, owner=owner, same=same, concept=concept, held_out=held, column=column
        )

    def test_own_captions_are_positive(self, few):
        positive, _ = masks(few, np.array([2, 3]), np.array([2, 3, 5]))
        assert positive.tolist() == [[True, False, False], [False, True, True]]

    def test_of_one_concept_and_of_equal_captions_are_none(self, few):
        _, ignored = masks(few, np.array([0, 1, 2, 3]), np.array([0, 1, 2, 3]))
        expected = np.zeros((4, 4), bool)
        expected[0, 1] = expected[1, 0] = True  # one concept
        expected[3, 2] = (
            True  # the caption of 2 is one of picture 3's own, though that one is not in the batch
        )
        assert ignored.tolist() == expected.tolist()


def test_batches_hold_every_trained_picture_once(world):
    drawn = list(batches(world, replace(SMALL, captions=1), 1))
    assert sorted(np.concatenate([batch.pictures for batch in drawn])) == world.trained.tolist()
    assert all(batch.positive.sum(1).tolist() == [1] * len(batch.pictures) for batch in drawn)
    again = list(batches(world, replace(SMALL, captions=1), 2))
    assert drawn[0].pictures.tolist() != again[0].pictures.tolist()


def test_whole_concepts_are_held_out():
    concept = np.random.default_rng(0).integers(0, 50, 400)
    held = split_by_concept(concept, 0.2, seed=1)
    assert not set(concept[held]) & set(concept[~held])
    assert 0.15 < held.mean() < 0.3
    assert (held == split_by_concept(concept, 0.2, seed=1)).all()
    assert (held != split_by_concept(concept, 0.2, seed=2)).any()


@pytest.mark.parametrize("share", [0, 1, -0.1, 2])
def test_a_share_is_a_share(share):
    with pytest.raises(InputError, match="between 0 and 1"):
        split_by_concept(np.arange(9), share, seed=0)


@pytest.mark.parametrize(
    "wrong",
    [{"mode": "heads"}, {"loss": "triplet"}, {"epochs": -1}, {"batch": 1}, {"drop": 1.0}, {"rate": 0}],
)
def test_settings_that_cannot_be_meant(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=name):
        Settings(**wrong)


def test_shapes_that_do_not_fit(world):
    with pytest.raises(DimensionError, match="owner has shape"):
        replace(world, owner=world.owner[:-1])
    with pytest.raises(InputError, match="0 held out"):
        replace(world, held_out=np.zeros(len(world.concept), bool))


def test_recall_by_hand():
    """Three pictures in a row; the second caption finds its own second, but an equal one's picture first."""
    pictures = np.eye(3, dtype=np.float32)
    captions = np.array([[0.9, 0.1, 0], [0.6, 0.5, 0], [0.6, 0.5, 0.1]], np.float32)
    whole = {"captions": captions, "owner": np.arange(3), "column": np.zeros(3, int), "columns": ["en"]}
    whole |= {"concept": np.arange(3), "held_out": np.ones(3, bool)}
    for same, first in ((numbered(["a", "b", "c"]), 1 / 3), (numbered(["a", "a", "c"]), 2 / 3)):
        examples = object.__new__(Examples)
        for name, value in {**whole, "same": same}.items():
            object.__setattr__(examples, name, value)
        found = recalls(examples, pictures, captions)
        assert [recall.among for recall in found] == ["held out", "all"]
        assert found[0].at_1 == pytest.approx(first)
        assert found[0].at_5 == 1


def test_the_gap_by_hand():
    apart = gap(np.array([[1.0, 0]] * 3), np.array([[0, 1.0]] * 3))
    assert (apart.distance, apart.told_apart) == (pytest.approx(2**0.5), 1)
    ring = np.random.default_rng(0).normal(size=(2000, 2))
    assert gap(ring[:1000], ring[1000:]).told_apart == pytest.approx(0.5, abs=0.05)


def test_decay_pulls_towards_the_start():
    arrays = {"w": np.ones((2, 2), np.float32), "b": np.ones(2, np.float32)}
    optimizer = AdamW(arrays, decay=1.0)
    arrays["w"] += 1
    optimizer.step({"w": np.zeros((2, 2), np.float32), "b": np.zeros(2, np.float32)}, rate=0.1)
    assert arrays["w"].tolist() == [[pytest.approx(1.9)] * 2] * 2
    assert arrays["b"].tolist() == [1, 1]


def test_adam_is_torch_s():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = {"b": rng.normal(size=5).astype(np.float32)}
    leaf = torch.tensor(arrays["b"].copy(), requires_grad=True)
    theirs = torch.optim.Adam([leaf], lr=0.01, betas=(0.9, 0.98), eps=1e-8)
    ours = AdamW(arrays, decay=0.0)
    for _ in range(20):
        gradient = rng.normal(size=5).astype(np.float32)
        leaf.grad = torch.tensor(gradient)
        theirs.step()
        ours.step({"b": gradient}, rate=0.01)
    np.testing.assert_allclose(arrays["b"], leaf.detach().numpy(), atol=1e-4)


def part(examples, low, high):
    """Some of the pictures, with their captions; the first 40 are to learn from."""
    own = (examples.owner >= low) & (examples.owner < high)
    names = ("captions", "column", "same")
    return Examples(
        **{name: getattr(examples, name)[own] for name in names},
        **{name: getattr(examples, name)[low:high] for name in ("features", "names", "concept")},
        owner=examples.owner[own] - low,
        columns=examples.columns,
        held_out=np.arange(high - low) >= 40,
    )


@pytest.fixture(scope="module")
def whole():
    return made(pictures=900)


@pytest.fixture(scope="module")
def elsewhere(whole):
    """A head that learned from the first 600 pictures."""
    return fit(replace(whole, held_out=np.arange(900) >= 600), SMALL)


def test_in_another_frame_a_head_does_the_same(world, elsewhere):
    frame = frame_of(world)
    plain = {**elsewhere, "shift": np.zeros_like(elsewhere["shift"])}
    again = exported(in_frame(elsewhere, frame), frame, plain["shift"])
    features, names = world.features[:, 0], np.asarray(world.names[:, 0])
    np.testing.assert_allclose(
        picture_vectors(again, features, names), picture_vectors(plain, features, names), atol=1e-4
    )


def test_gone_on_from_another_head_few_pictures_are_enough(whole, elsewhere):
    few = part(whole, 600, 900)
    alone, gone_on = (fit(few, replace(SMALL, epochs=0), before=before) for before in (None, elsewhere))
    assert recall_of(few, gone_on) > recall_of(few, alone)
