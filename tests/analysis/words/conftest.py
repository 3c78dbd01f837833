"""Word vectors whose right answers are known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from firth.encoders.words import WordVectors

# a plane of royalty by gender, and things far from it
WORDS = {
    "king": (3, 1, 0),
    "queen": (3, -1, 0),
    "man": (0.5, 1, 0),
    "woman": (0.5, -1, 0),
    "car": (0.1, 0.2, 3),
    "bus": (0, 0.1, 2),
    "國王": (3, 1.1, 0.1),
    "女王": (3, -1.1, 0.1),
    "男人": (0.5, 1.1, 0.1),
    "女人": (0.5, -1.1, 0.1),
    "汽車": (0.1, 0.3, 3),
}


@pytest.fixture(scope="session")
def royal() -> WordVectors:
    return WordVectors(tuple(WORDS), np.array(list(WORDS.values()), np.float32))
