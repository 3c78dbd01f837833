"""``firth models`` and ``embed``."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from firth.cli.options import AsJson, Model, model_by_environment
from firth.cli.output import columns, print_json
from firth.errors import InputError

__all__ = ["embed", "models"]

WIDTHS = {"hub": "that of the model", "one-hot": "as fitted"}
"""Of encoders whose width is not known before they are loaded, or fitted."""


def models(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="These alone, loaded: a name, hub:NAME, a folder.", metavar="NAME"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""List the encoders: what they take, how wide they are, their licence.

    \b
    firth models
    firth models hub:sentence-transformers/clip-ViT-B-32 ./mine
    firth models --json
    """
    if names:
        _print_loaded(names, as_json=as_json)
    else:
        _print_entries(as_json=as_json)


def _print_entries(*, as_json: bool) -> None:
    """All that are known by name, without loading any."""
    from firth.encoders import default_text_encoder, entries, is_installed

    for entry in entries().values():
        if as_json:
            print_json({**asdict(entry), "installed": is_installed(entry)})
            continue
        default = " (default)" if entry.name == default_text_encoder() else ""
        there = "" if is_installed(entry) else f" - not installed: pip install {entry.pip}"
        facts = {
            "takes": " and ".join(entry.modalities),
            "dim": str(entry.dim or WIDTHS.get(entry.name, "")),
            "size": f"{entry.megabytes} MB" if entry.megabytes else "",
            "languages": entry.languages,
            "licence": entry.licence,
            "note": entry.note,
        }
        _print_facts(f"{entry.name}{default}{there}", facts)
    if not as_json:
        from firth.kernel.paths import in_words

        print(in_words())
        print("Choose one of texts with --model NAME when a collection is made.")


def _print_loaded(names: Sequence[str], *, as_json: bool) -> None:
    """What encoders say of themselves: of a model of the hub, or in a folder, nothing is known before."""
    from firth.encoders import TextEncoder, encoder

    for name in names:
        found = encoder(name)
        if not hasattr(found, "dim"):
            raise InputError(f"{name!r} is nothing before it is fitted. See: firth models")
        takes = [modality for modality in ("text", "image") if modality in found.modalities]
        window = found.window if isinstance(found, TextEncoder) else None
        if as_json:
            facts = {
                "modalities": takes,
                "dim": found.dim,
                "window": window,
                "fingerprint": found.fingerprint,
            }
            print_json({"name": found.name, **facts})
            continue
        lines = {"takes": " and ".join(takes), "dim": str(found.dim), "fingerprint": found.fingerprint}
        lines["reads"] = f"{window:,} tokens at once" if window and window < sys.maxsize else ""
        _print_facts(found.name, lines)


def _print_facts(name: str, facts: Mapping[str, str]) -> None:
    print(name)
    for key, value in facts.items():
        if value:
            first = f"  {key + ':':12} "
            print(textwrap.fill(value, columns(), initial_indent=first, subsequent_indent=" " * 15))


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
