"""``firth words cloze``, ``senses`` and ``same-sense``: words in their contexts."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from firth.cli.options import AsJson, Limit, corpus_source
from firth.cli.output import columns, print_json
from firth.cli.words import load, print_words
from firth.errors import InputError

if TYPE_CHECKING:
    from firth.analysis.senses import SameSense, Senses
    from firth.training.skipgram.corpus import Corpus

__all__ = ["cloze", "same_sense", "senses"]

SomeVectors: TypeAlias = Annotated[
    Path | None,
    typer.Option("--vectors", envvar="FIRTH_VECTORS", help="Trained word vectors.", metavar="PATH"),
]
SomeCorpus: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--corpus", help="A file, a folder or a collection; repeatable.", metavar="CORPUS"),
]
Encoder: TypeAlias = Annotated[
    str, typer.Option("--model", help="An encoder with vectors of tokens.", metavar="NAME")
]

COMPANY = 4
"""Words whose company is looked up."""


def cloze(
    sentence: Annotated[str, typer.Argument(help="A sentence with _ for the gap.", metavar="SENTENCE")],
    candidates: Annotated[
        list[str] | None,
        typer.Option(
            "--candidates", help="Words, with commas between; without, the vocabulary.", metavar="WORDS"
        ),
    ] = None,
    vectors: SomeVectors = None,
    corpus: SomeCorpus = None,
    model: Encoder = "e5-small",
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    r"""Fill the gap of a sentence: candidates, or the whole vocabulary, by how well they fit.

    With --vectors, trained word vectors say it; without, the encoder does, which needs --candidates. With --corpus,
    the words are shown in whose company the best of them are found.

    \b
    firth words cloze "He grew _ in his garden" --candidates tomatoes,bicycles
    firth words cloze 他在花園裡種了_ --candidates 番茄,櫛瓜,腳踏車
    firth words cloze "He grew _ in his garden" --vectors ./mine --corpus en.gz
    """
    from firth.analysis.cloze import fill_by_encoder, fill_by_vectors

    words = [word for option in candidates or () for word in re.split("[,，、]", option)] or None
    if vectors is not None:
        found = fill_by_vectors(load(vectors), sentence, candidates=words, k=limit)
    elif words:
        found = fill_by_encoder(sentence, words, encoder=model)
    else:
        raise InputError(
            "got neither --candidates nor --vectors; expected one. Next: --candidates tomatoes,bicycles"
        )
    print_words(found, "fits", as_json=as_json)
    if corpus:
        _print_company([fill.word for fill in found[:COMPANY]], corpus, as_json=as_json)


def _print_company(words: Sequence[str], corpus: Sequence[str], *, as_json: bool) -> None:
    from firth.analysis.cloze import company

    texts = _read(corpus)
    for shared in company(texts, words).shared():
        if as_json:
            print_json({"words": shared.words, "both_follow": shared.follow, "both_precede": shared.precede})
            continue
        sides = (("both follow", shared.follow), ("both precede", shared.precede))
        told = "; ".join(f"{side}: {', '.join(found)}" for side, found in sides if found)
        print(f"{' and '.join(shared.words)} {told}")
    _stop_on_skipped(texts)


def senses(
    word: Annotated[str, typer.Argument(help="A word.", metavar="WORD")],
    corpus: Annotated[list[str], typer.Argument(help="Files, folders or collections.", metavar="CORPUS...")],
    count: Annotated[
        int | None, typer.Option("-k", "--senses", min=1, help="How many; by default what the lines show.")
    ] = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=4, help="The most lines read.", metavar="N")
    ] = 300,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write word|1, word|2, ... as vectors.", metavar="FILE"),
    ] = None,
    model: Encoder = "e5-small",
    seed: Annotated[int, typer.Option("--seed", help="Where chance comes from.")] = 0,
    as_json: AsJson = False,
) -> None:
    r"""Tell the senses of a word apart by the lines of a corpus in which it occurs.

    \b
    firth words senses bat corpus.txt.gz
    firth words senses 打 notes -k 3 -o 打.vec
    """
    from firth.analysis.senses import senses as induce

    texts = _read(corpus)
    found = induce(texts, word, k=count, limit=limit, encoder=model, seed=seed)
    _print_senses(found, as_json=as_json)
    if output is not None:
        found.save(output)
    _stop_on_skipped(texts)


def _print_senses(found: Senses, *, as_json: bool) -> None:
    for sense in found.senses:
        lines = [line.excerpt(columns() - 6) for line in sense.lines]
        if as_json:
            counted = {"sense": sense.name, "occurrences": sense.occurrences, "of": len(found.found)}
            print_json(counted | {"words": sense.words, "lines": lines})
            continue
        print(f"{sense.name}  {sense.occurrences} of {len(found.found)} lines  {', '.join(sense.words)}")
        for line in lines:
            print(f"    {line}")


def same_sense(
    first: Annotated[str, typer.Argument(help="A sentence.", metavar="SENTENCE")],
    second: Annotated[str, typer.Argument(help="Another.", metavar="SENTENCE")],
    word: Annotated[str, typer.Option("--word", help="The word that both hold.", metavar="WORD")],
    corpus: SomeCorpus = None,
    model: Encoder = "e5-small",
    as_json: AsJson = False,
) -> None:
    r"""Say whether a word has the same sense in two sentences.

    By the two sentences alone six answers in ten are right; with --corpus, the word's senses there decide.

    \b
    firth words same-sense "the bat hit the ball" "a bat flew by" --word bat
    firth words same-sense 他吃蘋果 蘋果發表新手機 --word 蘋果
    """
    from firth.analysis.senses import same_sense as compare
    from firth.analysis.senses import senses as induce

    if not corpus:
        _print_same(compare(first, second, word, encoder=model), as_json=as_json)
        return
    texts = _read(corpus)
    known = induce(texts, word, encoder=model)
    one, other = known.sense_of(first), known.sense_of(second)
    if as_json:
        names = [one.name, other.name]
        print_json({"same": one.name == other.name, "senses": names, "of": len(known.senses)})
    else:
        print(f"{'the same' if one.name == other.name else 'another'} sense, of {len(known.senses)}")
        for sense in (one, other):
            print(f"  {sense.name}  {', '.join(sense.words)}")
    _stop_on_skipped(texts)


def _print_same(found: SameSense, *, as_json: bool) -> None:
    if as_json:
        scores = {"probability": round(found.probability, 4), "score": round(found.score, 4)}
        print_json({"same": found.same} | scores)
    else:
        print(
            f"{'the same' if found.same else 'another'} sense; that it is the same: {found.probability:.2f}"
        )


def _read(corpus: Sequence[str]) -> Corpus:
    """The lines of files and folders, and the items of collections."""
    from firth.training.skipgram.corpus import Corpus

    return Corpus([corpus_source(name) for name in corpus])


def _stop_on_skipped(texts: Corpus) -> None:
    for skip in texts.skipped:
        print(f"firth: skipped {skip}", file=sys.stderr)
    if texts.skipped:
        raise typer.Exit(1)
