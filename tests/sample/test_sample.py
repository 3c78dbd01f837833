import json
from collections import Counter

import pytest
from PIL import Image

from firth import sample

FOLDER = sample.path()
ROWS = [json.loads(line) for line in (FOLDER / "items.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_row_says_where_it_is_from():
    assert all(row["licence"] and row["credit"] for row in ROWS)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(row["licence"] in readme for row in ROWS)
    assert all(f"`{row['collection']}`" in readme for row in ROWS)


def test_ids_are_unique():
    assert len({row["id"] for row in ROWS}) == len(ROWS) > 500


def test_a_row_is_a_text_or_a_picture():
    assert all(("image" in row) != bool(row.get("text", "").strip()) for row in ROWS)


def test_pictures_open_and_none_is_left_over():
    named = [row["image"] for row in ROWS if "image" in row]
    assert sorted(named) == sorted(f"pictures/{path.name}" for path in (FOLDER / "pictures").iterdir())
    for name in named:
        with Image.open(FOLDER / name) as picture:
            picture.load()
            assert max(picture.size) <= 160
            assert len(picture.convert("RGB").getcolors(200)) > 1


def test_it_is_small():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 1_500_000


def test_languages():
    counts = Counter(row["language"] for row in ROWS if "text" in row)
    assert min(counts[language] for language in ("zh-Hant", "zh-Hans", "en")) >= 40


@pytest.mark.parametrize("script", ["蘋果", "苹果"])
def test_apples_in_both_scripts(script):
    assert [row for row in ROWS if script in row.get("text", "")]
    assert [row for row in ROWS if script in row.get("name_zh_hant", "") + row.get("name_zh_hans", "")]


def test_aligned_sentences():
    """30 sentences of the help stand in all three scripts, the others in one."""
    groups = Counter(row["id"].split("-")[1] for row in ROWS if row["collection"] == "help")
    assert Counter(groups.values()) == {3: 30, 1: 31}
