"""The gradient is that of the loss."""

from __future__ import annotations

import numpy as np
import pytest

from firth.training.skipgram.loss import log_sigmoid, loss, sigmoid, slopes


@pytest.mark.parametrize("shared", [True, False])
def test_the_slopes_are_those_of_the_loss(shared):
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(3, 5)), (rng.random((3, 4)) < 0.4).astype(float)
    outputs, weights = rng.normal(size=(4, 5) if shared else (3, 4, 5)), rng.random((3, 4))
    by = slopes(inputs, outputs, labels, weights)
    for array, slope in ((inputs, by.inputs), (outputs, by.outputs)):
        for place in np.ndindex(array.shape):
            values = []
            for step in (1e-6, -1e-6):
                array[place] += step
                values.append(loss(inputs, outputs, labels, weights))
                array[place] -= step
            assert (values[0] - values[1]) / 2e-6 == pytest.approx(slope[place], abs=1e-5)


def test_large_numbers_do_not_overflow():
    x = np.array([-1000, 0, 1000], np.float32)
    np.testing.assert_allclose(sigmoid(x), [0, 0.5, 1])
    np.testing.assert_allclose(log_sigmoid(x), [-1000, -np.log(2), 0], rtol=1e-6)
