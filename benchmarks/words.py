"""Word vectors by firth, gensim and fastText: how fast, and how good, from the same words with the same settings.

    python benchmarks/words.py --data FOLDER [--language en|zh] [--seeds 1,2,3] [--engines firth,gensim,fasttext]
        [--model skipgram|cbow] [--rate 0.025] [--epochs 5] [--every 1] [--scratch DIR]
        [--python /venv/of/the/peers/bin/python]

The folder holds corpus_en (or corpus_zh_hans and corpus_zh_hant: *.txt.gz, a paragraph a line), wordsim_en and
analogy_en (or wordsim_zh and analogy_zh). The text is cut into words once, by firth, and written with spaces between
them; every engine reads that file in a process of its own, on two threads. Words a second are those of learning alone;
`whole` is from the file to vectors in memory. `cpu` counts the seconds of both cores, so that it holds on a busy
machine. `--every 3` takes each third line.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

CORPORA = {"en": ["corpus_en"], "zh": ["corpus_zh_hans", "corpus_zh_hant"]}
SIMILARITIES = {"en": "wordsim_en/wordsim353.csv", "zh": "wordsim_zh/wordsim240.csv"}
ANALOGIES = {
    "en": ["analogy_en/questions_words.csv"],
    "zh": ["analogy_zh/ca8_semantic.csv", "analogy_zh/ca8_morphological.csv", "analogy_zh/ca_translated.csv"],
}
MOST_FREQUENT = 30_000
"""Analogies are asked among these, as word2vec's own script does."""
SETTINGS = {"size": 100, "window": 5, "negative": 5, "min_count": 5, "sample": 1e-3, "threads": 2}
MODELS = ("skipgram", "cbow")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--language", default="en", choices=list(CORPORA))
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--engines", default="firth,gensim,fasttext")
    parser.add_argument("--model", default="skipgram", choices=MODELS)
    parser.add_argument(
        "--rate", type=float, default=0.025, help="the learning rate at the start, of all engines"
    )
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--python", default=sys.executable, help="of the peers")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "firth-words")
    parser.add_argument("--learn", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.learn:
        print(json.dumps(learn(json.loads(given.learn))))
        return
    given.scratch.mkdir(parents=True, exist_ok=True)
    text = cut(given.data, given.language, given.every, given.scratch)
    results: dict[str, list[dict]] = {engine: [] for engine in given.engines.split(",")}
    for seed in map(int, given.seeds.split(",")):
        for engine, found in results.items():
            task = {"engine": engine, "text": str(text), "output": str(given.scratch / f"{engine}.npz")}
            task |= {"seed": seed, "epochs": given.epochs, "model": given.model, "rate": given.rate}
            python = sys.executable if engine == "firth" else given.python
            command = [python, __file__, "--learn", json.dumps(task)]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            result = json.loads(run.stdout.splitlines()[-1])
            found.append(result | judge(given.data, given.language, Path(task["output"])))
            print(engine, seed, line(found[-1]), flush=True)
    tell(results)


def cut(data: Path, language: str, every: int, scratch: Path) -> Path:
    """The corpus as words with spaces between them."""
    from firth.encoders.words.tokens import Tokens
    from firth.text import fold
    from firth.training.skipgram.segmentation import chinese_runs, learn_dictionary

    path = scratch / f"{language}-{every}.txt"
    if path.exists():
        return path
    lines = [text for i, text in enumerate(texts(data, language)) if i % every == 0]
    began = time.process_time()
    dictionary = learn_dictionary(chinese_runs(map(fold, lines))) if language == "zh" else {}
    found = Tokens(dictionary=dictionary).many(lines)
    seconds, count = time.process_time() - began, sum(map(len, found))
    print(f"cut into {count:,} words: {count / seconds / 1e3:,.0f}k words a cpu-second")
    path.write_text("".join(f"{' '.join(words)}\n" for words in found if words), "utf-8")
    return path


def texts(data: Path, language: str) -> Iterator[str]:
    for folder in CORPORA[language]:
        for path in sorted((data / folder).glob("*.txt.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                yield from lines


def learn(task: dict) -> dict:
    """One engine's run, in a process of its own."""
    whole, before = time.monotonic(), cpu()
    words, vectors, result = ENGINES[task["engine"]](task)
    result |= {"whole": time.monotonic() - whole, "whole_cpu": cpu() - before}
    result["peak_mb"] = peak_mb()
    np.savez(task["output"], words=np.array(words), vectors=vectors)
    return result


def peak_mb() -> float:
    """The most memory of this process; on Linux getrusage would begin with what the parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        return (
            next(int(row.split()[1]) for row in status.read_text().splitlines() if row.startswith("VmHWM"))
            / 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS


def firth(task: dict) -> tuple[list[str], np.ndarray, dict]:
    from firth.encoders.words import WordVectors
    from firth.training import fitting  # noqa: F401 - so that imports are not in the figures
    from firth.training.skipgram import Speed, WordsListener
    from firth.training.words import words as train

    class Clock(WordsListener):
        began = 0.0

        def begin(self, phase: str, total: int) -> None:
            self.began, self.before = time.monotonic(), cpu()

        def speed(self, speed: Speed) -> None:
            self.seconds, self.cpu = time.monotonic() - self.began, cpu() - self.before

    clock = Clock()
    with tempfile.TemporaryDirectory(dir=Path(task["output"]).parent) as folder:
        options = {
            "chinese": "spaces",
            "epochs": task["epochs"],
            "model": task["model"],
            "seed": task["seed"],
            "rate": task["rate"],
        }
        report = train(Path(task["text"]), folder, listener=clock, **options, **SETTINGS)
        vectors = WordVectors.load(folder)
    count = report.tokens * task["epochs"]
    return [*vectors.words], vectors.vectors, {"words": count, "seconds": clock.seconds, "cpu": clock.cpu}


def gensim(task: dict) -> tuple[list[str], np.ndarray, dict]:
    from gensim.models import Word2Vec

    lines = [line.split() for line in Path(task["text"]).read_text("utf-8").splitlines()]
    model = Word2Vec(
        vector_size=SETTINGS["size"],
        window=SETTINGS["window"],
        negative=SETTINGS["negative"],
        min_count=SETTINGS["min_count"],
        sample=SETTINGS["sample"],
        workers=SETTINGS["threads"],
        sg=task["model"] == "skipgram",
        alpha=task["rate"],
        seed=task["seed"],
    )
    model.build_vocab(lines)
    began, before = time.monotonic(), cpu()
    model.train(lines, total_examples=model.corpus_count, epochs=task["epochs"])
    seconds, used = time.monotonic() - began, cpu() - before
    count = int(sum(model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key)) * task["epochs"]
    return model.wv.index_to_key, model.wv.vectors, {"words": count, "seconds": seconds, "cpu": used}


def fasttext(task: dict) -> tuple[list[str], np.ndarray, dict]:
    import fasttext as engine  # its Python takes no seed: threads alone make runs differ

    def train(epochs: int, **small: int) -> tuple:
        began, before = time.monotonic(), cpu()
        model = engine.train_unsupervised(
            task["text"],
            model=task["model"],
            dim=small.get("size", SETTINGS["size"]),
            ws=small.get("window", SETTINGS["window"]),
            neg=small.get("negative", SETTINGS["negative"]),
            minCount=SETTINGS["min_count"],
            t=SETTINGS["sample"],
            thread=SETTINGS["threads"],
            lr=task["rate"],
            epoch=epochs,
            minn=0,
            maxn=0,
            verbose=0,
        )
        return model, time.monotonic() - began, cpu() - before

    # its one call reads, counts and learns: what it takes with next to nothing to learn is reading
    _, reading, reading_cpu = train(1, size=1, window=1, negative=1)
    model, seconds, used = train(task["epochs"])
    words, counts = model.get_words(include_freq=True)
    result = {
        "words": int(sum(counts)) * task["epochs"],
        "seconds": seconds - reading,
        "cpu": used - reading_cpu,
    }
    return words, np.stack([model.get_word_vector(word) for word in words]), result


ENGINES = {"firth": firth, "gensim": gensim, "fasttext": fasttext}


def cpu() -> float:
    times = os.times()
    return times.user + times.system


def judge(data: Path, language: str, output: Path) -> dict:
    """Spearman's correlation with people's judgement, and the share of analogies that 3CosAdd gets right."""
    from firth.text import fold

    stored = np.load(output)
    index = {word: row for row, word in enumerate(stored["words"].tolist())}
    unit = stored["vectors"] / np.maximum(np.linalg.norm(stored["vectors"], axis=1, keepdims=True), 1e-9)
    mine, theirs = [], []
    for row in rows(data / SIMILARITIES[language]):
        a, b = index.get(fold(row["word1"])), index.get(fold(row["word2"]))
        if a is not None and b is not None:
            mine.append(float(unit[a] @ unit[b]))
            theirs.append(float(row["score"]))
    questions = [
        places
        for name in ANALOGIES[language]
        for row in rows(data / name)
        if max(places := [index.get(fold(row[key]), MOST_FREQUENT) for key in "abcd"]) < MOST_FREQUENT
    ]
    right = analogies(unit[:MOST_FREQUENT], np.array(questions))
    return {
        "similarity": spearman(mine, theirs),
        "pairs": len(mine),
        "analogies": right,
        "asked": len(questions),
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def spearman(a: list[float], b: list[float]) -> float:
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def ranks(values: list[float]) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def analogies(unit: np.ndarray, questions: np.ndarray) -> float:
    right = 0
    for start in range(0, len(questions), 512):
        part = questions[start : start + 512]
        a, b, c, d = part.T
        scores = (unit[b] - unit[a] + unit[c]) @ unit.T
        for given in (a, b, c):
            scores[np.arange(len(part)), given] = -np.inf
        right += int((scores.argmax(1) == d).sum())
    return right / max(len(questions), 1)


def line(result: dict) -> str:
    wall, used = (result["words"] / result[key] / 1e3 for key in ("seconds", "cpu"))
    return (
        f"{wall:6,.0f}k words/s  {used:6,.0f}k/cpu-s"
        f"  whole {result['whole']:5.1f} s (cpu {result['whole_cpu']:5.1f})  similarity {result['similarity']:.3f}"
        f" ({result['pairs']})  analogies {result['analogies']:.3f} ({result['asked']})  {result['peak_mb']:,.0f} MB"
    )


def tell(results: dict[str, list[dict]]) -> None:
    print(f"\n{'':9} {'words/s':>9} {'per cpu-s':>10} {'similarity':>15} {'analogies':>15} {'peak MB':>8}")
    for engine, found in results.items():
        wall = np.median([r["words"] / r["seconds"] for r in found])
        used = np.median([r["words"] / r["cpu"] for r in found])
        cells = [spread([r[key] for r in found]) for key in ("similarity", "analogies")]
        peak = max(r["peak_mb"] for r in found)
        print(f"{engine:9} {wall:9,.0f} {used:10,.0f} {cells[0]:>15} {cells[1]:>15} {peak:8,.0f}")
    peers = {engine: found for engine, found in results.items() if engine != "firth"}
    if "firth" in results and peers:
        for key in ("seconds", "cpu"):
            mine = np.median([r["words"] / r[key] for r in results["firth"]])
            fastest = max(np.median([r["words"] / r[key] for r in found]) for found in peers.values())
            print(f"firth against the faster peer, by {key}: {mine / fastest:.2f}x")


def spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} +- {np.std(values):.3f}"


if __name__ == "__main__":
    main()
