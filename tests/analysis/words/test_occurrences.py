from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.analysis.words.occurrences import WordFinder
from firth.errors import InputError
from firth.text import fold


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("bat", "Bats and a BAT; the bat's wing", ["Bats", "BAT", "bat"]),
        ("bat", 'battle, combat, batting, bat-like, Bat"tle', []),
        ("tomatoes", "a tomato", ["tomato"]),
        ("city", "cities", ["cities"]),
        ("ice cream", "Ice cream, not ice", ["Ice cream"]),
        ("苹果", "蘋果公司和苹果", ["蘋果", "苹果"]),
        ("打", "打電話，打球", ["打", "打"]),
        ("café", "Café", ["Café"]),
    ],
)
def test_spans(word, text, found):
    assert [text[start:end] for start, end in WordFinder(word).spans(text)] == found


@given(st.text(max_size=40), st.sampled_from(["蘋果", "bat", "打"]))
def test_what_is_found_is_the_word(text, word):
    for start, end in WordFinder(word).spans(text + word + text):
        assert fold(word) in fold((text + word + text)[start:end])


@pytest.mark.parametrize("word", ["", " ", "_", "?"])
def test_no_word(word):
    with pytest.raises(InputError, match="expected a word"):
        WordFinder(word)
