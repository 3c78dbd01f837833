"""The cloze and the senses of words, against chance, frequency, sentences and the most common sense.

    python benchmarks/words_asking.py --data FOLDER [--only cloze,wic,wsd,number] [--train]

FOLDER holds corpus_en/open.txt.gz, corpus_zh_hant/open.txt.gz (a paragraph a line), wic_wordnet/pairs.jsonl and
wsd_senseval/instances.jsonl. With --train, word vectors are trained on the lines of the corpus that no cloze item is
from (minutes), else only the encoder is asked.

The rule of the cloze: of the lines whose CRC-32 is a multiple of 200 (English) or 10 (Chinese), those that are one
sentence, in random order; the gap is a word of the sentence, at random among those that occur once in it, are no stop
words and have a count in the corpus within set bounds; beside it stand three words of nearly the same count (within a
quarter) that are not in the sentence. So chance is .25, and frequency alone can do no better.
"""

import argparse
import gzip
import json
import re
import tempfile
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from firth.analysis.cloze import fill_by_encoder, fill_by_vectors
from firth.analysis.senses.grouping import group
from firth.analysis.senses.same import sense_shifts
from firth.analysis.words.contextual import in_context
from firth.encoders import encoder
from firth.encoders.words import WordVectors
from firth.similarity import cosine, normalize
from firth.text.stop_words import STOP_WORDS

ITEMS = 80
LATIN = re.compile(r"[a-z]+(?:['-][a-z]+)*")
HAN = re.compile("[\u4e00-\u9fff]{2,3}")
FREE = frozenset("的了在是和與及或有為中上下不也都這那個將可以從到於時後前，。、；：？！「」")
GARDENS = (
    ("He grew _ in his garden.", ("tomatoes", "carrots", "zucchini"), "bicycles"),
    ("他在花園裡種了_。", ("番茄", "胡蘿蔔", "櫛瓜"), "腳踏車"),
    ("他在花园里种了_。", ("番茄", "胡萝卜", "西葫芦"), "自行车"),
)


@dataclass(frozen=True)
class Item:
    sentence: str
    answer: str
    candidates: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Language:
    """What differs between the two languages in the rule of the cloze."""

    corpus: str
    every: int
    counts: tuple[int, int]
    sentence: re.Pattern[str]
    words: Callable[[str], list[str]]


def english_words(line: str) -> list[str]:
    return [word for word in LATIN.findall(line.lower()) if len(word) >= 4 and word.isalpha()]


def chinese_words(line: str) -> list[str]:
    """Pieces of the tokenizer that are words: two or three characters, with a word, a mark or a particle beside."""
    line = unicodedata.normalize("NFKC", line)  # as the tokenizer sees it
    spans = encoder("e5-small").token_spans(line, "document")
    pieces = [line[start:end].strip() for start, end in zip(spans.starts, spans.ends, strict=True)]
    pieces = ["，", *filter(None, pieces), "。"]
    free = [len(piece) > 1 or piece in FREE for piece in pieces]
    return [
        piece
        for i, piece in enumerate(pieces[1:-1], 1)
        if HAN.fullmatch(piece) and free[i - 1] and free[i + 1] and not set(piece) & set("的了之")
    ]


ENGLISH = Language(
    "corpus_en", 200, (100, 5000), re.compile(r"[A-Za-z][A-Za-z ,;'-]{40,140}[.?!]"), english_words
)
CHINESE = Language(
    "corpus_zh_hant", 10, (5, 800), re.compile("[\u4e00-\u9fff，、；：「」]{11,59}[。？！]"), chinese_words
)


def lines(data: Path, corpus: str) -> Iterator[str]:
    with gzip.open(data / corpus / "open.txt.gz", "rt", encoding="utf-8") as file:
        yield from (line.strip() for line in file)


def is_verse(line: str) -> bool:
    lengths = [len(part) for part in re.split("[，。？！；]", line) if part]
    return len(lengths) > 1 and len(set(lengths)) == 1 and lengths[0] in (4, 5, 6, 7)


def held_out(line: str, language: Language) -> bool:
    return zlib.crc32(line.encode()) % language.every == 0


def cloze_items(data: Path, language: Language, *, seed: int = 0) -> list[Item]:
    counts: Counter[str] = Counter()
    sentences = []
    for line in lines(data, language.corpus):
        if is_verse(line):
            continue
        counts.update(language.words(line))
        if held_out(line, language) and language.sentence.fullmatch(line):
            sentences.append(line)
    low, high = language.counts
    pool = sorted(word for word, n in counts.items() if low <= n <= high and word not in STOP_WORDS)
    rng, items = np.random.default_rng(seed), []
    for i in rng.permutation(len(sentences)):
        if item := one_item(sentences[i], language.words(sentences[i]), pool, counts, rng):
            items.append(item)
        if len(items) == ITEMS:
            break
    return items


def one_item(line: str, words: list[str], pool: list[str], counts: Counter[str], rng) -> Item | None:
    fitting = [w for w in dict.fromkeys(words) if w in set(pool) and len(re.findall(gap_of(w), line)) == 1]
    if not fitting:
        return None
    answer = fitting[rng.integers(len(fitting))]
    near = [w for w in pool if 0.8 <= counts[w] / counts[answer] <= 1.25 and w not in words]
    if len(near) < 3:
        return None
    candidates = [answer, *map(str, rng.choice(near, 3, replace=False))]
    rng.shuffle(candidates)
    sentence = re.sub(gap_of(answer), "_", line)
    return Item(sentence, answer, tuple(candidates), tuple(counts[w] for w in candidates))


def gap_of(word: str) -> str:
    return rf"(?i)\b{word}\b" if word.isascii() else word


def cloze(data: Path, *, train: bool) -> None:
    for name, language in (("English", ENGLISH), ("Chinese", CHINESE)):
        items = cloze_items(data, language)
        frequent = np.mean([i.candidates[int(np.argmax(i.counts))] == i.answer for i in items])
        print(f"cloze, {name}: {len(items)} items, chance .250, most frequent {frequent:.3f}", flush=True)
        say(items, "e5-small", lambda i: fill_by_encoder(i.sentence, i.candidates)[0].word)
        if train:
            say_trained(items, trained(data, language))
    for sentence, good, bad in GARDENS:
        found = [fill.word for fill in fill_by_encoder(sentence, [*good, bad])]
        print(f"  {sentence} {' > '.join(found)}: {'right' if found[-1] == bad else 'WRONG'}")


def say(items: list[Item], name: str, answer: Callable[[Item], str]) -> None:
    right = [answer(item) == item.answer for item in items]
    error = np.std(right) / len(right) ** 0.5
    print(f"  {name}: {np.mean(right):.3f} +- {error:.3f} of {len(right)}", flush=True)


def say_trained(items: list[Item], vectors: WordVectors) -> None:
    known = [item for item in items if all(known_word(vectors, word) for word in item.candidates)]
    say(known, "trained vectors", lambda item: best_by_vectors(vectors, item))
    single = WordVectors(vectors.words, vectors.vectors)
    say(known, "the same without the output matrix", lambda item: best_by_vectors(single, item))
    if all(known_word(vectors, word) for word in (*GARDENS[0][1], GARDENS[0][2])):
        fills = fill_by_vectors(vectors, GARDENS[0][0], candidates=[*GARDENS[0][1], GARDENS[0][2]])
        print(f"  {GARDENS[0][0]} {' > '.join(fill.word for fill in fills)}")
        print(f"  of all words: {', '.join(fill.word for fill in fill_by_vectors(vectors, GARDENS[0][0]))}")


def best_by_vectors(vectors: WordVectors, item: Item) -> str:
    return fill_by_vectors(vectors, item.sentence, candidates=item.candidates)[0].word


def known_word(vectors: WordVectors, word: str) -> bool:
    from firth.analysis.words import find
    from firth.errors import UnknownNameError

    try:
        return find(vectors, word) in vectors
    except UnknownNameError:
        return False


def trained(data: Path, language: Language) -> WordVectors:
    from firth.training import words

    names = ["corpus_zh_hant", "corpus_zh_hans"] if language is CHINESE else [language.corpus]
    texts = [t for name in names for t in lines(data, name) if not held_out(t, language)]
    with tempfile.TemporaryDirectory() as folder:
        report = words(texts, folder, epochs=3 if language is ENGLISH else 5, overwrite=True)
        print(f"  trained {report.words:,} words, {report.seconds:.0f} s", flush=True)
        return WordVectors.load(folder)


def auc(scores, labels) -> float:
    """The probability that a pair of one sense scores above a pair of two."""
    order = np.argsort(scores, kind="stable")
    rank = np.empty(len(scores))
    rank[order] = np.arange(1, len(scores) + 1)
    ones = labels.sum()
    return float((rank[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones)))


def wic(data: Path) -> None:
    rows = [json.loads(line) for line in (data / "wic_wordnet/pairs.jsonl").open(encoding="utf-8")]
    n, labels = len(rows), np.array([row["label"] for row in rows])
    texts = [row[f"text{k}"] for k in (1, 2) for row in rows]
    spans = [(row[f"start{k}"], row[f"end{k}"]) for k in (1, 2) for row in rows]
    e5 = encoder("e5-small")
    ways = {
        "sentences, use": encoder("use").encode(texts),
        "sentences, e5-small": e5.encode(texts),
        "token vectors": in_context(e5, texts, spans),
        "same_sense": sense_shifts(e5, texts, spans),
    }
    print(f"WordNet examples, {n} pairs, same sense or not, AUC (chance .500):")
    for name, vectors in ways.items():
        print(f"  {name}: {auc(cosine(vectors[:n], vectors[n:]), labels):.3f}", flush=True)


def wsd_rows(data: Path):
    rows = [json.loads(line) for line in (data / "wsd_senseval/instances.jsonl").open(encoding="utf-8")]
    texts, spans = [row["text"] for row in rows], [(row["start"], row["end"]) for row in rows]
    words, senses = (np.array([row[key] for row in rows]) for key in ("word", "sense"))
    return texts, spans, words, senses


def wsd(data: Path) -> None:
    texts, spans, words, senses = wsd_rows(data)
    near = [text[max(0, a - 300) : b + 300] for text, (a, b) in zip(texts, spans, strict=True)]
    ways = {
        "use, the window": encoder("use").encode(near),
        "e5-small, token vectors": in_context(encoder("e5-small"), texts, spans),
    }
    rng, train = np.random.default_rng(0), np.zeros(len(words), bool)
    for sense in np.unique(senses):
        rows = rng.permutation(np.flatnonzero(senses == sense))
        train[rows[: len(rows) // 2]] = True
    print(
        f"Senseval, {len(words)} contexts of {', '.join(np.unique(words))}; half of each sense to learn from:"
    )
    for name, vectors in ways.items():
        results = np.array(
            [one_word(vectors[words == w], senses[words == w], train[words == w]) for w in np.unique(words)]
        )
        mean = np.average(results[:, :-1], axis=0, weights=results[:, -1])
        print(
            f"  {name}: most common {mean[0]:.3f}, nearest mean {mean[1]:.3f}, logistic {mean[2]:.3f},",
            end=" ",
        )
        print(f"groups (as many as senses) {mean[3]:.3f}, 10 groups {mean[4]:.3f}", flush=True)


def one_word(vectors, senses, train) -> tuple[float, ...]:
    names, y = np.unique(senses, return_inverse=True)
    x = vectors - vectors[train].mean(0)
    x = normalize(x / np.maximum(x[train].std(0), 1e-6)).astype(np.float64)
    test, truth = x[~train], y[~train]
    means = normalize(np.stack([x[train & (y == c)].mean(0) for c in range(len(names))]))
    common = np.bincount(y[train]).argmax()
    scores = [np.mean(common == truth), np.mean((test @ means.T).argmax(1) == truth)]
    scores.append(np.mean(logistic(x[train], y[train], test) == truth))
    for k in (len(names), 10):
        labels = group(x.astype(np.float32), k=k).labels
        guess = {g: np.bincount(y[train & (labels == g)]).argmax() for g in np.unique(labels[train])}
        scores.append(
            np.mean([guess.get(g, common) == t for g, t in zip(labels[~train], truth, strict=True)])
        )
    return (*map(float, scores), len(truth))


def logistic(x, y, test, penalty: float = 0.05):
    """Multinomial logistic regression, by Newton's method with Boehning's bound of the curvature."""
    mean = x.mean(0)
    energy, axes = np.linalg.eigh((x - mean).T @ (x - mean))
    rows, target = (x - mean) @ axes, np.eye(y.max() + 1)[y]
    weights, offset = np.zeros((x.shape[1], target.shape[1])), np.zeros(target.shape[1])
    for _ in range(300):
        p = np.exp(rows @ weights + offset)
        pull = target - p / p.sum(1, keepdims=True)
        weights += 2 * (rows.T @ pull - penalty * weights) / (energy + 2 * penalty)[:, None]
        offset += 2 * pull.mean(0)
    return ((test - mean) @ axes @ weights + offset).argmax(1)


def number(data: Path) -> None:
    texts, spans, words, senses = wsd_rows(data)
    vectors = in_context(encoder("e5-small"), texts, spans)
    vectors = vectors / vectors.std(0)
    often = [s for s in np.unique(senses) if (senses == s).sum() >= 100]
    pairs = [
        p for w in np.unique(words) for p in combinations([s for s in often if s in senses[words == w]], 2)
    ]
    for size in (200, 40):
        rng = np.random.default_rng(0)
        counts = {}
        for kind, sets in (("one sense", [(s,) for s in often]), ("two senses", pairs)):
            chosen = [rng.permutation(np.flatnonzero(np.isin(senses, s)))[:size] for s in sets]
            counts[kind] = [group(vectors[rows]).count for rows in chosen]
        told = "; ".join(
            f"{kind}: {np.mean(np.array(c) > 1):.0%} of {len(c)} split" for kind, c in counts.items()
        )
        print(f"number of senses, {size} contexts each: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default="cloze,wic,wsd,number")
    parser.add_argument("--train", action="store_true")
    given = parser.parse_args()
    for name in given.only.split(","):
        if name == "cloze":
            cloze(given.data, train=given.train)
        else:
            {"wic": wic, "wsd": wsd, "number": number}[name](given.data)


if __name__ == "__main__":
    main()
