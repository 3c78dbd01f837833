"""How well does each mode of search find what was asked for? nDCG@10 of full text, vectors and both.

    python benchmarks/retrieval.py FOLDER... [--encoders use,e5-small] [--queries 500] [--gains 0,1,2,3,3] [--fp32]

A folder holds corpus.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query_id, doc_id, score).
`--gains` maps the grades 1, 2, ... to gains; without it a grade is its gain. The collection is used as a user would:
`add`, then `search` in each mode. With --fp32 it is made once more without the kernel, by ONNX Runtime, and a line
says how far the two are apart.
"""

import argparse
import csv
import json
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import firth
from firth.types import Item

MODES = ("text", "vector", "hybrid")
K = 10


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def read_gains(path: Path, gains: list[float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(path.open(encoding="utf-8"), delimiter="\t"):
        grade = int(row["score"])
        found.setdefault(row["query_id"], {})[row["doc_id"]] = gains[grade - 1] if gains else float(grade)
    return found


def ndcg(ranked: list[str], wanted: dict[str, float]) -> float:
    """Normalized discounted cumulative gain at 10 (Järvelin and Kekäläinen 2002)."""
    discount = 1 / np.log2(np.arange(2, K + 2))
    got = np.array([wanted.get(id, 0.0) for id in ranked[:K]])
    best = np.sort([*wanted.values()])[::-1][:K]
    return float((got * discount[: len(got)]).sum() / (best * discount[: len(best)]).sum())


def build(folder: Path, encoder: str, place: str) -> firth.Collection:
    items = []
    for row in read_jsonl(folder / "corpus.jsonl"):
        title, text = row.get("title", ""), row["text"]
        whole = text if text.startswith(title) else f"{title}\n{text}"
        if whole.strip():
            items.append(Item(row["id"], text=whole))
    collection = firth.open(place, model=encoder)
    collection.add(items)
    return collection


def measure_in_fp32(*arguments: Any) -> dict[str, np.ndarray]:
    """`measure` in a process of its own, for a process has the kernel or has it not."""
    with ProcessPoolExecutor(1, get_context("spawn"), switch_off) as pool:
        return pool.submit(measure, *arguments).result()


def switch_off() -> None:
    os.environ["FIRTH_KERNEL"] = "off"


def read_queries(folder: Path, wanted: dict[str, dict[str, float]], count: int) -> list[dict]:
    """Those that have an answer, evenly spread."""
    found = [
        query
        for query in read_jsonl(folder / "queries.jsonl")
        if max(wanted.get(query["id"], {"": 0.0}).values()) > 0
    ]
    return found[:: max(1, len(found) // count)]


def measure(folder: Path, encoder: str, wanted: dict, queries: list[dict]) -> dict[str, np.ndarray]:
    """Each query's nDCG@10 in each mode."""
    with tempfile.TemporaryDirectory() as place:
        collection = build(folder, encoder, f"{place}/c")
        return {
            mode: np.array(
                [ndcg(collection.search(q["text"], k=K, mode=mode).ids, wanted[q["id"]]) for q in queries]
            )
            for mode in MODES
        }


def report(folder: Path, name: str, scores: dict[str, np.ndarray]) -> None:
    better = max(("text", "vector"), key=lambda mode: scores[mode].mean())
    means = " ".join(f"{scores[mode].mean():8.4f}" for mode in MODES)
    gain = difference(scores["hybrid"], scores[better])
    print(f"{folder.name:<16} {name:<14} {means}  {gain} ({len(scores[better])} queries)", flush=True)


def difference(one: np.ndarray, other: np.ndarray) -> str:
    """The mean difference and its 95 % interval."""
    gain = one - other
    return f"{gain.mean():+.4f} +- {1.96 * gain.std() / np.sqrt(len(gain)):.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--encoders", default="use,e5-small")
    parser.add_argument(
        "--queries", type=int, default=500, help="how many queries of each set, evenly spread"
    )
    parser.add_argument("--gains", default="", help="gains of the grades 1, 2, ... for example 0,1,2,3,3")
    parser.add_argument("--fp32", action="store_true", help="the same without the kernel, side by side")
    args = parser.parse_args()
    gains, start = [float(gain) for gain in args.gains.split(",")] if args.gains else [], time.monotonic()
    print(
        f"{'set':<16} {'encoder':<14} " + " ".join(f"{mode:>8}" for mode in MODES) + "  hybrid - better half"
    )
    for folder in args.folders:
        wanted = read_gains(folder / "qrels.tsv", gains)
        queries = read_queries(folder, wanted, args.queries)
        for name in args.encoders.split(","):
            scores = measure(folder, name, wanted, queries)
            report(folder, name, scores)
            if args.fp32:
                exact = measure_in_fp32(folder, name, wanted, queries)
                report(folder, f"{name}, fp32", exact)
                apart = (f"{mode} {difference(scores[mode], exact[mode])}" for mode in MODES[1:])
                print(f"{'':<16} kernel - fp32: {', '.join(apart)}", flush=True)
    print(f"the whole run took {time.monotonic() - start:,.0f} s")


if __name__ == "__main__":
    main()
