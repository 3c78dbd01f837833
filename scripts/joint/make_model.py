"""Make the bundled model of pictures and words from captioned pictures: ``make_model.py DATA OUTPUT``.

DATA holds what the scripts beside this one write: ``manifest.parquet`` (a row a picture: concept, captions by language,
licence), ``features.npz`` (lite0's features, row by row) and ``class_rows.parquet`` (names of ImageNet's classes in
several languages). Everything is repeatable; nothing is drawn at random. It takes some minutes, of which nearly all
goes into encoding the captions.

What is made: vectors of the thousand class names from several languages, which halves the way from Chinese to what the
network knows; and a memory of the captioned pictures (`firth.encoders.memory`). Their shares were chosen on a
development split of Tux Paint's stamps, and on clip art and OpenMoji of concepts that were left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from firth.encoders import encoder
from firth.encoders.cache import CachedEncoder
from firth.encoders.class_names import mixtures
from firth.encoders.joint_folder import Tower, write_tower
from firth.encoders.memory import Memory
from firth.similarity import normalize

TOWERS = ("e5-small", "use")
LANGUAGES = {
    "en": 1.0,
    "zh-Hant": 0.5,
    "zh-Hans": 0.5,
    "de": 0.5,
    "ja": 0.5,
    "fr": 0.3,
    "es": 0.3,
    "ko": 0.3,
    "ru": 0.3,
}
"""What a caption of each language counts in a concept's meaning."""
NAMES = {"en": 1.0, "zh-Hant": 0.5, "zh-Hans": 0.5, "ja": 0.5, "it": 0.5}
"""What a class name of each language counts."""
KEYWORDS = 0.5
"""What all captions of a picture after the first count beside it: they are looser."""
SHARE = 3.5
"""How long the memory's answer is beside the class names', for a picture that is kept itself; one that was never seen
gets a fifth to a half of that."""

Words = dict[str, dict[str, list[str]]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("output", type=Path)
    asked = parser.parse_args()
    table = pq.read_table(asked.data / "manifest.parquet")
    keep = ~np.array(table["drop"].to_pylist(), bool)  # what is near a picture of a test set is left out
    manifest = table.filter(keep).to_pydict()
    arrays = np.load(asked.data / "features.npz")
    features, logits = (arrays[key][keep].astype(np.float32) for key in ("features", "logits"))
    classes = [
        json.loads(names)
        for names in pq.read_table(asked.data / "class_rows.parquet")["captions"].to_pylist()
    ]
    both = zip(manifest["captions_dictionary"], manifest["captions"], strict=True)
    captions = [{**json.loads(looked_up), **json.loads(own)} for looked_up, own in both]
    concepts, concept = np.unique(manifest["concept"], return_inverse=True)
    for name in TOWERS:
        texts = CachedEncoder(encoder(name))
        own = normalize(meanings(texts, classes, NAMES, KEYWORDS))
        each = meanings(texts, captions, LANGUAGES, KEYWORDS)
        kept = np.zeros((len(concepts), texts.dim), np.float32)
        np.add.at(kept, concept, normalize(each))
        kept = normalize(kept)
        memory = Memory.of(features, concept, kept - kept.mean(0))
        step = np.abs(own).max(0) / 127
        named = mixtures(logits, own) - own.mean(0)
        length = (
            np.linalg.norm(named, axis=1).mean() / np.linalg.norm(memory.recall(features[::7]), axis=1).mean()
        )
        head: dict[str, Any] = {
            "names": np.ones(1, np.float32),
            "names.codes": np.round(own / step).astype(np.int8),
            "names.step": step,
            "memory": np.array([SHARE * length], np.float32),
            "shift": np.zeros(texts.dim, np.float32),
        }
        notes = {
            "mode": "memory",
            "pictures": len(features),
            "concepts": len(concepts),
            "data": credits(manifest),
        }
        write_tower(
            asked.output, Tower(encoder(name).stamp, encoder("lite0").fingerprint, head, {}, notes, memory)
        )
        print(f"{name}: {len(features):,} pictures of {len(concepts):,} concepts")


def meanings(
    texts: CachedEncoder, captions: list[Any], weights: dict[str, float], keywords: float
) -> np.ndarray:
    """What captions mean, ``(n, d)``: over languages, the name and half its keywords."""
    every = sorted({text for words in captions for language in weights for text in words.get(language, [])})
    vectors = dict(zip(every, texts.encode(every, role="query"), strict=True))
    means = np.zeros((len(captions), texts.dim), np.float32)
    for row, words in enumerate(captions):
        for language, weight in weights.items():
            if found := [vectors[text] for text in words.get(language, [])]:
                means[row] += weight * normalize(found[0] + keywords * _mean(found[1:]))
    return means


def _mean(vectors: list[np.ndarray]) -> Any:
    return normalize(np.mean(vectors, axis=0)) if vectors else 0.0


def credits(manifest: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Where the pictures are from, and under which licences."""
    rows: Iterable[tuple[str, str]] = zip(manifest["source"], manifest["licence"], strict=True)
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
    return [
        {"source": source, "licence": licence, "pictures": count}
        for (source, licence), count in sorted(counts.items())
    ]


if __name__ == "__main__":
    main()
