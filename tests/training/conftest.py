"""A small world to learn in: captions are random directions, features a noisy linear image of them."""

import csv
import json

import numpy as np
import pytest

from firth import sample
from firth.similarity import normalize
from firth.training.examples import Examples


def made(*, pictures=160, wide=48, d=16, seed=0, views=2, columns=("en", "zh")) -> Examples:
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(pictures, d)).astype(np.float32)
    features = meaning @ rng.normal(size=(d, wide)).astype(np.float32)
    features = features[:, None] + rng.normal(0, 4, (pictures, 1 + views, wide)).astype(np.float32)
    captions = np.concatenate([meaning + rng.normal(0, 0.3, meaning.shape) + 2 for _ in columns])
    owner = np.tile(np.arange(pictures), len(columns))
    return Examples(
        features=features,
        names=normalize(rng.normal(size=(pictures, 1 + views, d)) + 2),
        captions=normalize(captions),
        owner=owner,
        column=np.repeat(np.arange(len(columns)), pictures),
        columns=columns,
        same=np.arange(len(owner)),
        concept=np.arange(pictures),
        held_out=np.arange(pictures) % 5 == 0,
    )


@pytest.fixture(scope="session")
def world() -> Examples:
    return made()


@pytest.fixture(scope="session")
def emoji_table(tmp_path_factory):
    """60 emoji of the bundled sample with captions in three scripts; one cell is empty, two pictures are cut short."""
    path = tmp_path_factory.mktemp("emoji") / "emoji.csv"
    rows = map(json.loads, (sample.path() / "items.jsonl").read_text("utf-8").splitlines())
    chosen = [row for row in rows if row["collection"] == "emoji" and row.get("name_zh_hant")][:60]
    whole = (sample.path() / chosen[7]["image"]).read_bytes()
    (path.parent / "7.png").write_bytes(whole[:60])  # its header is damaged
    (path.parent / "8.png").write_bytes(whole[: len(whole) // 2])  # its pixels are
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "en", "zh"])
        for number, row in enumerate(chosen):
            picture = f"{number}.png" if number in (7, 8) else sample.path() / row["image"]
            table.writerow([picture, row["name_en"], "" if number == 3 else row["name_zh_hant"]])
    return path
