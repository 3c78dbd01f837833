"""A small library in which the truth is known: half of the titles say what they are about, readers know all."""

from __future__ import annotations

import numpy as np

import firth
from firth.notes import corpus
from firth.types import Item

TITLES = {
    "magic": [
        "The wizard and the magic ring",
        "Dragons of the enchanted forest",
        "魔法師與龍",
        "The witch's spell book",
    ],
    "war": ["Soldiers in the trenches", "The last battle of the war", "戰爭與士兵", "The general's army"],
    "cooking": [
        "Recipes for the home kitchen",
        "Baking bread and cakes",
        "家常菜食譜",
        "The art of cooking pasta",
    ],
}
SILENT = [
    "Volume one",
    "The collected works",
    "第三卷",
    "A long road",
    "Letters",
    "二十年",
    "The stranger",
    "Numbers",
]
EACH = 40
READERS = 16


def library(*, d: int = READERS, seed: int = 0) -> tuple[list[Item], dict[str, list[str]]]:
    """Items with a text and a vector ``behaviour`` ``(d,)``, and the ids of each topic."""
    rng = np.random.default_rng(seed)
    items, truth = [], {topic: [] for topic in TITLES}
    for number, (topic, titles) in enumerate(TITLES.items()):
        center = np.zeros(d)
        center[number] = 3
        for i in range(EACH):
            title = titles[i % len(titles)] if i % 2 else SILENT[i // 2 % len(SILENT)]
            id = f"{topic}-{i}"
            vector = (center + rng.normal(size=d)).astype(np.float32)
            items.append(
                Item(id, text=f"{title} ({i})", fields={"topic": topic}, vectors={"behaviour": vector})
            )
            truth[topic].append(id)
    return items, truth


def shelf(items: list[Item], location: str = ":memory:") -> firth.Collection:
    collection = firth.open(location, model="use")
    report = collection.add(items)
    assert not report.skipped
    return collection


def seen(collection: firth.Collection):
    return corpus(collection.store)
