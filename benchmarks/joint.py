"""How well do words find pictures? The bundled model `joint` beside class names and a ridge regression.

    python benchmarks/joint.py DATA_FOLDER [--encoders use,e5-small] [--folds 5] [--pictures 200] [--train]

The folder holds tuxpaint_stamps (stamps.csv, images/: drawings with captions in several languages) and
imagenette_sample (images.csv, images/: photos of ten classes, labelled in three scripts). Four tables:

1. Recall among all drawings. "strict": the very picture; "equal": a picture with an equal caption counts, too.
   Picture to text goes over the distinct captions of a language, so there the two are one. Then picture to picture: how
   many drawings have one of the same English caption among the 1, 5 and 10 nearest others, of those that have any.
2. Recall@10 among a fifth of the drawings, the mean over so many splits by concept: beside those who saw none of them,
   a ridge regression from lite0's features to the captions' vectors, learned from the other four fifths; with --train
   also `firth.train.pairs` on the same four fifths (minutes a split).
3. Zero-shot accuracy on the photos, in firth label's templates: less each label's mean cosine to the bank of `firth
   label`, and less that over the photos themselves, as its --balanced does.
4. Pictures a second from file to vector, and where the time goes.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import firth
from firth.analysis.labels import TEMPLATES, bank, label_vectors
from firth.data import load_picture
from firth.encoders import encoder
from firth.encoders.lite0 import BATCH, SIDE, prepared
from firth.kernel.threads import cores
from firth.similarity import normalize
from firth.training.captions import caption_key
from firth.training.examples import numbered, split_by_concept

LANGUAGES = {"en": "en", "zh_TW": "zh-TW", "zh_CN": "zh-CN", "de": "de", "ja": "ja"}
"""Columns of captions, and what the languages are called."""
LABELS = {"label_en": "en", "label_zh_Hant": "zh-Hant", "label_zh_Hans": "zh-Hans"}
HELD_OUT = 0.2
RIDGE = 1.0
"""How strong the ridge is, beside the mean squared length of the features less their mean: of eight that were tried,
within .01 of the one by which words found most drawings, and better than that the other way."""
Ranks = dict[str, np.ndarray]


@dataclass(frozen=True)
class Pictures:
    """Pictures as lite0 sees them, and what a table says of each."""

    files: list[Path]
    rows: list[dict[str, str]]
    features: np.ndarray
    logits: np.ndarray


def read(folder: Path, table: str) -> Pictures:
    with (folder / table).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = [folder / "images" / row["file"] for row in rows]
    return Pictures(files, rows, *encoder("lite0").run(files))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--encoders", default="use,e5-small")
    parser.add_argument("--folds", type=int, default=5, help="splits of table 2")
    parser.add_argument("--pictures", type=int, default=200, help="how many are timed")
    parser.add_argument("--train", action="store_true", help="firth.train.pairs in table 2, too")
    args = parser.parse_args()
    drawings = read(args.data / "tuxpaint_stamps", "stamps.csv")
    photos = read(args.data / "imagenette_sample", "images.csv")
    print(f"{len(drawings.files)} drawings, {len(photos.files)} photos, {cores()} threads")
    for name in args.encoders.split(","):
        captions = Captions.of(drawings, name)
        whole(drawings, captions, name)
        same_thing(drawings, captions)
        fifths(drawings, captions, name, folds=args.folds, train=args.train)
        zero_shot(photos, name)
    speed(photos.files[:: max(1, len(photos.files) // args.pictures)], args.encoders.split(",")[0])


@dataclass(frozen=True)
class Captions:
    """By one text encoder, per language: which pictures have one ``(m,)``, the captions' vectors ``(m, d)``, and equal
    ones' numbers.
    """

    name: str
    owner: dict[str, np.ndarray]
    vectors: dict[str, np.ndarray]
    same: dict[str, np.ndarray]

    @classmethod
    def of(cls, drawings: Pictures, name: str) -> Captions:
        owner, vectors, same = {}, {}, {}
        for column in LANGUAGES:
            texts = [row[column].strip() for row in drawings.rows]
            owner[column] = np.array([i for i, text in enumerate(texts) if text])
            texts = [text for text in texts if text]
            vectors[column] = encoder(name).encode(texts, role="query")
            same[column] = numbered([caption_key(text) for text in texts])
        return cls(name, owner, vectors, same)

    def ranks(self, pictures: np.ndarray, column: str, among: np.ndarray | None = None) -> Ranks:
        """How many come before the right one: text to picture, strict and equal, and picture to text.

        Args:
            pictures: Vectors of all drawings, ``(n, d)``.
            column: The language.
            among: Which of the drawings take part, ``(n,)`` of bool; all by default.
        """
        mine = np.ones(len(self.owner[column]), bool) if among is None else among[self.owner[column]]
        owner, texts, same = self.owner[column][mine], self.vectors[column][mine], self.same[column][mine]
        gallery = np.arange(len(pictures)) if among is None else np.flatnonzero(among)
        scores = texts @ pictures[gallery].T
        own = scores[np.arange(len(owner)), np.searchsorted(gallery, owner)]
        right = np.where(same[:, None] == same, scores[:, np.searchsorted(gallery, owner)], -np.inf)
        _, distinct = np.unique(same, return_index=True)
        back = pictures[owner] @ texts[distinct].T
        own_text = back[np.arange(len(owner)), np.searchsorted(same[distinct], same)]
        return {
            "strict": (scores > own[:, None]).sum(1),
            "equal": (scores > right.max(1, keepdims=True)).sum(1),
            "to text": (back > own_text[:, None]).sum(1),
        }


def seen(pictures: Pictures, name: str) -> dict[str, np.ndarray]:
    """The pictures' vectors by those who saw none of them."""
    return {
        "class-names": encoder(f"class-names:{name}").from_logits(pictures.logits),
        "joint": encoder(f"joint:{name}").from_features(pictures.features, pictures.logits),
    }


def whole(drawings: Pictures, captions: Captions, name: str) -> None:
    print(f"\n1. {name}: recall@1/5/10 among {len(drawings.files)} drawings")
    head = f"{'text to picture, strict':>26} {'equal':>18} {'picture to text':>18}"
    print(f"  {'':<8} {'captions':>8} {'':<12} {head}")
    for column, language in LANGUAGES.items():
        for model, vectors in seen(drawings, name).items():
            ranks = captions.ranks(vectors, column)
            cells = (" ".join(f"{(rank < k).mean():5.3f}" for k in (1, 5, 10)) for rank in ranks.values())
            strict, equal, back = cells
            print(
                f"  {language:<8} {len(captions.owner[column]):>8} {model:<12} {strict:>26} {equal:>18} {back:>18}"
            )


def same_thing(drawings: Pictures, captions: Captions) -> None:
    owner, same = captions.owner["en"], captions.same["en"]
    paired = np.bincount(same)[same] > 1
    print(f"\n  picture to picture, {paired.sum()} drawings")
    for name, vectors in {"look": normalize(drawings.features), **seen(drawings, captions.name)}.items():
        cosines = vectors[owner] @ vectors[owner].T
        np.fill_diagonal(cosines, -np.inf)
        right = np.where(same[:, None] == same, cosines, -np.inf).max(1)
        ranks = (cosines > right[:, None]).sum(1)[paired]
        print(f"  {name:<12} " + " ".join(f"{(ranks < k).mean():5.3f}" for k in (1, 5, 10)))


def fifths(drawings: Pictures, captions: Captions, name: str, *, folds: int, train: bool) -> None:
    concept = numbered([caption_key(row["en"] or row["file"]) for row in drawings.rows])
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    for seed in range(folds):
        held_out = split_by_concept(concept, HELD_OUT, seed=seed)
        models = seen(drawings, name) | {"ridge": ridge(drawings, captions, held_out)}
        if train:
            models["trained"] = trained(drawings, name, concept, seed=seed)
        for model, vectors in models.items():
            for column in LANGUAGES:
                ranks = captions.ranks(vectors, column, held_out)
                recalls = np.array([(rank < 10).mean() for rank in ranks.values()])
                found.setdefault((column, model), []).append(recalls)
    print(f"\n2. {name}: recall@10 among a fifth ({held_out.sum()}), the mean of {folds} by concept")
    print(f"  {'':<8} {'':<12} {'strict':>8} {'equal':>8} {'to text':>8}")
    for (column, model), recalls in sorted(found.items(), key=lambda item: list(LANGUAGES).index(item[0][0])):
        cells = " ".join(f"{share:8.3f}" for share in np.mean(recalls, axis=0))
        print(f"  {LANGUAGES[column]:<8} {model:<12} {cells}")


def ridge(drawings: Pictures, captions: Captions, held_out: np.ndarray) -> np.ndarray:
    """Vectors of all drawings ``(n, d)`` by ridge regression on those that are not held out."""
    targets = np.zeros((len(held_out), next(iter(captions.vectors.values())).shape[1]), np.float32)
    for column, owner in captions.owner.items():
        targets[owner] += captions.vectors[column]
    kept = ~held_out & targets.any(axis=1)
    x, y = normalize(drawings.features), normalize(targets[kept])
    x = x - x[kept].mean(0)
    gram = x[kept] @ x[kept].T  # fewer drawings than features: the dual form
    ridge = RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    weights = np.linalg.solve(gram + ridge, y - y.mean(0))
    return normalize(x @ (x[kept].T @ weights) + y.mean(0))


def trained(drawings: Pictures, name: str, concept: np.ndarray, *, seed: int) -> np.ndarray:
    rows: list[dict[str, Any]] = [
        {"id": str(i), "image": str(file), "concept": str(concept[i])} | {c: row[c] for c in LANGUAGES}
        for i, (file, row) in enumerate(zip(drawings.files, drawings.rows, strict=True))
    ]
    with tempfile.TemporaryDirectory() as place:
        report = firth.train.pairs(
            rows,
            place,
            image="image",
            text=list(LANGUAGES),
            concept="concept",
            towers=name,
            settings=firth.train.Settings(held_out=HELD_OUT, seed=seed),
        )
        if report.pictures != len(rows):
            raise SystemExit(f"{len(rows) - report.pictures} drawings were left out, so the splits differ")
        return encoder(f"{place}:{name}").from_features(drawings.features, drawings.logits)


def zero_shot(photos: Pictures, name: str) -> None:
    print(f"\n3. {name}: zero-shot accuracy on {len(photos.files)} photos")
    print(f"  {'':<8} {'':<12} {'as it is':>8} {'label':>8} {'balanced':>8}")
    for column, language in LABELS.items():
        labels = list(dict.fromkeys(row[column] for row in photos.rows))
        right = np.array([labels.index(row[column]) for row in photos.rows])
        names = label_vectors(encoder(name), labels, TEMPLATES["image"])
        for model, vectors in seen(photos, name).items():
            cosines = vectors @ names.T
            unrelated = bank(encoder(f"{model}:{name}"), "image") @ names.T
            less = (np.zeros(len(labels)), unrelated.mean(0), cosines.mean(0))
            cells = " ".join(f"{((cosines - mean).argmax(1) == right).mean():8.3f}" for mean in less)
            print(f"  {language:<8} {model:<12} {cells}")


def speed(files: list[Path], name: str) -> None:
    """Each step is timed alone, the best of three; what is measured end to end is `Joint.encode`."""
    joint = encoder(f"joint:{name}")
    joint.encode(files[:BATCH])  # the weights are read
    pixels = [load_picture(file, min_side=SIDE) for file in files]
    inputs = np.stack([prepared(picture) for picture in pixels])
    engine, outputs = joint.pictures._engine, ["features", "logits"]
    batches = [inputs[start : start + BATCH] for start in range(0, len(inputs), BATCH)]
    features, logits = joint.pictures.run(pixels)
    steps: dict[str, Callable[[], Any]] = {
        "end to end": lambda: joint.encode(files),
        "decode": lambda: each(lambda file: load_picture(file, min_side=SIDE), files),
        "resize": lambda: each(prepared, pixels),
        "network": lambda: each(lambda batch: engine(outputs, x=batch), batches),
        "names, memory": lambda: joint.from_features(features, logits),
    }
    print(f"\n4. joint:{name}: {len(files)} photos of 160 pixels, {cores()} threads")
    print(f"  {'':<14} {'ms a picture':>12} {'CPU ms':>8} {'a second':>9}")
    for step, work in steps.items():
        wall, cpu = np.min([timed(work) for _ in range(3)], axis=0) / len(files)
        print(f"  {step:<14} {1000 * wall:12.2f} {1000 * cpu:8.2f} {1 / wall:9.0f}")


def each(work: Callable[[Any], Any], values: Iterable[Any]) -> None:
    for value in values:
        work(value)


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds, and CPU seconds, which suffer less from what else the machine does."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
