"""Put all sources into one table: FOLDER/manifest.parquet, and FOLDER/features.npz row by row beside it.

    python scripts/joint/write_manifest.py FOLDER

Pictures nearer than NEAR to a test picture (features/tests, see encode_pictures.py) are marked ``drop``, all but
glyphs: a letter looks like a letter without being a copy. Without tests nothing is marked.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from captions import folded, translated

from firth.similarity import normalize

NEAR = 0.88
"""Cosine of features, which are of framed pictures; unlike drawings stand seldom over .85."""
FOLDS = 10
SHOWN = ["en", "zh-Hant", "zh-Hans", "ja", "de"]
Row = dict[str, Any]
Features = dict[str, Any]
"""``files``, ``features``, ``logits``."""


def main() -> None:
    """Write manifest.parquet and features.npz."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that encode_pictures.py filled")
    data = parser.parse_args().data
    tests = loaded(data / "features" / "tests")
    sources = loaded(data / "features")
    if not sources:
        raise SystemExit(f"got {data} without features; expected some: run encode_pictures.py first")
    table: list[Row] = []
    for source, have in sources.items():
        table += rows_of(data, source, have=have, tests=tests)
    numbered = [{"row": i, **row} for i, row in enumerate(table)]
    pq.write_table(pa.Table.from_pylist(numbered), data / "manifest.parquet")
    files = np.array([row["file"] for row in table])
    features, logits = (
        np.concatenate([have[key] for have in sources.values()]) for key in ("features", "logits")
    )
    np.savez(data / "features.npz", files=files, features=features, logits=logits)
    report(table)


def loaded(folder: Path) -> dict[str, Features]:
    """Name -> arrays, of the files that encode_pictures.py wrote into a folder."""
    return {file.stem: dict(np.load(file)) for file in sorted(folder.glob("*.npz"))}


def rows_of(data: Path, source: str, *, have: Features, tests: dict[str, Features]) -> list[Row]:
    """The rows of one source, in the order of its features."""
    lines = (data / "rows" / f"{source}.jsonl").read_text("utf-8").splitlines()
    by_file = {row["file"]: row for row in map(json.loads, lines)}
    if set(by_file) != set(have["files"].tolist()):
        raise SystemExit(f"{source}: rows and features name other pictures; run encode_pictures.py again")
    near = nearest(have["features"], tests)
    table = []
    for i, file in enumerate(have["files"].tolist()):
        row = by_file[file]
        concept, known = folded(row["concept"]), row["captions"]
        more = translated(concept, known=known, data=data)
        row |= {
            "concept": concept,
            "fold": int(sha256(concept.encode()).hexdigest(), 16) % FOLDS,
            "captions": json.dumps(known, ensure_ascii=False),
            "captions_dictionary": json.dumps(more, ensure_ascii=False),
            **{column: values[i] for column, values in near.items()},
        }
        scores = [row[f"near_{name}"] for name in tests]
        row["drop"] = row["kind"] != "glyph" and max(scores, default=0.0) > NEAR
        table.append(row)
    return table


def nearest(features: Any, tests: dict[str, Features]) -> dict[str, list[Any]]:
    """For each test set: the highest cosine of each picture to a test picture, and which that is."""
    unit = normalize(features.astype(np.float32))
    columns: dict[str, list[Any]] = {}
    for name, test in tests.items():
        cosines = unit @ normalize(test["features"].astype(np.float32)).T
        best = cosines.argmax(axis=1)
        columns[f"near_{name}"] = [round(float(score), 4) for score in cosines.max(axis=1)]
        columns[f"near_{name}_file"] = test["files"][best].tolist()
    return columns


def report(table: list[Row]) -> None:
    """What there is, by source."""
    for source in dict.fromkeys(row["source"] for row in table):
        mine = [row for row in table if row["source"] == source]
        languages = Counter(language for row in mine for language in json.loads(row["captions"]))
        counts = ", ".join(f"{language} {languages[language]}" for language in SHOWN)
        dropped = sum(row["drop"] for row in mine)
        concepts = len({row["concept"] for row in mine})
        print(f"{source}: {len(mine)} pictures, {concepts} concepts, {dropped} to drop; captions: {counts}")
    print(f"all: {len(table)} pictures, {len({row['concept'] for row in table})} concepts")


if __name__ == "__main__":
    main()
