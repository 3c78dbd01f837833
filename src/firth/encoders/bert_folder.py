"""A folder of BERT, RoBERTa, XLM-RoBERTa or DistilBERT in firth's kernel: int8, and without torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from firth.encoders.base import Role
from firth.encoders.bert_config import read_bert_config
from firth.encoders.bert_tensors import BertTensors
from firth.encoders.digests import remembered
from firth.encoders.flat import TOKENIZED, Part, windows_of
from firth.encoders.tensor_files import Tensors, read_onnx, read_safetensors
from firth.encoders.transformer import TokenSpans, TransformerEncoder
from firth.errors import InputError, UnreadableError, require
from firth.kernel.bert import Bert, BertShape
from firth.kernel.paths import in_words
from firth.text import passages
from firth.types import FloatArray

__all__ = ["BertFolder"]

PASSAGE_TOKENS = 128
PARAMETERS = ("embeddings.", "encoder.", "transformer.", "pooler.")
"""What the names of a network's own parameters begin with; heads for other tasks are left out."""


class BertFolder(TransformerEncoder):
    """A model in a folder that transformers or sentence-transformers wrote, when firth's kernel has all its options.

    Its vectors carry the same stamp as those of `firth.encoders.hub.HubEncoder`, which runs the folder in torch.
    Without a list of modules a text is the mean of its tokens; `encode_tokens` gives these themselves.

    Args:
        folder: With ``config.json``, ``tokenizer.json``, and ``model.safetensors`` or ``model.onnx``.
        name: What the encoder shall be called.

    Raises:
        InputError: The model has an option that the kernel has not.
        UnreadableError: A file is missing or damaged.
    """

    def __init__(self, folder: Path, *, name: str) -> None:
        self.folder, self.name = folder, name
        self.config = read_bert_config(folder)
        self.pooling = self.config.pooling
        self.dim, self.layers = self.config.shape.width, self.config.shape.layers

    @property
    def _shape(self) -> BertShape:
        return self.config.shape

    @cached_property
    def _tensors(self) -> BertTensors:
        config = self.config
        return BertTensors(_read(config.weights), config.family, layers=self.layers, pad=config.pad)

    def check(self) -> None:
        """Look whether all weights are there, without reading them.

        Raises:
            InputError: One is missing.
            UnreadableError: Their file is damaged.
        """
        self._tensors.check()

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the parameters as float32, whatever they are called, of the pooling and of the prompts."""
        return remembered(self.config.weights, [self.pooling, self.config.prompts], self._digest)

    def _digest(self) -> str:
        tensors = self._tensors.tensors
        own = [
            tensors[name]
            for name in tensors
            if name.startswith(PARAMETERS) and tensors[name].dtype.kind == "f"
        ]
        parts = sorted(sha256(np.ascontiguousarray(one, "<f4").data).hexdigest() for one in own)
        recipe = json.dumps(["hub 1", parts, [self.pooling], self.config.prompts], sort_keys=True)
        return sha256(recipe.encode()).hexdigest()[:16]

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizers = require("tokenizers", extra="minilm", purpose=f"to read the word pieces of {self.name}")
        path = self.config.folder / "tokenizer.json"
        try:
            tokenizer = tokenizers.Tokenizer.from_file(str(path))
        except Exception as error:  # its errors are bare ones
            raise UnreadableError(f"{path}: {error}; expected a file of the library tokenizers") from error
        lowercase = getattr(tokenizer.normalizer, "lowercase", False)
        if self.config.lowercase is not None and lowercase != self.config.lowercase:
            raise InputError(
                f"{path}: got lowercase {lowercase}, and {self.config.lowercase} in the files beside it; expected "
                "them to agree. Next: save the tokenizer again with save_pretrained"
            )
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _marks(self) -> list[int]:
        marks: list[int] = self._tokenizer.encode("").ids
        marked, bare = (self._tokenizer.encode("a", add_special_tokens=on).ids for on in (True, False))
        if len(marks) != 2 or marked != [marks[0], *bare, marks[1]]:
            raise InputError(
                f"{self.folder}: got a tokenizer that sets the marks {marks}; expected one before and one behind a text"
            )
        return marks

    @property
    def begin(self) -> int:  # type: ignore[override]
        """The mark before a text."""
        return self._marks[0]

    @property
    def end(self) -> int:  # type: ignore[override]
        """The mark behind a text."""
        return self._marks[1]

    @cached_property
    def window(self) -> int:  # type: ignore[override]
        """The tokens that the model reads of a text, beside its marks and the longer of its prompts."""
        prompts = max(map(len, self.tokenize([*self.config.prompts.values(), ""])))
        return max(1, self.config.longest - len(self._marks) - prompts)

    @property
    def passage_tokens(self) -> int:  # type: ignore[override]
        """Half a window at most: what is not split into passages is read as a whole."""
        return max(1, min(PASSAGE_TOKENS, self.window // 2))

    def tokenize(self, texts: Sequence[str], role: Role = "document") -> list[list[int]]:
        """Token ids of each text, without prompt and marks."""
        return [found.ids for found in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def _parts(self, texts: list[str], role: Role) -> Iterator[Part]:
        """With the prompt; a text longer than the window is split where its sentences end."""
        prompt, room = self.config.prompt(role), self.config.longest - len(self._marks)
        for start in range(0, len(texts), TOKENIZED):
            some = texts[start : start + TOKENIZED]
            for text, ids in enumerate(self.tokenize([prompt + one for one in some]), start):
                yield from windows_of(text, self._split(texts[text], ids, prompt), room)

    def _split(self, text: str, ids: list[int], prompt: str) -> list[list[int]]:
        if len(ids) <= self.window or self.count_tokens([text])[0] <= self.window:
            return [ids]
        spans = passages(text, max_length=self.window, measure=self.count_tokens)
        return self.tokenize([prompt + text[span.start : span.end] for span in spans])

    def token_spans(self, text: str, role: Role) -> TokenSpans:
        """Tokens and their places in the text; see `TransformerEncoder.token_spans`."""
        prompt = self.config.prompt(role)
        encoding = self._tokenizer.encode(prompt + text, add_special_tokens=False)
        places = np.array(encoding.offsets, np.int64).reshape(-1, 2) - len(prompt)
        return TokenSpans(encoding.ids, np.maximum(places[:, 0], 0), places[:, 1])

    @cached_property
    def _kernel(self) -> Bert:
        kernel = super()._kernel
        if kernel is None:
            raise InputError(
                f"{self.name!r} was opened with the kernel and is run without it ({in_words()}). "
                "Next: open it again, and sentence-transformers runs it"
            )
        return kernel

    def _weights(self) -> dict[str, FloatArray]:
        return self._tensors.weights()

    @cached_property
    def _positions(self) -> FloatArray:
        return self._tensors.positions()

    def _embed_pieces(self, ids: np.ndarray[Any, Any]) -> FloatArray:
        return self._tensors.embed(ids)


def _read(path: Path) -> Tensors:
    return read_safetensors(path) if path.suffix == ".safetensors" else read_onnx(path)
