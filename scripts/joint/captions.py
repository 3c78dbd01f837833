"""Names and keywords of emoji in twenty languages (Unicode CLDR), also as a dictionary of English names."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from sources import Captions

LANGUAGES = {  # ours -> CLDR's
    "en": "en", "zh-Hant": "zh-Hant", "zh-Hans": "zh", "ja": "ja", "de": "de", "fr": "fr", "es": "es", "ko": "ko",
    "ru": "ru", "it": "it", "pt": "pt", "nl": "nl", "pl": "pl", "ar": "ar", "tr": "tr", "th": "th", "vi": "vi",
    "uk": "uk", "sv": "sv", "id": "id",
}  # fmt: skip
KEYWORD_LANGUAGES = list(LANGUAGES)[:9]
"""Of the others, names only."""
SENSES = 3
"""The dictionary is blind to sense (a bat, a mouse): no more translations of one English name than this."""


def code_of(characters: str) -> str:
    """Code points in lower-case hex, without the variation selector: ``"1f469-200d-1f680"``."""
    return "-".join(f"{ord(character):x}" for character in characters if character != "\ufe0f")


@cache
def emoji_captions(data: Path) -> dict[str, Captions]:
    """Names and keywords by code points, as ``code_of`` writes them."""
    table: dict[str, Captions] = {}
    for ours, theirs in LANGUAGES.items():
        for part in ("annotations", "annotationsDerived"):
            file = data / "src" / "cldr" / part / part / theirs / "annotations.json"
            if not file.exists():  # not every language has derived names
                continue
            entries = json.loads(file.read_text("utf-8"))[part]["annotations"]
            for characters, entry in entries.items():
                keywords = entry.get("default", []) if ours in KEYWORD_LANGUAGES else []
                if names := entry.get("tts"):
                    texts = list(dict.fromkeys([*names, *keywords]))
                    table.setdefault(code_of(characters), {})[ours] = texts
    return table


def folded(concept: str) -> str:
    """A concept's id: lower case, without article, number and punctuation, a plain plural as the singular.

    >>> folded("The Red Apples 2")
    'red apple'
    """
    text = re.sub(r"[^a-z0-9]+", " ", concept.lower()).strip()
    text = re.sub(r"^(a|an|the) ", "", text)
    text = re.sub(r" \d+$", "", text)
    return re.sub(r"(?<=[a-z]{3})(?<!s)s$", "", text)


@cache
def dictionary(data: Path) -> dict[str, Captions]:
    """Folded English name -> language -> translations, of the emoji's names."""
    table: dict[str, Captions] = {}
    for captions in emoji_captions(data).values():
        if "en" not in captions:
            continue
        senses = table.setdefault(folded(captions["en"][0]), {})
        for language, texts in captions.items():
            known = senses.setdefault(language, [])
            if texts[0] not in known and len(known) < SENSES:
                known.append(texts[0])
    return table


def translated(concept: str, *, known: Captions, data: Path) -> Captions:
    """Names of a concept in the languages that ``known`` lacks, where the dictionary has its English name."""
    senses = dictionary(data).get(folded(concept), {})
    return {language: texts for language, texts in senses.items() if language not in {"en", *known}}
