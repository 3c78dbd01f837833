"""Folders of small BERT-like models, random and written on the spot, and what they compute in float32."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from firth.encoders.bert_tensors import FAMILIES
from firth.kernel import encode_twin as twin

WORDS = ["a", "red", "apple", "and", "orange", "蘋", "果", "橙", "。", ".", "query", "passage", ":"]
BERT_MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_MARKS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
WIDTH, INNER, LAYERS, HEADS, WINDOW = 128, 256, 2, 4, 40
PROMPTS = {"query": "query : ", "document": "passage : "}


def write_model(
    folder: Path,
    family: str = "bert",
    *,
    activation: str = "gelu",
    pooling: str | None = "mean",
    **config: Any,
) -> dict[str, np.ndarray]:
    """A model as sentence-transformers writes it, or without `pooling` as transformers does. Its tensors come back."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    marks = ROBERTA_MARKS if FAMILIES[family].skips_positions else BERT_MARKS
    write_tokenizer(folder, marks)
    pad = marks.index("<pad>" if "<pad>" in marks else "[PAD]")
    sizes = {"width": WIDTH, "inner": INNER, "layers": LAYERS, "heads": HEADS, "activation": activation}
    notes = {theirs: sizes[ours] for ours, theirs in FAMILIES[family].sizes.items()}
    positions = WINDOW + pad + 1 if FAMILIES[family].skips_positions else WINDOW
    notes |= {"model_type": family, "max_position_embeddings": positions, "pad_token_id": pad}
    write_json(folder / "config.json", {**notes, "vocab_size": len(marks) + len(WORDS), **config})
    if pooling:
        write_modules(folder, pooling)
    tensors = random_tensors(family, len(marks) + len(WORDS), positions)
    save_file(tensors, folder / "model.safetensors")
    return tensors


def write_tokenizer(folder: Path, marks: list[str]) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocab = {piece: i for i, piece in enumerate([*marks, *WORDS])}
    begin, end = ("<s>", "</s>") if "<s>" in marks else ("[CLS]", "[SEP]")
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="<unk>" if "<s>" in marks else "[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    known = [(begin, vocab[begin]), (end, vocab[end])]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{begin} $A {end}", special_tokens=known)
    tokenizer.enable_truncation(8)  # as files of the hub have it: firth reads the whole text
    tokenizer.save(str(folder / "tokenizer.json"))
    notes = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": WINDOW, "cls_token": begin}
    notes |= {"sep_token": end, "pad_token": "<pad>" if "<s>" in marks else "[PAD]"}
    write_json(folder / "tokenizer_config.json", notes)


def write_modules(folder: Path, pooling: str) -> None:
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    start = "sentence_transformers.models."
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": start + kind}
        for i, (path, kind) in enumerate(kinds.items())
    ]
    write_json(folder / "modules.json", modules)
    for path in list(kinds)[1:]:
        (folder / path).mkdir(exist_ok=True)
    on = {
        f"pooling_mode_{mode}": mode.startswith(pooling)
        for mode in ("cls_token", "mean_tokens", "max_tokens")
    }
    write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": WIDTH, **on})
    write_json(folder / "2_Normalize" / "config.json", {})
    write_json(
        folder / "config_sentence_transformers.json", {"prompts": PROMPTS, "default_prompt_name": None}
    )


def write_json(path: Path, notes: Any) -> None:
    path.write_text(json.dumps(notes), "utf-8")


def change_json(path: Path, **notes: Any) -> None:
    write_json(path, {**(json.loads(path.read_text("utf-8")) if path.exists() else {}), **notes})


def random_tensors(family: str, pieces: int, positions: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng, names = np.random.default_rng(seed), FAMILIES[family]

    def normal(*size: int, scale: float = 1.0) -> np.ndarray:
        return (rng.standard_normal(size) * scale).astype(np.float32)

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": 1 + normal(WIDTH, scale=0.2), f"{name}.bias": normal(WIDTH, scale=0.2)}

    found = {
        "embeddings.word_embeddings.weight": normal(pieces, WIDTH),
        "embeddings.position_embeddings.weight": normal(positions, WIDTH, scale=0.3),
        **norm("embeddings.LayerNorm"),
    }
    if names.has_kinds:
        found["embeddings.token_type_embeddings.weight"] = normal(2, WIDTH, scale=0.3)
    if family == "bert":
        found |= {"pooler.dense.weight": normal(WIDTH, WIDTH), "pooler.dense.bias": normal(WIDTH)}
    for i in range(LAYERS):
        layer = {ours: f"{names.layer}{i}.{theirs}" for ours, theirs in names.tensors.items()}
        for ours, name in layer.items():
            out, into = {"fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}.get(ours, (WIDTH, WIDTH))
            dense = {
                f"{name}.weight": normal(out, into, scale=into**-0.5),
                f"{name}.bias": normal(out, scale=0.2),
            }
            found |= norm(name) if ours.endswith("ln") else dense
    return found


def in_float(
    tensors: dict[str, np.ndarray], family: str, ids: list[int], *, activation: str = "gelu"
) -> np.ndarray:
    """The vectors ``(t, d)`` of one text's tokens, marks among them, in float32."""
    names = FAMILIES[family]
    skipped = ROBERTA_MARKS.index("<pad>") + 1 if names.skips_positions else 0
    x = tensors["embeddings.word_embeddings.weight"][ids]
    x = x + tensors["embeddings.position_embeddings.weight"][skipped : skipped + len(ids)]
    if names.has_kinds:
        x = x + tensors["embeddings.token_type_embeddings.weight"][0]
    x = _norm(tensors, "embeddings.LayerNorm", x)
    for i in range(LAYERS):
        layer = {ours: f"{names.layer}{i}.{theirs}" for ours, theirs in names.tensors.items()}
        q, k, v = (
            _dense(tensors, layer[n], x).reshape(len(ids), HEADS, -1).transpose(1, 0, 2) for n in "qkv"
        )
        scores = np.exp(q @ k.transpose(0, 2, 1) / math.sqrt(WIDTH // HEADS))
        mixed = (scores / scores.sum(2, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(ids), -1)
        x = _norm(tensors, layer["aln"], x + _dense(tensors, layer["ao"], mixed))
        inner = {"gelu": twin.gelu, "relu": twin.relu}[activation](_dense(tensors, layer["fi"], x))
        x = _norm(tensors, layer["oln"], x + _dense(tensors, layer["fo"], inner))
    return x


def _dense(tensors: dict[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]


def _norm(tensors: dict[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(1, keepdims=True)
    x = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-12)
    return x * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]
