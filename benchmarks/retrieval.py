"""How well does each mode of search find what was asked for? nDCG@10 of full text, vectors and both.

    python benchmarks/retrieval.py FOLDER... [--encoders use,e5-small] [--queries 500] [--gains 0,1,2,3,3]

A folder holds corpus.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query_id, doc_id, score).
`--gains` maps the grades 1, 2, ... to gains; without it a grade is its gain. The collection is used as a user would:
`add`, then `search` in each mode.
"""

import argparse
import csv
import json
import tempfile
from pathlib import Path

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
    args = parser.parse_args()
    gains = [float(gain) for gain in args.gains.split(",")] if args.gains else []
    print(
        f"{'set':<16} {'encoder':<10} " + " ".join(f"{mode:>8}" for mode in MODES) + "  hybrid - better half"
    )
    for folder in args.folders:
        wanted = read_gains(folder / "qrels.tsv", gains)
        queries = [
            q
            for q in read_jsonl(folder / "queries.jsonl")
            if max(wanted.get(q["id"], {"": 0.0}).values()) > 0
        ]
        queries = queries[:: max(1, len(queries) // args.queries)]
        for encoder in args.encoders.split(","):
            with tempfile.TemporaryDirectory() as place:
                collection = build(folder, encoder, f"{place}/c")
                scores = {
                    mode: np.array(
                        [
                            ndcg(collection.search(q["text"], k=K, mode=mode).ids, wanted[q["id"]])
                            for q in queries
                        ]
                    )
                    for mode in MODES
                }
            better = max(("text", "vector"), key=lambda mode: scores[mode].mean())
            gain = scores["hybrid"] - scores[better]
            error = 1.96 * gain.std() / np.sqrt(len(gain))
            means = " ".join(f"{scores[mode].mean():8.4f}" for mode in MODES)
            print(
                f"{folder.name:<16} {encoder:<10} {means}  {gain.mean():+.4f} +- {error:.4f} ({len(queries)} queries)"
            )


if __name__ == "__main__":
    main()
