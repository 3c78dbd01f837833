"""The head's and the adapter's gradients, against torch and finite differences; what is kept does the same."""

import numpy as np
import pytest

from firth.encoders.heads import adapted_texts, picture_vectors
from firth.similarity import normalize
from firth.training.layers import (
    Frame,
    adapter_backward,
    adapter_forward,
    exported,
    head_backward,
    head_forward,
)

WIDE, D, HIDDEN, B = 12, 5, 7, 4


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    return Frame(rng.normal(size=WIDE), rng.uniform(1, 2, WIDE), rng.normal(size=D), 0.3)


@pytest.fixture
def arrays():
    rng = np.random.default_rng(2)
    shapes = {"w": (WIDE, D), "b": (D,), "names": (1,), "hidden.w": (WIDE, HIDDEN), "hidden.b": (HIDDEN,)}
    shapes |= {"hidden.out": (HIDDEN, D), "text.w": (D, D), "text.b": (D,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@pytest.fixture
def inputs():
    rng = np.random.default_rng(3)
    names, texts = rng.normal(size=(2, B, D))
    return {"z": rng.normal(size=(B, WIDE)), "names": names, "texts": texts, "goal": rng.normal(size=(B, D))}


def value(arrays, frame, inputs, side):
    """A linear function of the vectors, so that its gradient by them is `goal`."""
    if side == "head":
        done = head_forward(arrays, frame, inputs["z"], inputs["names"])
    else:
        done = adapter_forward(arrays, frame, inputs["texts"])
    return (done.vectors * inputs["goal"]).sum(), done


@pytest.mark.parametrize("side", ["head", "adapter"])
def test_gradients_by_finite_differences(arrays, frame, inputs, side):
    _, done = value(arrays, frame, inputs, side)
    backward = head_backward if side == "head" else adapter_backward
    gradients = backward(arrays, frame, done, inputs["goal"])
    assert set(gradients) == {name for name in arrays if name.startswith("text.") == (side == "adapter")}
    for name, gradient in gradients.items():
        assert gradient.shape == arrays[name].shape
        for place in np.ndindex(gradient.shape):
            values = []
            for step in (1e-6, -1e-6):
                nudged = {key: array.copy() for key, array in arrays.items()}
                nudged[name][place] += step
                values.append(value(nudged, frame, inputs, side)[0])
            assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-6, abs=1e-5), (name, place)


def test_gradients_by_torch(arrays, frame, inputs):
    torch = pytest.importorskip("torch")
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    z, names, texts, goal = (torch.tensor(inputs[key]) for key in ("z", "names", "texts", "goal"))
    hidden = torch.relu(z @ leaves["hidden.w"] + leaves["hidden.b"])
    moved = z @ leaves["w"] + leaves["b"] + hidden @ leaves["hidden.out"]
    u = torch.tensor(frame.origin) + frame.spread * moved + leaves["names"] * names
    t = texts + (texts - torch.tensor(frame.origin)) @ leaves["text.w"] + frame.spread * leaves["text.b"]
    unit = torch.nn.functional.normalize
    ((unit(u, dim=-1) * goal).sum() + (unit(t, dim=-1) * goal).sum()).backward()
    head, adapter = value(arrays, frame, inputs, "head")[1], value(arrays, frame, inputs, "adapter")[1]
    ours = head_backward(arrays, frame, head, inputs["goal"]) | adapter_backward(
        arrays, frame, adapter, inputs["goal"]
    )
    for name, leaf in leaves.items():
        np.testing.assert_allclose(ours[name], leaf.grad.numpy(), atol=1e-5, err_msg=name)


@pytest.mark.parametrize("left_out", [(), ("hidden.w", "hidden.b", "hidden.out"), ("text.w", "text.b")])
def test_what_is_kept_does_the_same(arrays, frame, inputs, left_out):
    arrays = {name: array for name, array in arrays.items() if name not in left_out}
    kept = exported(arrays, frame, np.zeros(D))
    features = inputs["z"] * frame.scale + frame.center
    np.testing.assert_allclose(
        picture_vectors(kept, features, inputs["names"]),
        value(arrays, frame, inputs, "head")[1].vectors,
        atol=1e-5,
    )
    texts = normalize(inputs["texts"])
    learned = adapter_forward(arrays, frame, texts).vectors
    same = adapted_texts(kept, texts) if "text.w" in kept else texts
    np.testing.assert_allclose(same, learned, atol=1e-5)


def test_an_adapter_begins_as_the_identity(frame, inputs):
    arrays = {"text.w": np.zeros((D, D)), "text.b": np.zeros(D)}
    texts = normalize(inputs["texts"])
    np.testing.assert_allclose(adapter_forward(arrays, frame, texts).vectors, texts, atol=1e-6)
