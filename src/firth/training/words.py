"""`firth.train.words`: vectors of words, learned from a person's own text."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

from firth.encoders.words.folder import is_words_folder
from firth.encoders.words.subwords import Subwords
from firth.encoders.words.tokens import Tokens
from firth.encoders.words.vectors import WordVectors
from firth.errors import InputError
from firth.kernel import missing
from firth.text import fold
from firth.training.checkpoint import Checkpoint, digest
from firth.training.skipgram.corpus import Corpus
from firth.training.skipgram.fitting import Fitting
from firth.training.skipgram.phrases import find_phrases, join_phrases
from firth.training.skipgram.report import WordsListener, WordsReport
from firth.training.skipgram.rows import Rows
from firth.training.skipgram.segmentation import chinese_runs, learn_dictionary, read_dictionary
from firth.training.skipgram.settings import Settings
from firth.training.skipgram.spool import Spool
from firth.training.skipgram.steps import steps
from firth.training.skipgram.vocabulary import Vocabulary, trim

__all__ = ["words"]

SAMPLE_CHARACTERS = 5_000_000
"""Of Chinese, from which its words are learned; the rest is cut by what was learned from these."""
BLOCK = 10_000
"""Texts between two looks at how much was read."""
DISCOUNT = 5
"""What a pair's count loses before it is judged to be a phrase."""


def words(
    sources: Any,
    output: str | Path,
    *,
    text: str | Sequence[str] = (),
    settings: Settings | None = None,
    overwrite: bool = False,
    listener: WordsListener | None = None,
    **changes: Any,
) -> WordsReport:
    """Learn a vector for each word of a text, so that words used alike lie near each other.

    The result is a folder: ``WordVectors.load(output)`` gives the words, and ``words:OUTPUT`` is an encoder of
    sentences, wherever a model is named. The text is read once and kept as numbers on disk, so it may be larger than
    memory. Begun again with the same text and settings, an interrupted training goes on after its last whole epoch.

    >>> import tempfile
    >>> texts = ["the cat drinks milk", "the dog drinks water", "貓喝牛奶", "狗喝水"] * 10
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = words(texts, folder, size=8, threads=1)
    ...     vectors = WordVectors.load(folder)
    >>> report.words == len(vectors), vectors.vector("cat").shape, "drinks" in vectors
    (True, (8,), True)

    Args:
        sources: A file (plain text, ``.gz``, ``.jsonl``, ``.parquet``, ``.csv``), a folder, a list of them, a
            collection, or a list of texts.
        output: The folder of the vectors.
        text: Of tables: the columns that are read; by default those called like a text.
        settings: How to train.
        overwrite: Replace vectors that lie there.
        listener: Is told how far it is.
        changes: Single settings by name, ``size=300``; see `firth.training.skipgram.Settings`.

    Raises:
        InputError: Vectors lie there already, or there is too little text.
    """
    try:
        settings = replace(settings or Settings(), **changes)
    except TypeError as error:
        raise InputError(f"{error}; expected {', '.join(asdict(Settings()))}") from error
    folder = Path(output).expanduser()
    if is_words_folder(folder) and not overwrite and not Checkpoint(folder / "checkpoint").exists():
        raise InputError(
            f"{folder} holds word vectors. Next: another folder, or overwrite them (--overwrite)"
        )
    return _Run(Corpus(sources, columns=text), folder, settings, listener or WordsListener()).train()


class _Run:
    """One call of `words`."""

    def __init__(self, corpus: Corpus, folder: Path, settings: Settings, listener: WordsListener) -> None:
        self.corpus, self.folder, self.settings, self.listener = corpus, folder, settings, listener
        self.notes: list[str] = []
        self.tokens = Tokens(fold=settings.fold, spaces=settings.chinese == "spaces")

    def train(self) -> WordsReport:
        """From text to the folder."""
        began = monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self.folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        try:
            return self._trained(scratch, began)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _trained(self, scratch: Path, began: float) -> WordsReport:
        self.tokens = replace(self.tokens, dictionary=self._dictionary())
        spool, vocabulary = self._numbered(scratch)
        rows = Rows.begin(vocabulary.words, self.settings)
        learn = steps(rows, vocabulary, self.settings)
        if "_words" in missing():
            self.notes.append(
                "the kernel was not built here: numpy learned, many times slower. See: docs/words.md"
            )
        fitting = Fitting(rows, spool, learn, self.settings, total=vocabulary.total)
        start = monotonic()
        stopped = self._fitted(fitting, vocabulary)
        seconds, done = monotonic() - start, fitting.words_here
        self._vectors(rows, vocabulary, fitting, finished=not stopped).save(self.folder)
        return WordsReport(
            output=str(self.folder),
            words=len(vocabulary.words),
            size=self.settings.size,
            tokens=vocabulary.total,
            dropped_words=vocabulary.distinct - len(vocabulary.words),
            dropped_tokens=vocabulary.dropped,
            phrases=sum(map(len, self.tokens.phrases)),
            epochs=fitting.epoch,
            losses=tuple(fitting.losses),
            per_second=done / max(seconds, 1e-9),
            seconds=monotonic() - began,
            stopped=stopped,
            skipped=tuple(self.corpus.skipped),
            notes=tuple(self.notes),
        )

    def _dictionary(self) -> dict[str, float]:
        """The words of Chinese: the user's, or learned from the beginning of the text."""
        form = fold if self.settings.fold else str
        if self.settings.dictionary:
            lines = Path(self.settings.dictionary).expanduser().read_text("utf-8").splitlines()
            return read_dictionary(form(line) for line in lines)
        if self.settings.chinese != "words":
            return {}
        self.listener.begin("words of Chinese", 0)
        runs: list[str] = []
        texts, size = iter(self.corpus), 0
        while size < SAMPLE_CHARACTERS and (block := list(islice(texts, BLOCK))):
            found = chinese_runs(form(text) for text in block if not text.isascii())
            runs += found
            size += sum(map(len, found))
        learned = learn_dictionary(runs, min_count=max(self.settings.min_count, 2))
        if longer := sum(len(word) > 1 for word in learned):
            self.notes.append(
                f"{longer:,} Chinese words of 2 characters or more learned from {size:,} characters"
            )
        return learned

    def _numbered(self, scratch: Path) -> tuple[Spool, Vocabulary]:
        """The text on disk as numbers of the words that are kept."""
        self.listener.begin("reading", 0)
        spool, counted = Spool.write(scratch / "read", self.corpus, self.tokens, self.listener.advance)
        for turn in range(self.settings.phrases):
            keys = find_phrases(spool, counted, discount=DISCOUNT)
            spool, phrases = join_phrases(spool, counted, keys, scratch / f"phrases{turn}")
            self.tokens = replace(self.tokens, phrases=(*self.tokens.phrases, phrases))
        return trim(
            spool,
            counted,
            scratch / "kept",
            min_count=self.settings.min_count,
            most=self.settings.most_words,
        )

    def _fitted(self, fitting: Fitting, vocabulary: Vocabulary) -> bool:
        """Train to the end, from the checkpoint if there is one; True where Ctrl-C came before."""
        checkpoint = Checkpoint(self.folder / "checkpoint")
        name = f"words-{digest(self.settings, vocabulary.words, vocabulary.counts.tolist())}"
        state = checkpoint.read(name)
        if state is not None:
            fitting.restore(state)
            self.listener.note(f"going on after epoch {fitting.epoch}")
        self.listener.begin("learning", vocabulary.total * self.settings.epochs)
        try:
            while not fitting.over:
                fitting.run_epoch(self.listener.speed)
                if not fitting.over:
                    checkpoint.write(name, fitting.state())
        except KeyboardInterrupt:
            return True
        checkpoint.remove()
        return False

    def _vectors(
        self, rows: Rows, vocabulary: Vocabulary, fitting: Fitting, *, finished: bool
    ) -> WordVectors:
        n, d = len(vocabulary.words), self.settings.size
        settings = asdict(self.settings)
        notes = {
            "settings": settings,
            "losses": fitting.losses,
            "finished": finished,
            "epochs": fitting.epoch,
        }
        notes["tokens"] = self.tokens.to_json()
        subwords = Subwords(rows.inputs[n:, :d]) if self.settings.subwords else None
        return WordVectors(
            vocabulary.words,
            rows.vectors(n, d),
            rows.outputs[:, :d],
            vocabulary.counts,
            notes,
            subwords,
        )
