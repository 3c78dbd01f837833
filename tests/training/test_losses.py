"""The losses against their formulas, torch's autograd, and finite differences."""

import numpy as np
import pytest

from firth.training.losses import LOSSES, info_nce, sigmoid_loss

CASES = ["one caption each", "several", "some left out"]


def batch(case, seed=0):
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(5), 2 if case != "one caption each" else 1)
    positive = np.arange(5)[:, None] == owner[None]
    ignored = np.zeros_like(positive)
    if case == "some left out":
        ignored = (rng.random(positive.shape) < 0.3) & ~positive
    return rng.uniform(-1, 1, positive.shape), positive, ignored


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", LOSSES)
def test_gradients_by_finite_differences(name, case):
    scores, positive, ignored = batch(case)
    point = {"log_scale": 1.2, "bias": -0.7}

    def value(scores, **at):
        return LOSSES[name](scores, positive, ignored, **{**point, **at}).value

    found, step = LOSSES[name](scores, positive, ignored, **point), 1e-5
    for place in np.ndindex(scores.shape):
        nudge = np.zeros_like(scores)
        nudge[place] = step
        slope = (value(scores + nudge) - value(scores - nudge)) / (2 * step)
        assert found.scores[place] == pytest.approx(slope, abs=1e-6)
    for key in point:
        slope = (value(scores, **{key: point[key] + step}) - value(scores, **{key: point[key] - step})) / (
            2 * step
        )
        assert getattr(found, key) == pytest.approx(slope, abs=1e-6)


def test_info_nce_is_clip_s_loss():
    """With one caption a picture: the mean of two cross entropies, as torch computes them."""
    torch = pytest.importorskip("torch")
    scores, positive, ignored = batch("one caption each")
    given = torch.tensor(scores, requires_grad=True)
    scale = torch.tensor(2.3, requires_grad=True, dtype=torch.float64)
    logits, labels = scale.exp() * given, torch.arange(5)
    entropy = torch.nn.functional.cross_entropy
    loss = (entropy(logits, labels) + entropy(logits.T, labels)) / 2
    loss.backward()
    found = info_nce(scores, positive, ignored, log_scale=2.3)
    assert found.value == pytest.approx(loss.item())
    np.testing.assert_allclose(found.scores, given.grad.numpy(), atol=1e-6)
    assert found.log_scale == pytest.approx(scale.grad.item())


@pytest.mark.parametrize("case", CASES)
def test_sigmoid_is_siglip_s_loss(case):
    torch = pytest.importorskip("torch")
    scores, positive, ignored = batch(case)
    given = torch.tensor(scores, requires_grad=True)
    sign = torch.tensor(np.where(positive, 1.0, -1.0))
    each = torch.nn.functional.logsigmoid(sign * (np.exp(2.3) * given - 4)) * torch.tensor(~ignored)
    loss = -each.sum() / 5
    loss.backward()
    found = sigmoid_loss(scores, positive, ignored, log_scale=2.3, bias=-4)
    assert found.value == pytest.approx(loss.item())
    np.testing.assert_allclose(found.scores, given.grad.numpy(), atol=1e-6)


def test_several_positives_by_hand():
    """Each positive stands alone against the negatives: the picture's other captions are not among them."""
    scores = np.array([[0.9, 0.5, 0.1]])
    found = info_nce(scores, np.array([[True, True, False]]), np.zeros((1, 3), bool), log_scale=0.0)
    negative = np.exp(0.1)
    to_captions = np.mean([-np.log(np.exp(s) / (np.exp(s) + negative)) for s in (0.9, 0.5)])
    assert found.value == pytest.approx(to_captions / 2)  # the way back has no negatives, and so no loss


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_left_out_has_no_pull(name):
    scores, positive, ignored = batch("some left out")
    found = LOSSES[name](scores, positive, ignored, log_scale=1.0, bias=0.0)
    assert ignored.any()
    assert not found.scores[ignored].any()
    other = np.where(ignored, 0.99, scores)
    assert LOSSES[name](other, positive, ignored, log_scale=1.0, bias=0.0).value == pytest.approx(found.value)


def test_large_scales_do_not_overflow():
    scores, positive, ignored = batch("several")
    for name in LOSSES:
        found = LOSSES[name](np.sign(scores), positive, ignored, log_scale=np.log(200.0), bias=-10.0)
        assert np.isfinite(found.value)
        assert np.isfinite(found.scores).all()
