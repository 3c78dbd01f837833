"""How well do readable tags agree with readers? AUC of firth's scores against the shelves of goodbooks-10k.

    python benchmarks/tags.py --data FOLDER [--encoder use] [--taken to_read] [--limit 10000] [--keep FOLDER]

FOLDER holds goodbooks10k. An item is a book: its title and authors as text, and the vector `behaviour` that
`Collection.learn_interactions` learns from what readers marked to read (or rated 4 and more, ``--taken ratings``).
A book carries a tag where at least 1 % of the shelves it stands on bear the tag's name; tags of fewer than 30 books
are left out. With ``--keep`` the collection stays in a folder, and the next run need not build it again.

1. Zero-shot: tag words in English and both Chinese scripts, by the text alone, by the behaviour alone (the words only
   say where to begin), and by both.
2. With 5 and 20 example books a tag; with the tags of half of all books. Books that were told are not counted.
3. Reliability: predicted AUC, the interval of nine in ten, measured AUC.
4. Probabilities: of books with a score of 0.8, how many do readers shelve so?
5. Single dimensions of a vector beside random directions and all dimensions together.
6. The librarian's four tags for Harry Potter, The Lord of the Rings and Alice in Wonderland.
"""

import argparse
import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import firth
from firth.analysis.tags import Reliability, TagScores
from firth.analysis.tags.ranks import auc
from firth.analysis.tags.reliability import probabilities
from firth.text import fold
from firth.types import Item

SHELVED = 0.01
FEWEST = 30
SHOWN = [
    "fantasy", "adventure", "magic", "war", "dragons", "romance", "mystery", "thriller", "horror",
    "science-fiction", "history", "biography", "philosophy", "religion", "science", "business",
    "poetry", "humor", "childrens", "vampires", "space", "comics", "cooking", "travel",
]  # fmt: skip
USES = {"text": ["meaning"], "taken": ["behaviour"], "both": ["meaning", "behaviour"]}
SCRIPTS = ("en", "hant", "hans")
LIBRARIAN = {"奇幻": "fantasy", "冒險": "adventure", "魔法": "magic"}
"""The article's tags with the readers' shelves; its fourth, 戰鬥, no reader has: it is scored by its word."""
FOURTH = "戰鬥"
BOOKS = {
    "Harry Potter and the Sorcerer's Stone": ("哈利波特", (0.9, 0.8, 0.7, 0.6)),
    "The Fellowship of the Ring": ("魔戒", (0.8, 0.9, 0.6, 0.7)),
    "Alice's Adventures in Wonderland": ("愛麗絲夢遊仙境", (0.7, 0.5, 0.8, 0.2)),
}
"""How their titles begin, their names in Chinese, and the four scores in the article."""
TAKEN = {"to_read": {}, "ratings": {"weight": "rating", "at_least": 4}}
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
class Shelf:
    """The collection, and which books carry which tag."""

    library: firth.Collection
    truth: dict[str, set[str]]

    def words(self, script: str) -> dict[str, str]:
        """The words of every tag."""
        chinese = {"hant": CHINESE, "hans": {tag: fold(word) for tag, word in CHINESE.items()}}
        return {
            tag: chinese[script][tag] if script in chinese else tag.replace("-", " ") for tag in self.truth
        }

    def areas(
        self, found: TagScores, words: Mapping[str, str], told: Mapping[str, Sequence[str]] | None = None
    ) -> np.ndarray:
        """The AUC of every tag, ``(t,)``, over the books that were not told of."""
        return np.array(
            [
                self.area(found.scores[:, found.tags.index(word)], found.ids, tag, (told or {}).get(tag, ()))
                for tag, word in words.items()
            ]
        )

    def area(self, scores: np.ndarray, ids: Sequence[str], tag: str, told: Sequence[str]) -> float:
        asked = ~np.isin(ids, list(told))
        return auc(scores[asked], np.isin(ids, list(self.truth[tag]))[asked])


def books(data: Path) -> list[Item]:
    rows = csv.DictReader((data / "goodbooks10k" / "books.csv").open(encoding="utf-8"))
    return [
        Item(row["book_id"], text=f"{row['title']}\n{row['authors']}", fields={"title": row["title"]})
        for row in rows
    ]


def shelved(data: Path) -> dict[str, set[str]]:
    """The ids of the books that readers shelved under a tag, by tag."""
    rows = list(csv.DictReader((data / "goodbooks10k" / "readable_tag_scores.csv").open(encoding="utf-8")))
    names = [name for name in rows[0] if name != "book_id"]
    found = {tag: {row["book_id"] for row in rows if float(row[tag]) >= SHELVED} for tag in names}
    return {tag: ids for tag, ids in found.items() if len(ids) >= FEWEST}


def build(
    data: Path, encoder: str, *, taken: str = "to_read", limit: int = 10_000, keep: str = ":memory:"
) -> Shelf:
    """The collection as a user makes it; what is there already is not made again."""
    start = time.perf_counter()
    library = firth.open(keep, model=encoder)
    rows = books(data)[:limit]
    report = library.add(rows)
    said(f"{len(rows):,} books by {encoder}, {len(report.unchanged):,} of them there already", start)
    start = time.perf_counter()
    table = data / "goodbooks10k" / f"{taken}.csv"
    learned = library.learn_interactions(table, user="user_id", item="book_id", **TAKEN[taken])
    said(f"{learned.pairs:,} pairs of {taken}: {learned.chosen}, {learned.dim} dimensions", start)
    ids = {row.id for row in rows}
    truth = {tag: some & ids for tag, some in shelved(data).items()}
    return Shelf(library, {tag: some for tag, some in truth.items() if len(some) >= FEWEST})


def said(what: str, start: float) -> None:
    print(f"[{time.perf_counter() - start:5.1f} s] {what}", flush=True)


def zero_shot(shelf: Shelf) -> dict[tuple[str, str], TagScores]:
    """Table 1."""
    start, found, columns = time.perf_counter(), {}, {}
    for script in SCRIPTS:
        words = shelf.words(script)
        for use, vectors in USES.items():
            scores = shelf.library.tags(list(words.values()), vectors=vectors)
            found[script, use], columns[script, use] = scores, shelf.areas(scores, words)
    print(f"\n1. zero-shot AUC of {len(shelf.truth)} tags\n{'':<16}" + "".join(f"{s:<21}" for s in SCRIPTS))
    print(f"{'tag':<16}" + "".join(f"{use:>7}" for _, use in columns))
    for i, tag in enumerate(shelf.truth):
        if tag in SHOWN:
            print(f"{tag:<16}" + "".join(f"{column[i]:>7.3f}" for column in columns.values()))
    shown = [i for i, tag in enumerate(shelf.truth) if tag in SHOWN]
    for name, rows in ((f"mean of these {len(shown)}", shown), ("mean of all", slice(None))):
        print(f"{name:<16}" + "".join(f"{column[rows].mean():>7.3f}" for column in columns.values()))
    for script in SCRIPTS:
        gain = columns[script, "both"] - columns[script, "text"]
        error = 1.96 * gain.std(ddof=1) / len(gain) ** 0.5
        print(
            f"both over text, {script}: {gain.mean():+.3f} +- {error:.3f}, better for {(gain > 0).mean():.0%} of tags"
        )
    said(f"{len(columns)} times {len(shelf.truth)} tags", start)
    return found


def told(shelf: Shelf, counts: Sequence[int], *, script: str = "hant", seed: int = 0) -> None:
    """Table 2."""
    start, rng, words = time.perf_counter(), np.random.default_rng(seed), shelf.words(script)
    print(f"\n2. mean AUC of books that were not told, words in {script}")
    print(f"{'told':<32}{'tags':>5}" + "".join(f"{use:>7}" for use in USES) + "   reliability by both")
    for count in counts:
        some = {
            tag: rng.choice(sorted(ids), count, replace=False).tolist()
            for tag, ids in shelf.truth.items()
            if len(ids) >= count + 10
        }
        asked = {tag: words[tag] for tag in some}
        row(shelf, f"{count} examples", asked, some, examples={words[tag]: ids for tag, ids in some.items()})
    ids = [record["id"] for record in shelf.library.items()]
    half = set(rng.choice(ids, len(ids) // 2, replace=False).tolist())
    pairs = [(id, words[tag]) for tag, some in shelf.truth.items() for id in sorted(some & half)]
    row(shelf, "the tags of half of the books", words, dict.fromkeys(words, sorted(half)), tagged=pairs)
    said("with examples", start)


def row(
    shelf: Shelf, name: str, words: Mapping[str, str], known: Mapping[str, Sequence[str]], **asked: object
) -> None:
    means = []
    for vectors in USES.values():
        found = shelf.library.tags(list(words.values()), vectors=vectors, **asked)
        areas = shelf.areas(found, words, known)
        means.append(areas.mean())
    trust = [found.reliability[word] for word in words.values()]
    print(
        f"{name:<32}{len(words):>5}"
        + "".join(f"{mean:>7.3f}" for mean in means)
        + f"   {compared(trust, areas)}",
        flush=True,
    )


def compared(trust: Sequence[Reliability], areas: np.ndarray) -> str:
    inside = np.mean([one.low <= area <= one.high for one, area in zip(trust, areas, strict=True)])
    predicted = np.array([one.auc for one in trust])
    return f"{predicted.mean():.3f}, off by {np.abs(predicted - areas).mean():.3f}, inside {inside:.2f}"


def reliabilities(shelf: Shelf, found: Mapping[tuple[str, str], TagScores]) -> None:
    """Table 3."""
    print("\n3. reliability without examples: predicted AUC, how far off, inside the interval of nine in ten")
    for (script, use), scores in found.items():
        words = shelf.words(script)
        trust, areas = [scores.reliability[word] for word in words.values()], shelf.areas(scores, words)
        r = np.corrcoef([one.auc for one in trust], areas)[0, 1]
        print(
            f"{script:<5}{use:<6} measured {areas.mean():.3f}, predicted {compared(trust, areas)}, r {r:.2f}"
        )
        order = np.argsort([one.auc for one in trust])
        thirds = [
            f"{np.mean([trust[i].auc for i in part]):.3f} -> {areas[part].mean():.3f}"
            for part in np.array_split(order, 3)
        ]
        unsure = [area for one, area in zip(trust, areas, strict=True) if not one.known]
        doubt = f"; 'cannot tell' of {len(unsure)}: {np.mean(unsure):.3f}" if unsure else ""
        print(f"           by thirds, predicted -> measured  {'   '.join(thirds)}{doubt}")


def probable(shelf: Shelf, found: TagScores, words: Mapping[str, str]) -> None:
    """Table 4."""
    print(
        "\n4. score, where the true share of each tag is given: share of books that readers shelve so; hant, both"
    )
    truth = np.stack([np.isin(found.ids, list(ids)) for ids in shelf.truth.values()], axis=1)
    columns = [
        probabilities(found.scores[:, i], found.reliability[word].auc, float(share))
        for i, (word, share) in enumerate(zip(words.values(), truth.mean(0), strict=True))
    ]
    scores = np.stack(columns, axis=1)
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        chosen = (scores >= low) & (scores < high)
        if chosen.any():
            score, share = scores[chosen].mean(), truth[chosen].mean()
            print(
                f"  {low:.1f} to {min(high, 1):.1f}: score {score:.2f}, shelved {share:.2f}, {chosen.sum():,} pairs"
            )


def single_dimensions(shelf: Shelf) -> None:
    """Table 5."""
    pairs = [(id, tag) for tag, ids in shelf.truth.items() for id in sorted(ids)]
    shown = [tag for tag in SHOWN if tag in shelf.truth]
    for vector in ("meaning", "behaviour"):
        start = time.perf_counter()
        found = shelf.library.probe(shown, vector=vector, tagged=pairs)
        print(f"\n5. AUC of one dimension of {vector}, chosen on half of the books, on the other half")
        print(f"{'tag':<16}{'one':>7}{'random':>8}{'all':>7}{'above chance':>14}{'best':>6}")
        for one in found:
            above = f"{one.above_chance}/{len(one.dimensions)}"
            print(
                f"{one.target:<16}{one.chosen:>7.3f}{one.chosen_random:>8.3f}{one.trained:>7.3f}{above:>14}{one.best:>6}"
            )
        chosen, random, trained = (
            np.array([getattr(one, name) for one in found]) for name in ("chosen", "chosen_random", "trained")
        )
        gain = chosen - random
        error = 1.96 * gain.std(ddof=1) / len(gain) ** 0.5
        print(f"{'mean':<16}{chosen.mean():>7.3f}{random.mean():>8.3f}{trained.mean():>7.3f}")
        print(
            f"one dimension over a random direction {gain.mean():+.3f} +- {error:.3f}; "
            f"{np.mean([one.share for one in found]):.0%} of what all know; "
            f"{len({one.best for one in found})} different dimensions are best of {len(found)} tags"
        )
        said(f"{len(found)} tags probed", start)


def librarian(shelf: Shelf) -> None:
    """Table 6; the three books are no examples."""
    titles = {record["id"]: record["fields"]["title"] for record in shelf.library.items()}
    ids = sorted(titles, key=int)
    three = {next(id for id in ids if titles[id].startswith(start)): about for start, about in BOOKS.items()}
    tags = [*LIBRARIAN, FOURTH]
    print("\n6. the librarian: as the article has it")
    for name, scores in three.values():
        print_book(name, dict(zip(tags, scores, strict=True)))
    rest = {tag: sorted(shelf.truth[name] - set(three), key=int) for tag, name in LIBRARIAN.items()}
    ways = {
        "by the words alone": {},
        "with 20 examples a tag": {"examples": {tag: some[10:210:10] for tag, some in rest.items()}},
        "with readers' shelves of all other books": {
            "tagged": [(id, tag) for tag, some in rest.items() for id in some]
        },
    }
    for way, asked in ways.items():
        found = shelf.library.tags(tags, **asked)
        print(f"   {way}")
        for id, (name, _) in three.items():
            print_book(name, found.of(id))
        print("      " + "\n      ".join(f"{tag}: {found.reliability[tag]}" for tag in tags), flush=True)


def print_book(name: str, scores: Mapping[str, float]) -> None:
    print(f"   《{name}》→ " + ", ".join(f"{tag} {score:.2f}" for tag, score in scores.items()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="use")
    parser.add_argument("--taken", choices=TAKEN, default="to_read")
    parser.add_argument("--limit", type=int, default=10_000, help="only so many of the best-known books")
    parser.add_argument("--examples", default="5,20")
    parser.add_argument("--keep", default=":memory:", help="a folder for the collection, as --keep ./books")
    args = parser.parse_args()
    start = time.perf_counter()
    shelf = build(args.data, args.encoder, taken=args.taken, limit=args.limit, keep=args.keep)
    found = zero_shot(shelf)
    told(shelf, [int(count) for count in args.examples.split(",")])
    reliabilities(shelf, found)
    probable(shelf, found["hant", "both"], shelf.words("hant"))
    single_dimensions(shelf)
    librarian(shelf)
    said("in all", start)


if __name__ == "__main__":
    main()
