"""Is the AUC that firth predicts for a tag, without any example, the AUC that readers and editors then find?

    python benchmarks/tag_reliability.py --data FOLDER [--encoders use] [--sets books,news,...] [--books FOLDER]

FOLDER holds goodbooks10k, tnews_zh, emoji, openclipart and imagenette_sample. Tags are genres that readers shelved
books by (from titles and authors; and beside them what readers marked to read), topics of news, keywords of emoji (of
their names as texts, and of their pictures), keywords of clip-art (titles and pictures), kinds of photos; each in
English, in Chinese, or both, as far as the set has them.

Every kind of content is left out in turn, and all that is fitted comes from the others: the line, and, by leaving each
of those out once more, how far it is off. So an interval that is meant to hold nine of ten is tested on items, tags and
a kind of content that it has never seen. At the end stand the line and the error fitted to all, to be written into
`firth.analysis.tags.reliability`. Every kind weighs the same, however many sets and tags it has. ``--books`` takes the
collection that ``tags.py --keep`` left, ``--keep`` writes the measurements down.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tags import CHINESE, build

import firth
from firth.analysis.tags.bases import Marks
from firth.analysis.tags.learning import learn
from firth.analysis.tags.material import material
from firth.analysis.tags.ranks import auc, auc_of_separation, separation
from firth.analysis.tags.reliability import MOST, NINE_OF_TEN, expected_auc, features
from firth.analysis.tags.wording import word_scores
from firth.notes import corpus
from firth.types import Item

FEWEST = 15
WIDER = 1.1
"""What is far off is rarer among five kinds of content than among all there are."""
NEWS = {
    "story": "故事", "culture": "文化", "entertainment": "娛樂", "sports": "體育", "finance": "財經", "house": "房產",
    "car": "汽車", "edu": "教育", "tech": "科技", "military": "軍事", "travel": "旅遊", "world": "國際",
    "stock": "股票", "agriculture": "農業", "game": "遊戲",
}  # fmt: skip
IN_FULL = {"edu": "education", "tech": "technology", "house": "real estate", "world": "international news"}


@dataclass(frozen=True)
class Case:
    """Items with what is true of them: by tag the words in each language, and the ids that carry it.

    ``items`` are the items, or a collection that is there already.
    """

    name: str
    items: list[Item] | firth.Collection
    words: dict[str, dict[str, str]]
    truth: dict[str, set[str]]


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8")))


def book_cases(data: Path, encoder: str, kept: str) -> Iterator[Case]:
    shelf = build(data, encoder, keep=kept)
    words = {tag: {"en": tag.replace("-", " "), "zh": CHINESE[tag]} for tag in shelf.truth}
    titles = [Item(record["id"], text=record["text"]) for record in shelf.library.items()]
    yield Case("books, titles", titles, words, shelf.truth)
    yield Case("books, behaviour", shelf.library, words, shelf.truth)


def news_cases(data: Path, *_: str) -> Iterator[Case]:
    rows = rows_of(data / "tnews_zh" / "tnews.csv")
    rows = rows[:: max(1, len(rows) // 4000)]
    truth = {tag: {str(i) for i, row in enumerate(rows) if row["label"] == tag} for tag in NEWS}
    words = {tag: {"en": IN_FULL.get(tag, tag), "zh": NEWS[tag]} for tag in NEWS}
    yield Case("news, titles", [Item(str(i), text=row["text"]) for i, row in enumerate(rows)], words, truth)


def keyword_cases(data: Path, *, pictures: bool) -> Iterator[Case]:
    emoji = [
        row for row in rows_of(data / "emoji" / "emoji.csv") if row["vendor"] == "google" and not row["skin"]
    ]
    for lang in ("en", "zh_Hant"):
        items = [
            Item(row["code"], image=data / "emoji" / row["file"])
            if pictures
            else Item(row["code"], text=row[lang])
            for row in emoji
        ]
        name = f"emoji, {'pictures' if pictures else 'names'} {lang}"
        yield keywords(name, items, [(r["code"], r[f"tags_{lang}"]) for r in emoji], lang[:2])
    art = rows_of(data / "openclipart" / "clipart.csv")
    place = data / "openclipart" / "images"
    items = [
        Item(row["file"], image=place / row["file"]) if pictures else Item(row["file"], text=row["title"])
        for row in art
    ]
    yield keywords(
        f"clip-art, {'pictures' if pictures else 'titles'}",
        items,
        [(r["file"], r["keywords"]) for r in art],
        "en",
    )


def keywords(name: str, items: list[Item], pairs: list[tuple[str, str]], lang: str) -> Case:
    counts = Counter(word for _, words in pairs for word in set(words.split("|")) if word)
    tags = [word for word, count in counts.items() if FEWEST <= count <= len(items) / 4]
    truth = {tag: {id for id, words in pairs if tag in words.split("|")} for tag in tags}
    return Case(name, items, {tag: {lang: tag} for tag in tags}, truth)


def photo_cases(data: Path) -> Iterator[Case]:
    rows = rows_of(data / "imagenette_sample" / "images.csv")
    items = [Item(row["file"], image=data / "imagenette_sample" / "images" / row["file"]) for row in rows]
    names = {row["label_en"]: row["label_zh_Hant"] for row in rows}
    words = {en: {"en": en.split(" (")[0], "zh": zh.split("（")[0]} for en, zh in names.items()}
    truth = {en: {row["file"] for row in rows if row["label_en"] == en} for en in names}
    yield Case("photos, pictures", items, words, truth)


def pictures(data: Path, *_: str) -> Iterator[Case]:
    yield from keyword_cases(data, pictures=True)
    yield from photo_cases(data)


SETS = {
    "books": book_cases,
    "news": news_cases,
    "names": lambda data, *_: keyword_cases(data, pictures=False),
    "pictures": pictures,
}


def measured(case: Case, encoder: str) -> tuple[np.ndarray, np.ndarray]:
    """Features ``(m, f)`` and true separations ``(m,)`` of every tag in every language."""
    collection = (
        case.items if isinstance(case.items, firth.Collection) else firth.open(":memory:", model=encoder)
    )
    if not isinstance(case.items, firth.Collection):
        report = collection.add(case.items)
        assert len(report.skipped) < len(case.items) / 20, report.skipped[:3]
    seen = corpus(collection.store)
    items = material(seen)
    values, truth = [], []
    for lang in ("en", "zh"):
        words = {tag: [some[lang]] for tag, some in case.words.items() if lang in some}
        if not words:
            continue
        said = word_scores(items, seen.spaces["meaning"], words)
        none = np.zeros(said.shape, bool)
        learned = learn(items, said, Marks(none, none), use=[view.name for view in items.views])
        carried = [np.isin(items.ids, list(case.truth[tag])) for tag in words]
        enough = [i for i, some in enumerate(carried) if some.sum() >= FEWEST]
        values.append(features(learned)[enough])
        truth.append([min(separation(auc(learned.scores[:, i], carried[i])), MOST) for i in enough])
    return np.concatenate(values), np.concatenate(truth)


Measured = dict[str, tuple[np.ndarray, np.ndarray]]
"""Features and true separations of each set."""


def kind(name: str) -> str:
    """Of what kind the items of a set are, by its name: books, news, emoji, clip-art, photos."""
    return name.partition(",")[0]


def weights(found: Measured) -> dict[str, float]:
    """What each set counts: kinds of content count the same, and within a kind its sets."""
    sets = Counter(kind(name) for name in found)
    return {name: 1 / len(sets) / sets[kind(name)] for name in found}


def line(found: Measured, penalty: float = 0.02) -> np.ndarray:
    """Least squares with a small penalty."""
    total, right = penalty * np.diag([0.0, 1.0, 1.0]), np.zeros(3)
    for name, weight in weights(found).items():
        values, truth = found[name]
        x = np.c_[np.ones(len(values)), values]
        total += weight * (x.T @ x) / len(x)
        right += weight * (x.T @ truth) / len(x)
    return np.linalg.solve(total, right)


def predict(beta: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.clip(beta[0] + values @ beta[1:], 0, MOST)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoders", default="use")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument(
        "--books", default=":memory:", help="a folder with the collection that tags.py --keep made"
    )
    parser.add_argument("--keep", type=Path, help="a file to keep the measurements in, and to go on from")
    args = parser.parse_args()
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    if args.keep and args.keep.exists():
        kept = np.load(args.keep)
        found = {name[2:]: (kept[name], kept["d " + name[2:]]) for name in kept.files if name[:2] == "f "}
    for encoder in args.encoders.split(","):
        for name in filter(None, args.sets.split(",")):
            for case in SETS[name](args.data, encoder, args.books):
                found[f"{case.name}, {encoder}"] = measured(case, encoder)
                print(
                    f"measured {case.name}, {encoder}: {len(found[f'{case.name}, {encoder}'][1])} tags",
                    flush=True,
                )
                if args.keep:
                    np.savez(
                        args.keep,
                        **{f"f {k}": v[0] for k, v in found.items()},
                        **{f"d {k}": v[1] for k, v in found.items()},
                    )
    report(found)


def without(found: Measured, name: str) -> Measured:
    """The sets of other kinds of content."""
    return {other: pair for other, pair in found.items() if kind(other) != kind(name)}


def off(found: Measured) -> float:
    """How far a line is off on kinds of content that it was not fitted to: root mean square, and `WIDER`."""
    squares = {
        name: np.mean((predict(line(without(found, name)), values) - truth) ** 2)
        for name, (values, truth) in found.items()
    }
    return WIDER * float(np.sqrt(sum(weight * squares[name] for name, weight in weights(found).items())))


def report(found: Measured) -> None:
    print(f"\n{'left out':<34} {'tags':>5} {'measured':>9} {'predicted':>10} {'r':>6} {'inside 90 %':>12}")
    said, true, held = [], [], []
    for name, (values, truth) in found.items():
        others = without(found, name)
        left, error = predict(line(others), values), off(others)
        expected = np.array([expected_auc(one, error**2) for one in left])
        areas = np.array([auc_of_separation(one) for one in truth])
        inside = np.abs(left - truth) <= NINE_OF_TEN * error
        r = np.corrcoef(left, truth)[0, 1]
        print(
            f"{name:<34} {len(truth):>5} {areas.mean():>9.3f} {expected.mean():>10.3f} {r:>6.2f} {inside.mean():>12.2f}"
        )
        said, true, held = [*said, *expected], [*true, *areas], [*held, *inside]
    print(
        f"{'all tags':<34} {len(true):>5} {np.mean(true):>9.3f} {np.mean(said):>10.3f} {'':>6} {np.mean(held):>12.2f}"
    )
    print("\npredicted AUC, all kinds left out in turn: what was measured")
    said, true = np.array(said), np.array(true)
    for low, high in ((0, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)):
        chosen = (said >= low) & (said < high)
        if chosen.any():
            expected, measured = said[chosen].mean(), true[chosen].mean()
            span = f"{low:.1f} to {min(high, 1):.1f}"
            print(f"  {span}: {chosen.sum():>5} tags, predicted {expected:.3f}, measured {measured:.3f}")
    print(f"\nLINE = {tuple(line(found).round(3).tolist())}\nERROR = {off(found):.2f}")


if __name__ == "__main__":
    main()
