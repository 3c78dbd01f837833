"""Encode the drawn pictures with firth's lite0: FOLDER/features/SOURCE.npz.

    python scripts/joint/encode_pictures.py FOLDER [--tests NAME=FOLDER]...

Each file holds ``files``, ``features`` (n, 1280) as ``Lite0.run`` gives them, not of unit length, and
``logits`` (n, 1000), both float16. ``--tests`` encodes folders of test pictures the same way, into
features/tests/NAME.npz, so that write_manifest.py can say which pictures are too near to them. What an earlier run
encoded is kept, by its file's name, unless the picture is newer than the features, or another lite0 made them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

PART = 512
"""Pictures between two saves."""
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
Known = dict[str, tuple[Any, Any]]
"""File -> its features and logits."""


def main() -> None:
    """Encode all sources that have rows, and the test folders."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that draw_pictures.py filled")
    parser.add_argument("--tests", action="append", default=[], metavar="NAME=FOLDER", help="again for more")
    asked = parser.parse_args()
    for rows in sorted((asked.data / "rows").glob("*.jsonl")):
        files = [json.loads(line)["file"] for line in rows.read_text("utf-8").splitlines()]
        encode(asked.data, files, asked.data / "features" / f"{rows.stem}.npz")
    for test in asked.tests:
        name, _, folder = test.partition("=")
        files = pictures_below(Path(folder)) if folder else []
        if not files:
            parser.error(f"got --tests {test}; expected NAME=FOLDER, a folder with pictures")
        encode(Path(folder), files, asked.data / "features" / "tests" / f"{name}.npz")


def pictures_below(root: Path) -> list[str]:
    """The picture files below a folder, by their paths in it."""
    files = [file for file in root.rglob("*") if file.suffix.lower() in SUFFIXES]
    return sorted(file.relative_to(root).as_posix() for file in files)


def encode(root: Path, files: list[str], target: Path) -> None:
    """Encode files below ``root`` into ``target``, as far as it does not hold them."""
    from firth.encoders.lite0 import Lite0

    encoder = Lite0()
    known = _known(root, target, encoder.fingerprint)
    missing = [file for file in files if file not in known]
    print(f"{target.stem}: {len(files)} pictures, {len(missing)} to encode", flush=True)
    for start in range(0, len(missing), PART):
        part = missing[start : start + PART]
        features, logits = encoder.run([root / file for file in part])
        known |= {file: (features[i], logits[i]) for i, file in enumerate(part)}
        _save(target, known, encoder.fingerprint)
    _save(target, {file: known[file] for file in files}, encoder.fingerprint)


def _known(root: Path, target: Path, fingerprint: str) -> Known:
    """File -> features and logits by this very encoder, of the files that have not changed since."""
    if not target.exists():
        return {}
    written = target.stat().st_mtime
    with np.load(target) as have:
        if "encoder" not in have or str(have["encoder"]) != fingerprint:
            return {}
        rows = zip(have["files"].tolist(), have["features"], have["logits"], strict=True)
        return {
            file: (features, logits)
            for file, features, logits in rows
            if (root / file).exists() and (root / file).stat().st_mtime <= written
        }


def _save(target: Path, known: Known, fingerprint: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    features, logits = (np.stack([pair[i] for pair in known.values()]).astype(np.float16) for i in (0, 1))
    with part.open("wb") as out:
        np.savez(out, files=np.array(list(known)), features=features, logits=logits, encoder=fingerprint)
    part.replace(target)


if __name__ == "__main__":
    main()
