from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given

from firth.text import fold, query_terms, terms
from firth.text.stop_words import STOP_WORDS

from .strategies import texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("蘋果", ["苹", "果", "苹果"]),
        ("人々〇", ["人", "々", "〇", "人々", "々〇"]),
        ("ＡＢＣ公司", ["abc", "公", "司", "公司"]),
        ("りんご", ["り", "ん", "ご", "りん", "んご"]),
        ("𠮷野", ["𠮷", "野", "𠮷野"]),
        ("山。水", ["山", "水"]),
        ("Running dogs' cafés", ["run", "dog", "cafe"]),
        ("don’t", ["don't"]),
        ("e-mail", ["e", "mail", "email"]),
        ("C++, C# and F#.", ["c", "c++", "c", "c#", "and", "f", "f#"]),
        ("mp3 covid19 4K", ["mp3", "covid19", "4k"]),
        ("3.14 3,000 1,234,567.8", ["3.14", "3000", "1234567.8"]),
        ("the U.S.A. today", ["the", "usa", "today"]),
        ("#tag a+b → ★", ["tag", "a", "b", "★"]),
        ("🍎 ❤️", ["🍎", "❤"]),
        ("👍🏽", ["👍🏽", "👍"]),
        ("👨‍🍳", ["👨‍🍳", "👨", "🍳"]),
        ("🇹🇼", ["🇹🇼"]),
        ("हिन्दी", ["हिन्दी"]),
        ("  。！ ", []),
    ],
)
def test_terms(text, expected):
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("苹果", "我買了一顆蘋果"),
        ("蘋果", "我买了一颗苹果"),
        ("email", "Send an e-mail"),
        ("e-mail", "Send an email"),
        ("C++", "modern c++ code"),
        ("👍", "👍🏽"),
        ("❤", "❤️"),
        ("run", "They were RUNNING"),
        ("茶", "喝茶"),
        ("ﾗｰﾒﾝ", "ラーメン"),
    ],
)
def test_queries_find(query, document):
    assert set(query_terms(query)) & set(terms(document))


def test_c_sharp_is_not_c_plus_plus():
    assert "c#" not in terms("C++") and "c++" not in terms("C#")


@given(texts)
def test_terms_are_clean(text):
    for term in terms(text):
        assert term
        assert term.split() == [term]
        assert term == fold(term) or "'" in term  # ’ becomes '


@given(texts)
def test_query_terms_are_document_terms(text):
    query = query_terms(text)
    assert set(query) <= set(terms(text))
    assert len(query) == len(set(query))
    assert bool(query) == bool(terms(text))


def test_stop_words():
    assert query_terms("what is the theory of relativity") == ["theori", "relat"]
    assert query_terms("相對論的作者是誰") == [
        *["相", "论", "作", "者"],
        *["相对", "对论", "论的", "的作", "作者", "者是", "是谁"],
    ]
    assert query_terms("the") == ["the"]


def test_stop_words_are_spelled_as_terms():
    assert {word for word in STOP_WORDS if terms(word) != [word]} == set()


def test_stemming_from_many_threads():
    words = [f"{stem}ing" for stem in ("walk", "jump", "search", "embed", "look")] * 2000
    expected = terms(" ".join(words))
    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(terms, [" ".join(words)] * 16))
