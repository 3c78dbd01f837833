"""Write src/firth/text/fold_table.txt: which Traditional character matches which Simplified one.

Run it with ``python scripts/make_fold_table.py`` when a newer ``opencc`` knows more characters. The table is
the union of OpenCC's single-character conversions from Traditional (t2s), Taiwan's (tw2s) and Hong Kong's
(hk2s) forms; where they disagree the first one that changes the character wins.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import opencc

CONFIGS = ("t2s", "tw2s", "hk2s")
BLOCKS = (
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
TARGET = Path(__file__).resolve().parents[1] / "src" / "firth" / "text" / "fold_table.txt"
HEADER = """\
# Simplified character, tab, the Traditional characters that match it.
# Made by scripts/make_fold_table.py from OpenCC {version} (t2s, tw2s, hk2s).
# OpenCC: Copyright (c) Carbo Kuo and contributors, Apache License 2.0, https://github.com/BYVoid/OpenCC
"""


def main() -> None:
    """Write the table."""
    by_simplified = defaultdict(list)
    for traditional, simplified in simplifications().items():
        by_simplified[simplified].append(traditional)
    lines = [
        f"{simplified}\t{''.join(sorted(group))}\n" for simplified, group in sorted(by_simplified.items())
    ]
    TARGET.write_text(HEADER.format(version=version("opencc")) + "".join(lines), encoding="utf-8")
    print(f"{TARGET.name}: {len(lines)} simplified characters, {TARGET.stat().st_size:,} bytes")


def simplifications() -> dict[str, str]:
    """Traditional character -> Simplified character, followed to its end."""
    characters = [chr(code) for first, last in BLOCKS for code in range(first, last + 1)]
    characters = [char for char in characters if unicodedata.normalize("NFKC", char) == char]
    step: dict[str, str] = {}
    for config in CONFIGS:
        # One character a line: no phrase rule can reach over the line break.
        converted = opencc.OpenCC(config).convert("\n".join(characters)).split("\n")
        for char, simplified in zip(characters, converted, strict=True):
            if len(simplified) == 1 and simplified != char:
                step.setdefault(char, simplified)
    return {char: _end(char, step) for char in step}


def _end(char: str, step: dict[str, str]) -> str:
    seen = {char}
    while (following := step.get(char)) is not None:
        if following in seen:
            raise ValueError(f"OpenCC turns {char} and {following} into each other; one of them has to stay")
        seen.add(following)
        char = following
    return char


if __name__ == "__main__":
    main()
