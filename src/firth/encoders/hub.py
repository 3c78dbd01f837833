"""Models that a user has downloaded or can download: in firth's kernel, or by sentence-transformers (extra: hub)."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from firth.encoders.base import Progress, Role, TextEncoder, checked_inputs, checked_texts
from firth.encoders.bert_config import is_bert_like
from firth.encoders.bert_folder import BertFolder
from firth.errors import InputError, UnknownNameError, UnreadableError, require
from firth.kernel.paths import best_path, in_words
from firth.similarity import normalize
from firth.text import passages
from firth.types import FloatArray

__all__ = ["HubEncoder", "hub_encoder"]

OWNER = "sentence-transformers"
"""Whose a model is that is named without an owner."""
PURPOSE = "to read models of the hub"
BATCH = 32
SLAB = 256
"""Texts that are encoded between two words to the progress."""
MIN_SIDE = 512
"""Pixels that a picture's shorter side keeps when it is decoded: CLIP-like models look at 224 to 512."""
PASSAGE_TOKENS = 128
ENDLESS = 1_000_000
"""A window from which on a model has none: tokenizers say 10^30 where they know of no bound."""


def hub_encoder(model: str = "") -> TextEncoder:
    """A model in firth's kernel where that has all of its options, else in sentence-transformers.

    The kernel takes BERT, RoBERTa, XLM-RoBERTa and DistilBERT: a folder, or a model that was downloaded before. Both
    ways make the same vectors within what docs/kernel.md states, with the same stamp. Where such a model must go the
    slower way, a warning says why.

    Args:
        model: A folder, or a name on the hub.

    Raises:
        InputError: No model is named.
        UnknownNameError: It is the path of a folder, and there is none.
    """
    other = HubEncoder(model)
    folder = other.folder or downloaded(other.model)
    if folder is None or not is_bert_like(folder):
        return other
    try:
        if best_path() is None:
            raise InputError(in_words())
        found = BertFolder(folder, name=other.name)
        found.check()
        return found
    except (InputError, UnreadableError) as error:
        other.instead = str(error)
        return other


class HubEncoder(TextEncoder):
    """A model of texts, or of texts and pictures in one space (CLIP and its like).

    It is loaded when it first encodes, or is asked for its width. A folder is read without a network; a name is
    looked for on the disk first, and downloaded where it is not there. Code that comes with a model is never run.

    Args:
        model: A folder that sentence-transformers can read, or a name on the hub.

    Raises:
        InputError: No model is named.
        UnknownNameError: It is the path of a folder, and there is none.
    """

    def __init__(self, model: str = "") -> None:
        if not model:
            raise InputError(
                "got 'hub' alone; expected hub:NAME or hub:FOLDER. "
                "Next: 'hub:sentence-transformers/clip-ViT-B-32' for texts and pictures"
            )
        folder = Path(model).expanduser()
        self.folder = folder.absolute() if folder.is_dir() else None
        if self.folder is None and _looks_like_a_path(model):
            raise UnknownNameError(f"got model {model!r}; there is no such folder. Next: check the path")
        self.model = str(self.folder or model)
        self.name = f"hub:{self.model}"
        self.instead = ""
        """Why firth's kernel does not run it, where one could think it would."""

    @cached_property
    def _loaded(self) -> Any:
        purpose = f"{PURPOSE} ({self.instead})" if self.instead else PURPOSE
        library = require("sentence_transformers", extra="hub", purpose=purpose)
        if self.instead:
            warnings.warn(f"{self.name} is run by torch, which is slower: {self.instead}", stacklevel=2)
        make = library.SentenceTransformer
        try:
            return make(self.model, local_files_only=True) if self._is_here() else make(self.model)
        except Exception as error:  # the libraries beneath raise nearly anything
            why = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
            raise UnreadableError(
                f"model {self.model!r} cannot be loaded: {why}. {self._advice()}"
            ) from error

    def _is_here(self) -> bool:
        """Whether it is a folder, or a model downloaded before.

        Of a model that another library downloaded, the list of its modules may be missing; read without it, the
        model would quietly be another one. So it counts as downloaded only where it is known whether there is one.
        """
        if self.folder:
            return True
        hub = require("huggingface_hub", extra="hub", purpose=PURPOSE)
        owned = self.model if "/" in self.model else f"{OWNER}/{self.model}"
        cache = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
        return hub.try_to_load_from_cache(owned, "modules.json", cache_dir=cache) is not None

    def _advice(self) -> str:
        if self.folder:
            return "Expected a folder that sentence-transformers wrote, with modules.json and config.json"
        return (
            "Expected a name on the hub and a connection to it. "
            "Next: check both, or download the model elsewhere and give its folder, hub:FOLDER"
        )

    @cached_property
    def modalities(self) -> frozenset[str]:  # type: ignore[override]
        """What the model takes of texts and pictures.

        Raises:
            InputError: It takes no text: not one of those this class is for.
        """
        takes = frozenset(self._loaded.modalities) & {"text", "image"}
        if "text" not in takes:
            raise InputError(
                f"{self.name!r} takes {self._loaded.modalities}; expected text, or text and image"
            )
        return takes

    @cached_property
    def dim(self) -> int:  # type: ignore[override]
        """The width of its vectors, as the model makes them."""
        return int(self._loaded.encode(["a"], show_progress_bar=False).shape[1])

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """A digest of the parameters as float32, whatever they are called, of the pooling and of the prompts."""
        parts = [sha256(_bytes(parameter)).hexdigest() for parameter in self._loaded.parameters()]
        pooling = [str(module.pooling_mode) for module in self._loaded if hasattr(module, "pooling_mode")]
        prompts = {name: prompt for name, prompt in self._loaded.prompts.items() if prompt}
        recipe = json.dumps(["hub 1", sorted(parts), pooling, prompts], sort_keys=True)
        return sha256(recipe.encode()).hexdigest()[:16]

    @cached_property
    def window(self) -> int:  # type: ignore[override]
        """The tokens that the model reads of a text, beside its marks and the longer of its prompts."""
        most = self._loaded.max_seq_length
        if not most or most > ENDLESS:
            return sys.maxsize
        marks = len(self._ids([""], marks=True)[0])
        prompts = self._ids([prompt for prompt in self._loaded.prompts.values() if prompt] or [""])
        return max(1, int(most) - marks - max(len(ids) for ids in prompts))

    @property
    def passage_tokens(self) -> int:  # type: ignore[override]
        """Half a window at most: what is not split into passages is read as a whole."""
        return max(1, min(PASSAGE_TOKENS, self.window // 2))

    def tokenize(self, texts: Sequence[str], role: Role = "document") -> list[list[int]]:
        """Token ids of each text, without prompt and marks."""
        return self._ids(texts)

    def _ids(self, texts: Sequence[str], *, marks: bool = False) -> list[list[int]]:
        tokenizer = self._loaded.tokenizer
        if hasattr(tokenizer, "encode_batch"):  # of a static model: the library tokenizers' own
            return [found.ids for found in tokenizer.encode_batch(list(texts), add_special_tokens=marks)]
        found = tokenizer(list(texts), add_special_tokens=marks, truncation=False, verbose=False)
        return [list(ids) for ids in found["input_ids"]]

    def forward(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """Encode the texts that the ids spell, for the library takes texts: ``(n, d)``."""
        tokenizer = self._loaded.tokenizer
        return self._run([tokenizer.decode(list(some), skip_special_tokens=True) for some in ids], "document")

    def encode(
        self, inputs: Sequence[Any], *, role: Role = "document", progress: Progress | None = None
    ) -> FloatArray:
        """Encode texts (str) or, if the model sees, pictures, or a mixture of both: ``(n, d)`` of unit length."""
        inputs = checked_inputs(inputs)
        if "image" not in self.modalities:
            checked_texts(inputs, self.name)
        vectors = np.empty((len(inputs), self.dim), np.float32)
        texts = [i for i, value in enumerate(inputs) if isinstance(value, str)]
        pictures = [i for i, value in enumerate(inputs) if not isinstance(value, str)]
        for some in _slabs(texts, SLAB):
            vectors[some] = self._of_texts(checked_texts([inputs[i] for i in some], self.name), role)
            if progress:
                progress(len(some))
        for some in _slabs(pictures, BATCH):
            vectors[some] = self._run([_picture(inputs[i]) for i in some], role)
            if progress:
                progress(len(some))
        return vectors

    def _of_texts(self, texts: list[str], role: Role) -> FloatArray:
        """The library cuts what is longer than the window: such a text is the mean of its passages instead."""
        pieces, owners = [], []
        for owner, (text, length) in enumerate(zip(texts, self.count_tokens(texts), strict=True)):
            long = length > self.window
            spans = passages(text, max_length=self.window, measure=self.count_tokens) if long else []
            parts = [text[span.start : span.end] for span in spans] or [text]
            pieces += parts
            owners += [owner] * len(parts)
        vectors = self._run(pieces, role)
        if len(pieces) == len(texts):
            return vectors
        sums = np.zeros((len(texts), self.dim), np.float32)
        lengths = np.maximum(self.count_tokens(pieces), 1).astype(np.float32)
        np.add.at(sums, owners, vectors * lengths[:, None])
        return normalize(sums)

    def _run(self, inputs: list[Any], role: Role) -> FloatArray:
        model = self._loaded
        if set(model.modalities) != {"text"}:
            # to the library a bare text that looks like the address of a picture is one, to be fetched
            inputs = [{"text": value} if isinstance(value, str) else value for value in inputs]
        encode = model.encode_query if role == "query" else model.encode_document
        return normalize(np.asarray(encode(inputs, batch_size=BATCH, show_progress_bar=False), np.float32))


def downloaded(model: str) -> Path | None:
    """The folder in the hub's cache of a model that was downloaded whole, with the list of its modules."""
    owned = model if "/" in model else f"{OWNER}/{model}"
    home = os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface"
    cache = (
        os.environ.get("SENTENCE_TRANSFORMERS_HOME") or os.environ.get("HF_HUB_CACHE") or Path(home, "hub")
    )
    there = Path(cache, "models--" + owned.replace("/", "--"))
    try:
        folder = there / "snapshots" / (there / "refs" / "main").read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return folder if (folder / "modules.json").exists() else None


def _looks_like_a_path(model: str) -> bool:
    return model.startswith((".", "~", os.sep)) or model.count("/") > 1 or "\\" in model


def _slabs(indices: list[int], size: int) -> Iterator[list[int]]:
    return (indices[start : start + size] for start in range(0, len(indices), size))


def _bytes(parameter: Any) -> bytes:
    return bytes(np.ascontiguousarray(parameter.detach().float().cpu().numpy()).data)


def _picture(value: Any) -> Any:
    """A picture as the library takes it: PIL, RGB."""
    from PIL import Image

    if isinstance(value, np.ndarray):
        if value.dtype != np.uint8 or value.ndim != 3 or value.shape[2] != 3:
            raise InputError(
                f"got an array {value.shape} of {value.dtype}; expected RGB pixels, (h, w, 3) of uint8"
            )
        return Image.fromarray(value)
    from firth.data import load_picture

    return Image.fromarray(load_picture(value, min_side=MIN_SIDE))
