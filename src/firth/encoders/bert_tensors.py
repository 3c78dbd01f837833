"""BERT and its kin: what each family calls its sizes and its tensors, and what firth calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.encoders.tensor_files import Tensors
from firth.errors import InputError
from firth.types import FloatArray

__all__ = ["FAMILIES", "BertTensors", "Family"]

WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"
KINDS = "embeddings.token_type_embeddings.weight"
NORM = "embeddings.LayerNorm"

BERT_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
DISTILBERT_LAYER = {
    "q": "attention.q_lin",
    "k": "attention.k_lin",
    "v": "attention.v_lin",
    "ao": "attention.out_lin",
    "aln": "sa_layer_norm",
    "fi": "ffn.lin1",
    "fo": "ffn.lin2",
    "oln": "output_layer_norm",
}
BERT_SIZES = {
    "width": "hidden_size",
    "inner": "intermediate_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "activation": "hidden_act",
}
DISTILBERT_SIZES = {
    "width": "dim",
    "inner": "hidden_dim",
    "layers": "n_layers",
    "heads": "n_heads",
    "activation": "activation",
}


@dataclass(frozen=True, slots=True)
class Family:
    """How a family of models spells what all of them have.

    Attributes:
        skips_positions: Whether the places up to the id of the padding, and that one, are never used (RoBERTa's).
        has_kinds: Whether tokens have an embedding for the kind of segment they stand in; the first kind is taken.
        layer: What the names of a layer's tensors begin with.
        tensors: Their names for a layer's products and norms, by firth's.
        sizes: Their names in ``config.json``, by those of `firth.kernel.bert.BertShape`.
    """

    skips_positions: bool = False
    has_kinds: bool = True
    layer: str = "encoder.layer."
    tensors: Mapping[str, str] = field(default_factory=lambda: BERT_LAYER)
    sizes: Mapping[str, str] = field(default_factory=lambda: BERT_SIZES)


ROBERTA = Family(skips_positions=True)
FAMILIES = {
    "bert": Family(),
    "roberta": ROBERTA,
    "xlm-roberta": ROBERTA,
    "camembert": ROBERTA,
    "distilbert": Family(
        has_kinds=False, layer="transformer.layer.", tensors=DISTILBERT_LAYER, sizes=DISTILBERT_SIZES
    ),
}
"""By the ``model_type`` of ``config.json``."""


class BertTensors:
    """The tensors of a model under firth's names.

    Args:
        tensors: As the file names them, perhaps all with the same beginning.
        family: How it names them.
        layers: How many layers there are.
        pad: The id of the padding.
    """

    def __init__(self, tensors: Tensors, family: Family, *, layers: int, pad: int = 0) -> None:
        start = next((name.removesuffix(WORDS) for name in tensors if name.endswith(WORDS)), "")
        self.tensors = {
            name[len(start) :]: array for name, array in tensors.items() if name.startswith(start)
        }
        self.family, self.layers, self.pad = family, layers, pad

    def _get(self, name: str) -> npt.NDArray[Any]:
        if name not in self.tensors:
            raise InputError(f"got weights without {name!r}; expected those of a BERT-like encoder")
        return self.tensors[name]

    def check(self) -> None:
        """Look whether all are there, without reading them.

        Raises:
            InputError: One is missing.
        """
        kinds = [KINDS] if self.family.has_kinds else []
        names = [WORDS, POSITIONS, *kinds, f"{NORM}.weight", f"{NORM}.bias"]
        layers = [
            f"{self.family.layer}{i}.{name}"
            for i in range(self.layers)
            for name in self.family.tensors.values()
        ]
        for name in [*names, *(f"{name}.{end}" for name in layers for end in ("weight", "bias"))]:
            self._get(name)

    def weights(self) -> dict[str, FloatArray]:
        """The layers' tensors as `firth.kernel.bert.pack_bert` names them; products as ``(in, out)``."""
        found = {"emb.ln.w": self._get(f"{NORM}.weight"), "emb.ln.b": self._get(f"{NORM}.bias")}
        for i in range(self.layers):
            for ours, theirs in self.family.tensors.items():
                weight = self._get(f"{self.family.layer}{i}.{theirs}.weight")
                found[f"l{i}.{ours}.w"] = weight.T
                found[f"l{i}.{ours}.b"] = self._get(f"{self.family.layer}{i}.{theirs}.bias")
        return {name: np.asarray(array, np.float32) for name, array in found.items()}

    def positions(self) -> FloatArray:
        """What is added to the first, second, ... token, ``(l, d)``; the kind of segment is within."""
        places = np.asarray(self._get(POSITIONS), np.float32)
        if self.family.skips_positions:
            places = places[self.pad + 1 :]
        return places + np.asarray(self._get(KINDS)[0], np.float32) if self.family.has_kinds else places

    def embed(self, ids: npt.NDArray[Any]) -> FloatArray:
        """Rows of the embedding table for ids of any shape ``(...)``: a new array ``(..., d)``."""
        return np.asarray(self._get(WORDS)[ids], np.float32)
