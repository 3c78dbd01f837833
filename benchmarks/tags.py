"""How well do readable tags agree with readers? AUC of firth's scores against the shelves of goodbooks-10k.

    python benchmarks/tags.py --data FOLDER [--encoders use] [--limit 10000] [--examples 5,20]

FOLDER holds goodbooks10k. An item is a book: its title and authors as text, and a behaviour vector from what readers
marked to read or rated 4 and more (truncated SVD of positive PMI of books on one shelf). A book carries a tag where at
least 1 % of the shelves it stands on bear the tag's name; tags of fewer than 30 books are left out. Five tables:

1. Zero-shot, English and Chinese tag words: cosines with the words alone, `firth tags` with the text alone, with the
   behaviour alone (the words only say where to begin), and with both.
2. The same with 5 and with 20 example books a tag; books that served as examples are not counted.
3. Reliability: predicted AUC, its interval, measured AUC.
4. Probabilities: of books with a score of 0.8, how many do readers shelve so?
5. The librarian's four tags for Harry Potter, The Lord of the Rings and Alice in Wonderland.
"""

import argparse
import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import firth
from firth.analysis.tags import TagScores, tags
from firth.analysis.tags.material import material
from firth.analysis.tags.ranks import auc
from firth.analysis.tags.reliability import probabilities
from firth.analysis.tags.wording import word_scores
from firth.notes import corpus
from firth.search import Corpus
from firth.types import Item

SHELVED = 0.01
FEWEST = 30
SHOWN = [
    "fantasy", "adventure", "magic", "war", "dragons", "romance", "mystery", "thriller", "horror",
    "science-fiction", "history", "biography", "philosophy", "religion", "science", "business",
    "poetry", "humor", "childrens", "vampires", "space", "comics", "cooking", "travel",
]  # fmt: skip
USES = {"text": ["meaning"], "behaviour": ["behaviour"], "both": ["meaning", "behaviour"]}
LIBRARIAN = ["奇幻", "冒險", "魔法", "戰爭"]
BOOKS = {
    "Harry Potter and the Sorcerer's Stone": "哈利波特",
    "The Fellowship of the Ring": "魔戒",
    "Alice's Adventures in Wonderland": "愛麗絲夢遊仙境",
}
CHINESE = {
    "fantasy": "奇幻", "adventure": "冒險", "magic": "魔法", "battle": "戰鬥", "war": "戰爭", "dragons": "龍",
    "wizards": "巫師", "romance": "愛情", "mystery": "推理", "thriller": "驚悚", "horror": "恐怖",
    "science-fiction": "科幻", "dystopia": "反烏托邦", "historical-fiction": "歷史小說", "history": "歷史",
    "biography": "傳記", "memoir": "回憶錄", "philosophy": "哲學", "religion": "宗教", "politics": "政治",
    "science": "科學", "psychology": "心理學", "business": "商業", "self-help": "自我成長", "poetry": "詩歌",
    "plays": "戲劇", "humor": "幽默", "childrens": "兒童", "young-adult": "青少年", "classics": "經典",
    "literary-fiction": "純文學", "crime": "犯罪", "detective": "偵探", "spy": "間諜", "vampires": "吸血鬼",
    "werewolves": "狼人", "zombies": "殭屍", "ghosts": "鬼魂", "angels": "天使", "fairy-tales": "童話",
    "mythology": "神話", "time-travel": "時空旅行", "space": "太空", "aliens": "外星人", "robots": "機器人",
    "steampunk": "蒸汽龐克", "superheroes": "超級英雄", "comics": "漫畫", "manga": "日本漫畫",
    "graphic-novels": "圖像小說", "family": "家庭", "friendship": "友誼", "school": "校園", "coming-of-age": "成長",
    "travel": "旅行", "food": "美食", "cooking": "烹飪", "art": "藝術", "music": "音樂", "sports": "運動",
    "animals": "動物", "dogs": "狗", "cats": "貓", "horses": "馬", "feminism": "女性主義", "lgbt": "同志",
    "race": "種族", "japan": "日本", "china": "中國", "india": "印度", "russia": "俄羅斯", "france": "法國",
    "england": "英國", "africa": "非洲", "american": "美國", "world-war-ii": "第二次世界大戰", "civil-war": "內戰",
    "medieval": "中世紀", "victorian": "維多利亞時代", "chick-lit": "都會女性小說", "erotica": "情色",
}  # fmt: skip


@dataclass(frozen=True)
class Book:
    id: str
    title: str
    text: str


def books(data: Path) -> list[Book]:
    rows = csv.DictReader((data / "goodbooks10k" / "books.csv").open(encoding="utf-8"))
    return [Book(row["book_id"], row["title"], f"{row['title']}\n{row['authors']}") for row in rows]


def shelved(data: Path) -> dict[str, set[str]]:
    """The ids of the books that readers shelved under a tag, by tag."""
    rows = list(csv.DictReader((data / "goodbooks10k" / "readable_tag_scores.csv").open(encoding="utf-8")))
    names = [name for name in rows[0] if name != "book_id"]
    found = {tag: {row["book_id"] for row in rows if float(row[tag]) >= SHELVED} for tag in names}
    return {tag: ids for tag, ids in found.items() if len(ids) >= FEWEST}


def behaviour(data: Path, ids: Sequence[str], *, d: int = 128, seed: int = 0) -> np.ndarray:
    """``(n, d)``: truncated SVD of the positive PMI of two books on one reader's shelf."""
    from scipy.sparse import csr_matrix, diags

    folder, place = data / "goodbooks10k", {int(id): i for i, id in enumerate(ids)}
    marks = np.loadtxt(folder / "to_read.csv", delimiter=",", skiprows=1, dtype=np.int64)
    rated = np.loadtxt(folder / "ratings.csv", delimiter=",", skiprows=1, dtype=np.int64)
    pairs = np.unique(np.concatenate([marks[:, :2], rated[rated[:, 2] >= 4][:, :2]]), axis=0)
    pairs = pairs[np.isin(pairs[:, 1], list(place))]
    users = np.unique(pairs[:, 0], return_inverse=True)[1]
    columns = np.array([place[id] for id in pairs[:, 1].tolist()])
    shelves = csr_matrix(
        (np.ones(len(users), np.float32), (users, columns)), shape=(users.max() + 1, len(ids))
    )
    weights = diags(1 / np.sqrt(np.maximum(np.asarray(shelves.sum(1)).ravel() - 1, 1)).astype(np.float32))
    counts = (shelves.T @ weights @ shelves).toarray()
    np.fill_diagonal(counts, 0)
    total = counts.sum(1) + 1e-9
    common = total**0.75 / (total**0.75).sum()
    pmi = np.maximum(np.log(np.maximum(counts / np.outer(total, common), 1e-12)), 0)
    pmi = (pmi + pmi.T) / 2
    basis = np.linalg.qr(pmi @ np.random.default_rng(seed).normal(size=(len(ids), d + 32)))[0]
    for _ in range(4):
        basis = np.linalg.qr(pmi @ basis)[0]
    values, vectors = np.linalg.eigh(basis.T @ pmi @ basis)
    best = np.argsort(-np.abs(values))[:d]
    return np.asarray(basis @ vectors[:, best] * np.sqrt(np.abs(values[best])), np.float32)


@dataclass(frozen=True)
class Shelf:
    """The collection and the truth about it."""

    corpus: Corpus
    truth: dict[str, set[str]]
    titles: dict[str, str]

    def area(self, found: TagScores, tag: str, *, name: str, without: Sequence[str] = ()) -> float:
        chosen = ~np.isin(found.ids, without)
        positive = np.isin(found.ids, list(self.truth[tag]))
        return auc(found.scores[chosen, found.tags.index(name)], positive[chosen])


def build(data: Path, encoder: str, limit: int) -> Shelf:
    rows = books(data)[:limit]
    truth = {tag: ids & {row.id for row in rows} for tag, ids in shelved(data).items()}
    vectors = behaviour(data, [row.id for row in rows])
    items = [Item(row.id, text=row.text, vectors={"behaviour": vectors[i]}) for i, row in enumerate(rows)]
    collection = firth.open(":memory:", model=encoder)
    collection.add(items)
    truth = {tag: ids for tag, ids in truth.items() if len(ids) >= FEWEST}
    return Shelf(corpus(collection.store), truth, {row.id: row.title for row in rows})


def named(shelf: Shelf, lang: str) -> dict[str, str]:
    return {tag: tag.replace("-", " ") if lang == "en" else CHINESE[tag] for tag in shelf.truth}


def zero_shot(shelf: Shelf) -> None:
    """Table 1."""
    columns = {}
    for lang in ("en", "zh"):
        names = named(shelf, lang)
        items = material(shelf.corpus)
        words = word_scores(items, shelf.corpus.space("meaning"), {name: [name] for name in names.values()})
        truth = [np.isin(items.ids, list(ids)) for ids in shelf.truth.values()]
        columns[lang, "words"] = [auc(words[:, i], some) for i, some in enumerate(truth)]
        for use, vectors in USES.items():
            start = time.perf_counter()
            found = tags(shelf.corpus, list(names.values()), vectors=vectors)
            took = time.perf_counter() - start
            columns[lang, use] = [shelf.area(found, tag, name=name) for tag, name in names.items()]
        print(f"{len(names)} tags of {len(items.ids):,} items in {took:.1f} s, both views, {lang}")
    head = [f"{lang} {use}" for lang, use in columns]
    print(f"\n1. zero-shot AUC\n{'tag':<18}" + "".join(f"{name:>13}" for name in head))
    for i, tag in enumerate(shelf.truth):
        if tag in SHOWN:
            print(f"{tag:<18}" + "".join(f"{column[i]:>13.3f}" for column in columns.values()))
    for name, middle in (("mean of all", np.mean), ("median of all", np.median)):
        print(f"{name:<18}" + "".join(f"{middle(column):>13.3f}" for column in columns.values()))
    base = np.array(columns["en", "text"])
    gain = np.array(columns["en", "both"]) - base
    error = 1.96 * gain.std() / len(gain) ** 0.5
    better = np.mean(gain > 0)
    print(f"both against text, English: {gain.mean():+.3f} +- {error:.3f}, better for {better:.0%} of tags")


def with_examples(shelf: Shelf, counts: Sequence[int], seed: int = 0) -> None:
    """Table 2."""
    print(
        f"\n2. mean AUC over all tags with examples, Chinese words\n{'examples':<10}"
        + "".join(f"{use:>11}" for use in USES)
        + f"{'predicted':>11}{'inside':>8}"
    )
    names = named(shelf, "zh")
    for count in counts:
        rng = np.random.default_rng(seed)
        chosen = {
            tag: rng.choice(sorted(ids), count, replace=False).tolist()
            for tag, ids in shelf.truth.items()
            if len(ids) >= count + 10
        }
        row, said = [], None
        for vectors in USES.values():
            given = {names[tag]: ids for tag, ids in chosen.items()}
            found = tags(shelf.corpus, list(given), examples=given, vectors=vectors)
            areas = np.array(
                [shelf.area(found, tag, name=names[tag], without=ids) for tag, ids in chosen.items()]
            )
            row.append(areas.mean())
            said = [found.reliability[names[tag]] for tag in chosen]
        inside = np.mean([trust.low <= area <= trust.high for trust, area in zip(said, areas, strict=True)])
        predicted = np.mean([trust.auc for trust in said])
        print(
            f"{count:<10}"
            + "".join(f"{value:>11.3f}" for value in row)
            + f"{predicted:>11.3f}{inside:>8.2f}",
            flush=True,
        )


def reliabilities(shelf: Shelf) -> None:
    """Tables 3 and 4."""
    print("\n3. reliability without examples: predicted AUC, the interval of nine in ten, measured AUC")
    for lang in ("en", "zh"):
        names = named(shelf, lang)
        for use in ("text", "both"):
            found = tags(shelf.corpus, list(names.values()), vectors=USES[use])
            trust = [found.reliability[name] for name in names.values()]
            areas = np.array([shelf.area(found, tag, name=name) for tag, name in names.items()])
            said, inside = (
                np.array([t.auc for t in trust]),
                np.mean([t.low <= a <= t.high for t, a in zip(trust, areas, strict=True)]),
            )
            r = np.corrcoef(said, areas)[0, 1]
            print(
                f"{lang} {use:<10} predicted {said.mean():.3f}, measured {areas.mean():.3f}, "
                f"r {r:.2f}, inside {inside:.2f}"
            )
            order = np.argsort(said)
            thirds = [
                f"{said[part].mean():.3f}: {areas[part].mean():.3f}" for part in np.array_split(order, 3)
            ]
            print(f"   by thirds, predicted: measured  {'   '.join(thirds)}")
            unsure = [i for i, t in enumerate(trust) if not t.known]
            if unsure:
                print(f"   'cannot tell' of {len(unsure)} tags, measured {areas[unsure].mean():.3f}")
    probable(shelf, found, names)


def probable(shelf: Shelf, found: TagScores, names: dict[str, str]) -> None:
    print(
        "\n4. score (the true share of each tag given): share of books that readers shelve so; Chinese words, both"
    )
    truth = np.stack([np.isin(found.ids, list(ids)) for ids in shelf.truth.values()], axis=1)
    shares = truth.mean(0)
    columns = [
        probabilities(found.scores[:, i], found.reliability[name].auc, float(share))
        for i, (name, share) in enumerate(zip(names.values(), shares, strict=True))
    ]
    scores = np.stack(columns, axis=1)
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        chosen = (scores >= low) & (scores < high)
        score, share = scores[chosen].mean(), truth[chosen].mean()
        print(
            f"  {low:.1f} to {min(high, 1):.1f}: score {score:.2f}, shelved {share:.2f}, {chosen.sum():,} pairs"
        )


def librarian(shelf: Shelf) -> None:
    """Table 5; the three books are no examples."""
    english = {"奇幻": "fantasy", "冒險": "adventure", "魔法": "magic", "戰爭": "war"}
    three = {}
    for beginning, chinese in BOOKS.items():
        id = next((id for id, name in shelf.titles.items() if name.startswith(beginning)), None)
        three |= {id: f"{chinese} {beginning}"} if id else {}
    examples = {tag: sorted(shelf.truth[english[tag]] - set(three), key=int)[10:210:10] for tag in LIBRARIAN}
    for title, given in (("words only", {}), ("with 20 examples a tag", examples)):
        found = tags(shelf.corpus, LIBRARIAN, examples=given)
        print(f"\n5. the librarian, {title}")
        for tag in LIBRARIAN:
            print(f"   {tag}: {found.reliability[tag]}")
        for id, name in three.items():
            print(f"   {name}: " + ", ".join(f"{tag} {score:.2f}" for tag, score in found.of(id).items()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoders", default="use")
    parser.add_argument("--limit", type=int, default=10_000, help="only so many of the best-known books")
    parser.add_argument("--examples", default="5,20")
    args = parser.parse_args()
    for encoder in args.encoders.split(","):
        print(f"== {encoder}")
        shelf = build(args.data, encoder, args.limit)
        zero_shot(shelf)
        with_examples(shelf, [int(count) for count in args.examples.split(",")])
        reliabilities(shelf)
        librarian(shelf)


if __name__ == "__main__":
    main()
