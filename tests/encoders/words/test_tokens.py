"""A text becomes words, the same whatever stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.encoders.words.tokens import Tokens, joined

DICTIONARY = {
    "我": -5.0,
    "爱": -5.0,
    "苹": -9.0,
    "果": -9.0,
    "苹果": -6.0,
    "爱苹": -15.0,
    "公司": -6.0,
    "苹果公司": -20.0,
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我愛蘋果。", ["我", "爱", "苹果"]),
        ("蘋果公司", ["苹果", "公司"]),
        ("𠮷我", ["𠮷", "我"]),
        ("我們 love 蘋果 C++", ["我", "们", "love", "苹果", "c++"]),
        ("don’t", ["don't"]),
        ("👍🏽 ok", ["ok"]),
        ("", []),
    ],
)
def test_chinese_is_cut_where_the_dictionary_is_likeliest(text, words):
    assert Tokens(dictionary=DICTIONARY)(text) == words


@given(st.lists(st.text(alphabet="我愛蘋果公司們 ab1,.!’\u3000𠮷", max_size=30), max_size=5))
def test_many_texts_are_cut_as_each_alone(texts):
    tokens = Tokens(dictionary=DICTIONARY)
    assert tokens.many(texts) == [Tokens(dictionary=DICTIONARY)(text) for text in texts]


@given(st.text(max_size=60))
def test_no_word_holds_a_space_and_json_brings_the_same_back(text):
    tokens = Tokens(dictionary=DICTIONARY, phrases=(frozenset({("a", "b")}),))
    words = tokens(text)
    assert all(word.split() == [word] for word in words)
    assert Tokens.from_json(tokens.to_json())(text) == words


def test_phrases_are_joined_pass_by_pass():
    first, second = frozenset({("new", "york")}), frozenset({("new_york", "city")})
    assert Tokens(phrases=(first, second))("New York City") == ["new_york_city"]
    assert joined(["new", "new", "york"], first) == ["new", "new_york"]


def test_text_with_spaces_is_left_alone():
    assert Tokens(spaces=True)("蘋果 Apple C++ .") == ["蘋果", "Apple", "C++", "."]
