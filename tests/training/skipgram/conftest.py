"""A small language in which what belongs together is known: animals eat and sleep, fruit is ripe and sold."""

from __future__ import annotations

import random

import pytest

ANIMALS = ["cat", "dog", "horse", "sheep", "貓", "狗"]
FRUIT = ["apple", "pear", "plum", "grape", "蘋果", "香蕉"]
DEEDS = ["eats", "sleeps", "runs", "drinks"]
STATES = ["ripe", "sold", "sweet", "juicy"]


def sentences(count: int, seed: int = 0) -> list[str]:
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        kind, rest = chance.choice([(ANIMALS, DEEDS), (FRUIT, STATES)])
        words = [
            "the",
            chance.choice(kind),
            chance.choice(rest),
            "and",
            chance.choice(kind),
            chance.choice(rest),
        ]
        found.append(" ".join(words))
    return found


@pytest.fixture(scope="session")
def language() -> list[str]:
    return sentences(1500)
