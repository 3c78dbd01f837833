from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import InputError
from firth.text import sentences

from .strategies import texts


def cut(text, **options):
    return [text[span.start : span.end] for span in sentences(text, **options)]


@pytest.mark.parametrize(
    "expected",
    [
        ["春眠不覺曉，處處聞啼鳥。", "夜來風雨聲，花落知多少？"],
        ["「你好。」", "他說：「再見！」", "走了。"],
        ["他走了……又回來了。", "真的嗎？！", "是；", "不是。"],
        ["我用Python3.14寫程式。", "很好!", "對吧?", "對"],
        ["Mr. Lee met Dr. Smith at 5 p.m. on Monday.", "It rained."],
        ["J. K. Rowling wrote it.", "I know, e.g. from Tom."],
        ["He lives in the U.S.", "The weather is fine."],
        ["Pi is 3.14.", "See No. 5 and Fig. 2.", "I said no.", "Then I left."],
        ['"Stop!" he said.', '"Why?"', "Nobody knew."],
        ["Visit www.example.org/a?b=c now.", "Really... yes.", "Done!"],
    ],
)
def test_sentences(expected):
    spaced = expected[0].isascii()
    assert cut((" " if spaced else "").join(expected)) == expected
    assert cut("\n".join(expected)) == expected


def test_lists_have_an_entry_a_line():
    entries = ["1. Wash the apples.", "2. Peel them.", "- sugar", "- flour", "煮熟"]
    assert cut("\n".join(entries)) == entries


def test_wrapped_lines_are_joined_and_short_ones_are_not():
    wrapped = "This is a long line of English prose that was\nwrapped by an editor."
    assert cut(wrapped) == [wrapped]
    assert cut("apples\npears\nplums") == ["apples", "pears", "plums"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一二三四，五六七八", ["一二三四，", "五六七八"]),
        ("one two three", ["one two", "three"]),
        ("一二三四五六七八九十", ["一二三四五六七八", "九十"]),
        ("aaaaaae\u0301\u0301bbb", ["aaaaaa", "e\u0301\u0301bbb"]),
    ],
)
def test_long_sentences_are_cut_at_the_best_place(text, expected):
    assert cut(text, max_length=8) == expected


@given(texts, st.integers(1, 30))
def test_nothing_is_lost(text, max_length):
    spans = sentences(text, max_length=max_length)
    pieces = [text[span.start : span.end] for span in spans]
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(piece and piece.strip() == piece and len(piece) <= max_length for piece in pieces)


def test_max_length_is_checked():
    with pytest.raises(InputError, match="max_length=0"):
        sentences("a", max_length=0)
