"""``firth words``: what is asked of word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from firth.cli.options import AsJson, Limit
from firth.cli.output import print_json, table
from firth.errors import InputError

if TYPE_CHECKING:
    from firth.analysis.cloze import Fill
    from firth.analysis.words import Neighbour
    from firth.encoders.words import WordVectors

__all__ = ["analogy", "load", "neighbors", "odd_one_out", "onehot", "print_words", "similarity"]

Vectors: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--vectors",
        envvar="FIRTH_VECTORS",
        help="A folder of firth words train, or a word2vec, GloVe or .vec file.",
        metavar="PATH",
    ),
]
Among: TypeAlias = Annotated[
    int | None, typer.Option("--among", min=1, help="Only the N most frequent words.", metavar="N")
]
Words: TypeAlias = Annotated[list[str], typer.Argument(help="Words of the vocabulary.", metavar="WORD...")]


def neighbors(
    word: Annotated[str, typer.Argument(help="A word.", metavar="WORD")],
    vectors: Vectors,
    limit: Limit = 10,
    among: Among = None,
    as_json: AsJson = False,
) -> None:
    r"""List the words that keep the same company as a word.

    \b
    firth words neighbors garden --vectors ./mine
    firth words neighbors 花園 --vectors ./mine -n 5
    """
    from firth.analysis.words import neighbours

    print_words(neighbours(load(vectors), word, k=limit, among=among), "cosine", as_json=as_json)


def analogy(
    word: Annotated[str, typer.Argument(help="king", metavar="WORD")],
    minus: Annotated[str, typer.Argument(help="What it is to: man", metavar="TO")],
    plus: Annotated[str, typer.Argument(help="What the answer is to: woman", metavar="AS")],
    vectors: Vectors,
    limit: Limit = 5,
    method: Annotated[str, typer.Option("--method", help="3cosadd or 3cosmul.")] = "3cosmul",
    among: Among = None,
    as_json: AsJson = False,
) -> None:
    r"""Find what is to one word as a word is to another: king is to man as ... is to woman.

    \b
    firth words analogy king man woman --vectors ./mine
    firth words analogy 國王 男人 女人 --vectors ./mine
    """
    from firth.analysis.words import analogy as answer

    found = answer(load(vectors), word, minus, plus, k=limit, method=method, among=among)  # type: ignore[arg-type]
    print_words(found, "score", as_json=as_json)


def similarity(words: Words, vectors: Vectors, as_json: AsJson = False) -> None:
    r"""Say how near words are, each to each: the cosine of their vectors.

    \b
    firth words similarity 蘋果 橘子 國王 --vectors ./mine
    """
    from itertools import combinations

    from firth.analysis.words import similarity as cosine

    if len(words) < 2:
        raise InputError(f"got {', '.join(words)}; expected two or more words")
    loaded = load(vectors)
    rows = [(a, b, cosine(loaded, a, b)) for a, b in combinations(words, 2)]
    if as_json:
        for a, b, score in rows:
            print_json({"first": a, "second": b, "cosine": round(score, 4)})
    else:
        print(table([[f"{score:.3f}", a, b] for a, b, score in rows], head=["cosine", "", ""]))


def odd_one_out(words: Words, vectors: Vectors, as_json: AsJson = False) -> None:
    r"""Say which of some words does not belong with the others; it comes first.

    \b
    firth words odd-one-out 貓 狗 馬 桌子 --vectors ./mine
    """
    from firth.analysis.words import odd_one_out as sort

    print_words(sort(load(vectors), words), "belongs", as_json=as_json)


def onehot(words: Words, vectors: Vectors, as_json: AsJson = False) -> None:
    r"""Compare one-hot words with trained vectors: one-hot, every two words are orthogonal.

    \b
    firth words onehot apple banana king --vectors ./mine
    """
    from firth.analysis.words import compare_with_one_hot

    found = compare_with_one_hot(load(vectors), words)
    if as_json:
        for pair in found.pairs:
            cosines = {"one_hot": pair.one_hot, "trained": round(pair.trained, 4)}
            sizes = {"vocabulary": found.vocabulary, "dim": found.dim}
            print_json({"first": pair.first, "second": pair.second} | cosines | sizes)
        return
    rows = [[p.first, p.second, f"{p.one_hot:.2f}", f"{p.trained:.2f}"] for p in found.pairs]
    print(table(rows, head=["", "", "one-hot", "trained"]))
    print(f"dimensions: {found.vocabulary:,} one-hot, {found.dim:,} trained")
    bytes_each = (found.one_hot_bytes, found.sparse_bytes, found.trained_bytes)
    dense, sparse, trained = (f"{size / 1e6:,.1f} MB" for size in bytes_each)
    print(f"the vocabulary: {dense} one-hot, {sparse} if sparse; {trained} trained")


def load(path: Path) -> WordVectors:
    """Word vectors from a folder or a file."""
    from firth.encoders.words import WordVectors

    return WordVectors.load(path)


def print_words(found: Sequence[Neighbour | Fill], score: str, *, as_json: bool) -> None:
    """Words with their scores, as a table or as JSON."""
    if as_json:
        for near in found:
            print_json({"word": near.word, "score": round(near.score, 4)})
    else:
        print(table([[f"{near.score:.3f}", near.word] for near in found], head=[score, "word"]))
