"""Build src/firth/sample, the few hundred items of ``firth demo``, from a folder of open data sets.

    python scripts/make_sample.py DATA_FOLDER

The folder holds one folder for each set: emoji, openclipart, tang_poems, goodbooks10k, libreoffice_parallel,
corpus_zh_hans, tatoeba_en_zh, drcd_retrieval. What is picked by name stands in sample_selection.toml; the rest is
picked by rule, with a fixed seed. Run twice, it writes the same files. The README beside the sample, with the
origins, is written by hand.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from firth.text import fold, script

SAMPLE = Path(__file__).resolve().parents[1] / "src" / "firth" / "sample"
SELECTION = tomllib.loads(Path(__file__).with_name("sample_selection.toml").read_text(encoding="utf-8"))
SEED = 20261122
MAX_SIDE = 160
COLOURS = 128

Row = dict[str, Any]


def main() -> None:
    """Write pictures/ and items.jsonl."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder of data sets")
    data = parser.parse_args().data
    shutil.rmtree(SAMPLE / "pictures", ignore_errors=True)
    (SAMPLE / "pictures").mkdir(parents=True)
    makers = (emoji, clipart, poems, books, help_sentences, sentence_pairs, encyclopedia)
    rows = [row for maker in makers for row in maker(data)]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (SAMPLE / "items.jsonl").write_text("".join(lines), encoding="utf-8")
    size = sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file())
    print(f"{len(rows)} items, {size:,} bytes")


def emoji(data: Path) -> Iterator[Row]:
    """Pictures without text; their names are fields, not to be read by an encoder."""
    with (data / "emoji" / "emoji.csv").open(encoding="utf-8", newline="") as file:
        by_name = {row["en"]: row for row in csv.DictReader(file) if row["vendor"] == "google"}
    for name in re.split(r"[|\n]", SELECTION["emoji"].strip()):
        row = by_name[name]
        item = f"emoji-{row['code'].lower()}"
        yield {
            "id": item,
            "collection": "emoji",
            "image": save_picture(data / "emoji" / row["file"], item),
            "name_en": row["en"],
            "name_zh_hant": row["zh_Hant"],
            "name_zh_hans": row["zh_Hans"],
            "licence": "Apache-2.0",
            "credit": "Noto Emoji, Google; names: Unicode CLDR",
        }


def clipart(data: Path) -> Iterator[Row]:
    """Pictures without text, of many hands."""
    with (data / "openclipart" / "clipart.csv").open(encoding="utf-8", newline="") as file:
        by_file = {row["file"]: row for row in csv.DictReader(file)}
    for name, seen in SELECTION["clipart"].items():
        row = by_file[name]
        item = "clipart-" + re.sub(r"[^a-z]+", "-", seen.lower())
        yield {
            "id": item,
            "collection": "clipart",
            "image": save_picture(data / "openclipart" / "images" / name, item),
            "name_en": seen,
            "author": row["author"],
            "licence": "public domain",
            "credit": f"{row['author']}, Open Clip Art Library",
        }


POETS = ["李白", "杜甫", "王維", "白居易", "李商隱", "杜牧", "孟浩然", "王昌齡", "劉禹錫", "韋應物"]
POETS += ["元稹", "孟郊", "賈島", "張籍", "柳宗元", "岑參", "王之渙"]
THEMES = ("明月", "故鄉", "春風", "送", "秋", "雪", "酒", "江", "山中", "花", "夜", "相思")


def poems(data: Path) -> Iterator[Row]:
    """Some by name, the rest short ones of the great poets, as many for each theme."""
    every = [row for row in read_lines(data / "tang_poems" / "poems.jsonl") if "□" not in row["text"]]
    named = [tuple(pair) for pair in SELECTION["poems"]]
    chosen = [next(row for row in every if (row["title"], row["author"]) == pair) for pair in named]
    short = [row for row in every if row["author"] in POETS and len(row["text"]) <= 64]
    short.sort(key=lambda row: (POETS.index(row["author"]), row["title"]))
    random.Random(SEED).shuffle(short)
    for theme in THEMES:
        fitting = [row for row in short if theme in row["title"] + row["text"] and row not in chosen]
        chosen += fitting[:8]
    for number, row in enumerate(chosen, 1):
        yield {
            "id": f"poem-{number:03}",
            "collection": "poem",
            "text": f"{row['title']}\n{row['text']}",
            "language": "zh-Hant",
            "title": row["title"],
            "author": row["author"],
            "licence": "public domain",
            "credit": "Complete Tang Poems; collected by chinese-poetry (MIT)",
        }


def books(data: Path) -> Iterator[Row]:
    """The most rated English books, one of each series."""
    with (data / "goodbooks10k" / "books.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language_code"] in ("eng", "en-US", "en-GB")]
    rows = [
        row for row in rows if row["original_publication_year"] and not re.search(r"#(?!1\b)", row["title"])
    ]
    rows.sort(key=lambda row: -int(row["ratings_count"]))
    for row in rows[:150]:
        # The table has some names twice, and some with many spaces inside.
        authors = ", ".join(dict.fromkeys(" ".join(name.split()) for name in row["authors"].split(",")))
        yield {
            "id": f"book-{row['book_id']}",
            "collection": "book",
            "text": f"{row['title']}, {authors}",
            "language": "en",
            "title": row["title"],
            "author": authors,
            "year": int(float(row["original_publication_year"])),
            "average_rating": float(row["average_rating"]),
            "licence": "CC BY-SA 4.0",
            "credit": "goodbooks-10k, Zygmunt Zając",
        }


def help_sentences(data: Path) -> Iterator[Row]:
    """30 sentences in all three scripts, 30 more in one each."""
    rows = list(read_lines(data / "libreoffice_parallel" / "parallel.jsonl"))
    rows = [row for row in rows if 40 <= len(row["en"]) <= 140 and not re.search(r"[<>\[%{]", row["en"])]
    rows = [row for row in rows if fold(row["zh_tw"]) != fold(row["zh_cn"])]
    languages = {"en": "en", "zh_tw": "zh-Hant", "zh_cn": "zh-Hans"}
    for number, row in enumerate(random.Random(SEED).sample(rows, 60)):
        columns = list(languages) if number < 30 else [list(languages)[number % 3]]
        for column in columns:
            yield help_row(f"help-{number + 1:02}-{column.replace('_', '-')}", row[column], languages[column])
    with gzip.open(data / "corpus_zh_hans" / "open.txt.gz", "rt", encoding="utf-8") as file:
        corpus = {line.strip() for line in file}
    for number, line in enumerate(SELECTION["help_lines"], 61):
        if line not in corpus:
            raise SystemExit(f"the corpus has no line {line!r}")
        yield help_row(f"help-{number}-zh-cn", line, "zh-Hans")


def help_row(item: str, text: str, language: str) -> Row:
    """One sentence of the help pages."""
    return {
        "id": item,
        "collection": "help",
        "text": text,
        "language": language,
        "licence": "MPL-2.0",
        "credit": "LibreOffice Help, The Document Foundation",
    }


SUBJECTS = ("telescope", "baseball", "roses", "squid", "cake", "train", "storm", "thunder", "music", "money")


def sentence_pairs(data: Path) -> Iterator[Row]:
    """A sentence on each subject, in English and in Chinese."""
    with (data / "tatoeba_en_zh" / "cmn.csv").open(encoding="utf-8", newline="") as file:
        pairs = [row for row in csv.DictReader(file) if len(row["en"]) <= 100]
    for subject in SUBJECTS:
        pair = next((row for row in pairs if re.search(rf"\b{subject}\b", row["en"])), None)
        if pair is None:
            raise SystemExit(f"no sentence about {subject!r}")
        pairs.remove(pair)
        for column, language in (("en", "en"), ("cmn", script(pair["cmn"]))):
            yield {
                "id": f"sentence-{subject}-{'en' if column == 'en' else 'zh'}",
                "collection": "sentence",
                "text": pair[column],
                "language": language,
                "licence": "CC BY 2.0 FR",
                "credit": "Tatoeba contributors, tatoeba.org",
            }


def encyclopedia(data: Path) -> Iterator[Row]:
    """Passages of the Chinese Wikipedia, in Traditional characters."""
    rows = {row["id"]: row for row in read_lines(data / "drcd_retrieval" / "corpus.jsonl")}
    short = [
        item for item, row in rows.items() if len(row["text"]) <= 300 and item not in SELECTION["passages"]
    ]
    for item in [*SELECTION["passages"], *random.Random(SEED).sample(short, 28)]:
        yield {
            "id": f"wikipedia-{item}",
            "collection": "wikipedia",
            "text": rows[item]["text"],
            "language": "zh-Hant",
            "title": rows[item]["title"],
            "licence": "CC BY-SA 3.0",
            "credit": "Chinese Wikipedia contributors; selected by DRCD, Delta Research Center",
        }


def save_picture(source: Path, item: str) -> str:
    """A small PNG on white, with few colours; its path in the sample."""
    picture = Image.open(source).convert("RGBA")
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    target = f"pictures/{item}.png"
    small = paper.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(SAMPLE / target, optimize=True)
    return target


def read_lines(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    main()
