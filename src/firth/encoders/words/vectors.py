"""Word vectors as they were trained: a word, a row; what every question about words is asked of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from firth.encoders.words.folder import is_words_folder, read_folder, write_folder
from firth.encoders.words.formats import Named, read_file, write_file
from firth.encoders.words.subwords import Subwords
from firth.encoders.words.tokens import Tokens
from firth.errors import InputError, UnknownNameError
from firth.similarity import normalize
from firth.text import fold
from firth.text.characters import is_cjk
from firth.types import FloatArray

__all__ = ["WordVectors"]


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words and their vectors, the most frequent word first.

    >>> few = WordVectors(("蘋果", "apple"), np.array([[3, 4], [1, 0]], np.float32))
    >>> "apple" in few, few.vector("蘋果").tolist(), few.unit[0].tolist()
    (True, [3.0, 4.0], [0.6000000238418579, 0.800000011920929])

    Attributes:
        words: The vocabulary, ``n`` words.
        vectors: ``(n, d)`` float32: the input vectors as trained, not of unit length.
        contexts: ``(n, d)`` float32: the output matrix in the same order: what a word's neighbours are predicted
            with. None where a file held only vectors.
        counts: ``(n,)`` int64: how often each word occurred. None where that is not known.
        notes: How they were trained, as plain values.
        subwords: The pieces that words are made of, if they were trained; they give words a vector that never
            occurred.
    """

    words: tuple[str, ...]
    vectors: FloatArray
    contexts: FloatArray | None = None
    counts: npt.NDArray[np.int64] | None = None
    notes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    subwords: Subwords | None = None

    def __post_init__(self) -> None:
        """Refuse rows that do not fit the words."""
        for name in ("vectors", "contexts", "counts"):
            rows = getattr(self, name)
            if rows is not None and len(rows) != len(self.words):
                raise InputError(
                    f"got {len(self.words):,} words and {len(rows):,} {name}; expected one a word"
                )

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def unit(self) -> FloatArray:
        """``(n, d)``: the vectors at unit length, so that a product of two is their cosine."""
        return normalize(self.vectors)

    @cached_property
    def tokens(self) -> Tokens:
        """How a text is cut into these words: as it was for the training; of a file of others', plainly.

        >>> WordVectors(("苹果",), np.ones((1, 2), np.float32)).tokens("吃蘋果")
        ['吃', '苹果']
        """
        if given := self.notes.get("tokens"):
            return Tokens.from_json(given)
        return _tokens_of_a_file(self.words)

    def row(self, word: str) -> int | None:
        """The row of a word, written as it stands or as the vocabulary would write it (國王 as 国王)."""
        found = self.index.get(word)
        return self.index.get(self.tokens.word(word)) if found is None else found

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __len__(self) -> int:
        return len(self.words)

    def vector(self, word: str) -> FloatArray:
        """A word's vector, ``(d,)``, as trained; of an unknown word, the mean of its pieces where there are any.

        Raises:
            UnknownNameError: The word did not occur often enough, and there are no pieces to make it of.
        """
        row = self.row(word)
        if row is not None:
            return np.asarray(self.vectors[row])
        if self.subwords is not None and (made := self.subwords.vector(self.tokens.word(word))) is not None:
            return made
        raise UnknownNameError(
            f"{word!r} is not among the {len(self):,} words of these vectors. Next: another spelling, or train "
            "with a smaller --min-count or with --subwords"
        )

    @classmethod
    def load(cls, path: str | Path) -> WordVectors:
        """Read a folder that `firth.train.words` wrote, or a file of word2vec, GloVe or fastText.

        Raises:
            UnreadableError: There is nothing of the kind, or it is damaged.
        """
        path = Path(path).expanduser()
        if not is_words_folder(path) and path.is_file():
            named = read_file(path)
            return cls(named.words, named.vectors)
        arrays, notes = read_folder(path)
        subwords = Subwords.from_arrays(arrays)
        return cls(
            notes.pop("words"),
            arrays["vectors"],
            arrays.get("contexts"),
            arrays.get("counts"),
            notes,
            subwords,
        )

    def save(self, path: str | Path, *, format: str = "folder") -> None:
        """Write them down.

        Args:
            path: A folder, or of the other formats a file.
            format: ``"folder"`` keeps everything; ``"word2vec"`` (text; fastText's .vec is the same),
                ``"word2vec-binary"`` and ``"glove"`` keep words and vectors, for gensim and others.
        """
        path = Path(path).expanduser()
        if format != "folder":
            write_file(path, Named(self.words, self.vectors), format=format)
            return
        arrays = {"vectors": self.vectors, "contexts": self.contexts, "counts": self.counts}
        if self.subwords is not None:
            arrays |= self.subwords.arrays()
        kept = {name: array for name, array in arrays.items() if array is not None}
        write_folder(path, self.words, kept, dict(self.notes))


def _tokens_of_a_file(words: Sequence[str]) -> Tokens:
    """Chinese words as the file has them, by Zipf's law from their order; folded if none of them would change."""
    chinese = [word for word in words if len(word) <= LONGEST_CHINESE and all(map(is_cjk, word))]
    dictionary = {word: -math.log(rank + 2) for rank, word in enumerate(chinese)}
    return Tokens(fold=all(fold(word) == word for word in chinese), dictionary=dictionary)


LONGEST_CHINESE = 8
