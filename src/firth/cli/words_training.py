"""``firth words train``: vectors of words from one's own text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from firth.cli.options import AsJson, corpus_source
from firth.cli.output import print_json, progress_bar

if TYPE_CHECKING:
    from firth.training.skipgram import WordsReport

__all__ = ["train"]

STOPPED = 130


def train(
    corpus: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders (.txt .gz .jsonl .parquet .csv), or collections.", metavar="CORPUS..."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder of the vectors.", metavar="DIR")],
    model: Annotated[str, typer.Option("--model", help="skipgram, or cbow (faster, weaker).")] = "skipgram",
    size: Annotated[int, typer.Option("--size", help="The width of the vectors.")] = 100,
    window: Annotated[int, typer.Option("--window", help="The most words to either side.")] = 5,
    negative: Annotated[int, typer.Option("--negative", help="Words by chance beside each true one.")] = 5,
    epochs: Annotated[int, typer.Option("--epochs", help="Passes over the text.")] = 5,
    min_count: Annotated[int, typer.Option("--min-count", help="Rarer words are left out.")] = 5,
    subwords: Annotated[bool, typer.Option("--subwords", help="Learn pieces too, for unseen words.")] = False,
    phrases: Annotated[int, typer.Option("--phrases", help="Passes that join words: new_york.")] = 0,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A column of texts; repeatable.", metavar="COL")
    ] = None,
    fold: Annotated[
        bool, typer.Option("--fold/--no-fold", help="Take Traditional and Simplified Chinese as one.")
    ] = True,
    chinese: Annotated[
        str, typer.Option("--chinese", help="words, characters, or spaces (cut already, any language).")
    ] = "words",
    dictionary: Annotated[
        str, typer.Option("--dictionary", help="Chinese words, one a line; else learned.", metavar="FILE")
    ] = "",
    rate: Annotated[float | None, typer.Option("--rate", help="The learning rate at the start.")] = None,
    sample: Annotated[
        float, typer.Option("--sample", help="More frequent words are skipped at times.")
    ] = 1e-3,
    threads: Annotated[int, typer.Option("--threads", help="0 for all cores; 1 to repeat exactly.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Where chance comes from.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace vectors in DIR.")] = False,
    as_json: AsJson = False,
) -> None:
    r"""Learn word vectors from text: words used alike come to lie near each other.

    DIR is then an encoder of sentences too, words:DIR. Stopped at any moment, the same command goes on after the last
    whole epoch; Ctrl-C keeps what was learned so far.

    \b
    firth words train corpus.txt.gz -o ./vectors
    firth words train 全唐詩.txt -o ./tang --no-fold --chinese characters
    firth add texts.csv -c books --model words:./vectors
    """
    from firth.training import words
    from firth.training.skipgram import Settings

    settings = Settings(
        model=model,  # type: ignore[arg-type]
        size=size,
        window=window,
        negative=negative,
        epochs=epochs,
        min_count=min_count,
        subwords=subwords,
        phrases=phrases,
        fold=fold,
        chinese=chinese,  # type: ignore[arg-type]
        dictionary=dictionary,
        rate=rate,
        sample=sample,
        threads=threads,
        seed=seed,
    )
    sources = [corpus_source(name) for name in corpus]
    with progress_bar() as bar:
        report = words(
            sources, output, text=text or (), settings=settings, overwrite=overwrite, listener=_listener(bar)
        )
    if as_json:
        print_json(report.to_json())
    else:
        _print_report(report)
    raise typer.Exit(STOPPED if report.stopped else int(bool(report.skipped)))


def _listener(bar: Any) -> Any:
    """Moves a bar on stderr, with words a second and the loss; without a terminal it is silent."""
    from firth.training.skipgram import Speed, WordsListener

    class Bar(WordsListener):
        task: Any = None

        def begin(self, phase: str, total: int) -> None:
            if self.task is not None:
                bar.update(self.task, visible=False)
            self.task = bar.add_task(phase, total=total or None)

        def advance(self, count: int) -> None:
            bar.advance(self.task, count)

        def speed(self, speed: Speed) -> None:
            line = f"epoch {speed.epoch}, loss {speed.loss:.3f}, {speed.per_second:,.0f} words/s"
            done = (speed.epoch - 1) * speed.total + speed.words
            bar.update(self.task, description=line, completed=done)

        def note(self, text: str) -> None:
            print(text, file=sys.stderr)

    return Bar() if bar is not None else WordsListener()


def _print_report(report: WordsReport) -> None:
    print(f"{report.words:,} words of {report.tokens:,} in the text, each {report.size} numbers")
    print(f"left out: {report.dropped_words:,} rarer words, which occur {report.dropped_tokens:,} times")
    if report.phrases:
        print(f"{report.phrases:,} pairs of words were made one")
    for note in report.notes:
        print(note)
    for skip in report.skipped:
        print(f"skipped {skip}")
    losses = " ".join(f"{loss:.3f}" for loss in report.losses)
    print(f"loss by epoch: {losses}; {report.per_second:,.0f} words/s while learning")
    print(f"{report.seconds:,.0f} s -> {report.output}")
    if report.stopped:
        print("stopped; what was learned is kept, and the same command goes on after the last whole epoch")
    print(f"Next: firth words neighbors WORD --vectors {report.output}")
