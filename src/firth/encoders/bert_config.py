"""What the JSON files of a BERT-like model's folder say, as far as firth's kernel can do it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from firth.encoders.base import Role
from firth.encoders.bert_tensors import FAMILIES, Family
from firth.errors import InputError, UnreadableError
from firth.kernel.bert import BertShape

__all__ = ["BertConfig", "Pooling", "is_bert_like", "read_bert_config"]

Pooling: TypeAlias = Literal["mean", "cls"]
Notes: TypeAlias = Mapping[str, Any]

MODULES = (["Transformer"], ["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
INNER = ("", "0_Transformer")
"""Where sentence-transformers puts the network within a model's folder."""
WEIGHTS = ("model.safetensors", "model.onnx", "onnx/model.onnx")
DEPTHS = (128, 64)
LEGACY_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""How sentence-transformers wrote ``"pooling_mode"`` before its version 5."""


@dataclass(frozen=True, slots=True)
class BertConfig:
    """A model's options.

    Attributes:
        folder: Where its configuration, weights and tokenizer lie.
        weights: The file of its weights.
        family: How it names things.
        shape: The kernel's sizes.
        pooling: What a text's vector is: the mean of its tokens' vectors, or the first mark's.
        longest: The most tokens it reads, marks and prompts among them.
        pad: The id of the padding.
        prompts: All prompts by name, without empty ones.
        lowercase: Whether its tokenizer should write all in small letters; None where it is not said.
    """

    folder: Path
    weights: Path
    family: Family
    shape: BertShape
    pooling: Pooling
    longest: int
    pad: int
    prompts: Mapping[str, str]
    lowercase: bool | None

    def prompt(self, role: Role) -> str:
        """What stands before a text of this role."""
        return self.prompts.get(role, "")


def is_bert_like(folder: Path) -> bool:
    """Whether a folder holds a model of a family whose networks the kernel runs, whatever its options."""
    for inner in INNER:
        try:
            notes = _read_if(folder / inner / "config.json")
        except UnreadableError:
            continue
        if isinstance(notes, dict) and notes.get("model_type") in FAMILIES:
            return True
    return False


def read_bert_config(folder: Path) -> BertConfig:
    """The options of a model in a folder that transformers or sentence-transformers wrote.

    Raises:
        InputError: An option is one that firth's kernel has not.
        UnreadableError: A file is missing or damaged.
    """
    modules = _modules(folder)
    inner = _inner(folder, modules)
    config, reading = _read(inner / "config.json"), _read_if(inner / "sentence_bert_config.json")
    own, tokenizer = _read_if(folder / "config_sentence_transformers.json"), _tokenizer(inner)
    _expect(inner / "config.json", config, "model_type", FAMILIES)
    _check_options(inner, config, reading)
    family = FAMILIES[config["model_type"]]
    _expect(folder / "config_sentence_transformers.json", own, "model_type", ("SentenceTransformer", None))
    prompts = {name: prompt for name, prompt in (own.get("prompts") or {}).items() if prompt}
    pad = int(config.get("pad_token_id", 1 if family.skips_positions else 0) or 0)
    longest = reading.get("max_seq_length") or tokenizer.get("model_max_length")
    positions = _number(inner / "config.json", config, "max_position_embeddings") - (
        pad + 1 if family.skips_positions else 0
    )
    return BertConfig(
        folder=inner,
        weights=_weights(inner),
        family=family,
        shape=_shape(inner, config, family),
        pooling=_pooling(folder, modules, prompted=bool(prompts)),
        longest=min(int(longest or positions), positions),
        pad=pad,
        prompts=prompts,
        lowercase=reading.get("do_lower_case") or tokenizer.get("do_lower_case"),
    )


def _read(path: Path) -> Notes:
    try:
        notes = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{path}: {error}; expected a JSON file of a model") from error
    return cast(Notes, notes)


def _read_if(path: Path) -> Notes:
    return _read(path) if path.exists() else {}


def _expect(path: Path, notes: Notes, name: str, expected: Collection[Any]) -> None:
    if notes.get(name) not in expected:
        known = " or ".join("none" if value is None else repr(value) for value in expected)
        raise InputError(f"{path}: {name}: got {notes.get(name)!r}; expected {known} for firth's kernel")


def _number(path: Path, notes: Notes, name: str) -> int:
    value = notes.get(name)
    if not isinstance(value, int) or value < 1:
        raise InputError(f"{path}: {name}: got {value!r}; expected a number above 0")
    return value


def _modules(folder: Path) -> list[Notes]:
    """What sentence-transformers puts together; the network alone where it says nothing."""
    path = folder / "modules.json"
    network: list[Notes] = [{"type": "Transformer", "path": ""}]
    modules = cast("list[Notes]", _read(path)) if path.exists() else network
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    if kinds not in MODULES:
        raise InputError(
            f"{path}: got {', '.join(kinds)}; expected Transformer, Pooling, Normalize for firth's kernel"
        )
    return modules


def _inner(folder: Path, modules: list[Notes]) -> Path:
    return folder / str(modules[0]["path"])


def _weights(folder: Path) -> Path:
    found = [folder / name for name in WEIGHTS if (folder / name).exists()]
    if not found:
        raise InputError(f"{folder}: got none of {', '.join(WEIGHTS)}; expected one for firth's kernel")
    return found[0]


def _tokenizer(folder: Path) -> Notes:
    if not (folder / "tokenizer.json").exists():
        raise InputError(f"{folder}: got no tokenizer.json; expected one for firth's kernel")
    return _read_if(folder / "tokenizer_config.json")


def _check_options(folder: Path, config: Notes, reading: Notes) -> None:
    path = folder / "config.json"
    _expect(path, config, "position_embedding_type", ("absolute", None))
    for name in ("is_decoder", "add_cross_attention", "quantization_config"):
        _expect(path, config, name, (False, None))
    path = folder / "sentence_bert_config.json"
    _expect(path, reading, "transformer_task", ("feature-extraction", None))
    _expect(path, reading, "module_output_name", ("token_embeddings", None))


def _shape(folder: Path, config: Notes, family: Family) -> BertShape:
    path, sizes = folder / "config.json", family.sizes
    _expect(path, config, sizes["activation"], ("gelu", "relu"))
    width, inner, layers, heads = (
        _number(path, config, sizes[name]) for name in ("width", "inner", "layers", "heads")
    )
    head = width // heads
    depths = [depth for depth in DEPTHS if width % depth == inner % depth == depth % head == 0]
    if not depths or head % 16 or width % heads:
        raise InputError(
            f"{path}: got widths of {width} and {inner} with {heads} heads; expected multiples of 64, in heads of "
            "16, 32, 64 or 128, for firth's kernel"
        )
    eps = float(config.get("layer_norm_eps", 1e-12))
    activation = config[sizes["activation"]]
    return BertShape(layers, width, inner, heads, depths[0], eps, activation)


def _pooling(folder: Path, modules: list[Notes], *, prompted: bool) -> Pooling:
    if len(modules) == 1:
        return "mean"  # as sentence-transformers does
    path = folder / modules[1]["path"] / "config.json"
    notes = _read(path)
    if "pooling_mode" not in notes:
        modes = [mode for name, mode in LEGACY_POOLING.items() if notes.get(name)] or ["mean"]
        notes = {**notes, "pooling_mode": modes[0] if len(modes) == 1 else modes}
    _expect(path, notes, "pooling_mode", ("mean", "cls"))
    if prompted:
        _expect(path, notes, "include_prompt", (True, None))
    return cast(Pooling, notes["pooling_mode"])
