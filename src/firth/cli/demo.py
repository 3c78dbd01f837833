"""``firth demo``: the bundled sample, five searches, and what to try next."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from firth.cli.options import Model, growing
from firth.cli.output import ProgressBar, print_hits, progress_bar

__all__ = ["demo"]

SEARCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Chinese words find English text", {"text": "用望遠鏡看星星", "where": "language = 'en'"}),
    ("Simplified finds Traditional: 苹果 finds 蘋果", {"text": "苹果", "where": "language = 'zh-Hant'"}),
    (
        "words find pictures, by what is seen in them",
        {"text": "a musical instrument", "where": "kind = 'image'"},
    ),
    ("a picture finds pictures", {"image": "pictures/emoji-1f34e.png"}),
    (
        "words and meaning together, with a filter",
        {"text": "a murder to be solved", "where": "collection = 'book' and average_rating > 4"},
    ),
)


def demo(
    name: Annotated[
        str, typer.Option("-c", "--collection", help="Where to keep the sample.", metavar="NAME")
    ] = "demo",
    model: Model = None,
) -> None:
    r"""Add the bundled sample, then search it five times.

    Pictures, poems, books and sentences, each with its licence and credit.

    \b
    firth demo
    firth demo -c fast --model use
    """
    from firth import sample

    folder, collection, start = sample.path(), growing(name, model=model), time.monotonic()
    print(f"Adding the bundled sample to the collection {name!r}:")
    print("pictures, poems, books and sentences; firth get ID shows whose they are.\n")
    with progress_bar() as bar:
        listener = ProgressBar(bar, sum(1 for _ in (folder / "items.jsonl").open()), as_json=False)
        report = collection.add(folder / "items.jsonl", text="text", image="image", listener=listener)
    print(f"{str(report).splitlines()[0]} in {time.monotonic() - start:.0f} s")
    for title, asked in SEARCHES:
        request = {**asked, "image": folder / asked["image"]} if "image" in asked else asked
        print(f"\n{title}\n$ {_command(asked, folder, name)}")
        print_hits(collection.search(k=4, **request), as_json=False)
    print("\nThe column % says how many of 100 unrelated queries find nothing as good.")
    print(_next_steps(name))


def _command(asked: dict[str, Any], folder: Path, name: str) -> str:
    parts = ["firth search"]
    parts += [f'"{asked["text"]}"'] if "text" in asked else [f"--image {_short(folder / asked['image'])}"]
    parts += [f'--where "{asked["where"]}"'] if "where" in asked else []
    return " ".join([*parts, f"-c {name} -n 4"])


def _short(path: Path) -> str:
    """A path as one would type it here."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def _next_steps(name: str) -> str:
    return f"""
Try next:
  firth search "月亮 思鄉" -c {name}
  firth similar emoji-1f34e -c {name}
  firth search --like 離別的悲傷 --unlike 春天的花 -c {name}
  firth status -c {name}
  firth add YOUR_FOLDER && firth search "anything"
"""
