import json

import pytest

from firth import sample
from firth.text import script


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("蘋果", "zh-Hant"),
        ("苹果", "zh-Hans"),
        ("山水", "zh"),
        ("皇后", "zh"),
        ("用 Python 寫程式", "zh-Hant"),
        ("什么时候", "zh-Hans"),
        ("iPhone 的電池", "zh-Hant"),
        ("The word 道 is Chinese, as everyone who reads this knows", "en"),
        ("りんごの木", "ja"),
        ("東京タワー", "ja"),
        ("사과나무", "ko"),
        ("яблоко", "other"),
        ("être à l'été, où ça?", "other"),
        ("2024-01-01", "other"),
        ("", "other"),
    ],
)
def test_script(text, expected):
    assert script(text) == expected


def test_on_the_sample():
    """Rough, but on whole sentences and poems nearly always right."""
    rows = [
        json.loads(line) for line in (sample.path() / "items.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    known = [row for row in rows if row["collection"] in ("poem", "help", "book", "wikipedia")]
    right = sum(script(row["text"]) == row["language"] for row in known)
    assert right / len(known) > 0.97
