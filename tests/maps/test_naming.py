"""Regions are named by what their texts speak of, in the words and the script of the texts."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from firth.maps.naming import name_regions
from firth.maps.words import Vocabulary


def named(*groups, **options):
    region_of = np.repeat(np.arange(len(groups), dtype=np.int32), [len(group) for group in groups])
    return name_regions([text for group in groups for text in group], region_of[None], **options)[0]


FRUIT = ["我買了紅蘋果", "蘋果公司", "青蘋果很酸", "吃蘋果吧", "蘋果樹開花", "公司"]
KINGS = ["the old King rules", "Kings and queens", "a king of France", "The king's France", "king", "queens"]


def test_words_are_shown_as_they_are_written():
    fruit, kings = named(FRUIT, KINGS)
    assert fruit[0] == "蘋果"
    assert kings[0].lower() in ("king", "kings")


def test_the_script_is_that_of_the_region_s_texts():
    simplified = [text.replace("蘋", "苹") for text in FRUIT]
    assert named(simplified, KINGS)[0][0] == "苹果"
    elsewhere = ["馬路邊的蘋果", *["紅色馬路", "馬路很長", "走馬路"] * 3]
    assert [names[0] for names in named(simplified, elsewhere)] == ["苹果", "馬路"]
    assert [names[0] for names in named(FRUIT, [*elsewhere, *["吃苹果派"]])] == ["蘋果", "馬路"]


@pytest.mark.parametrize("text", ["the and of with", "的了是在", "什麼 怎么 我們 可以", "a 12 3000 x"])
def test_stop_words_name_nothing(text):
    assert named([text] * 5, KINGS)[0] == ()


def test_a_stretch_that_is_always_within_another_is_no_word():
    texts = ["買蘋果公司股票", "看蘋果公司新聞", "問蘋果公司總部", "去公司上班", "在公司開會", "到公司面試"]
    words = set().union(*Vocabulary(texts).words)
    assert "公司" in words
    assert "苹果公司" in words
    assert not {"果公", "苹果公", "果公司"} & words


def test_one_word_names_one_region_of_a_level():
    names = named(
        ["red apple pie", "red apple"] * 3, ["apple tree garden", "apple tree"] * 3, ["red king"] * 4
    )
    words = [word for name in names for word in name]
    assert len(set(words)) == len(words)
    assert all(names)


def test_the_scores_are_those_of_c_tf_idf():
    groups = [["alpha beta", "alpha beta", "alpha gamma", "gamma"], ["beta delta", "beta delta", "beta"]]
    inside = [{"alpha": 3, "beta": 2, "gamma": 2}, {"beta": 3, "delta": 2}]
    total = {"alpha": 3, "beta": 5, "gamma": 2, "delta": 2}
    mean = 12 / 2
    scores = [
        {word: count / sum(counts.values()) * log(1 + mean / total[word]) for word, count in counts.items()}
        for counts in inside
    ]
    for region, name in enumerate(named(*groups)):
        mine, other = scores[region], scores[1 - region]
        ordered = sorted(mine, key=lambda word: (-mine[word], word))
        assert list(name) == [word for word in ordered if mine[word] > other.get(word, 0)]


def test_a_text_that_repeats_itself_names_nothing():
    assert named(["spam " * 100, "green tea", "green tea"], KINGS)[0] == ("green", "tea")


def test_items_without_texts():
    assert named([None, None], ["", "apple", "apple"]) == [(), ("apple",)]


def test_poems_and_books_of_the_sample(sample):
    records = [r for r in sample.items() if r["fields"]["collection"] in ("book", "poem")]
    region_of = np.array([[r["fields"]["collection"] == "poem" for r in records]], np.int32)
    books, poems = name_regions([r["text"] for r in records], region_of)[0]
    assert all(word.isascii() for word in books)
    assert not any(word.isascii() for word in poems)
    together = " ".join(r["text"] for r in records)
    assert all(word in together for word in (*books, *poems))
