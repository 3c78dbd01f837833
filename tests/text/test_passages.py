from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import InputError
from firth.text import passages, sentences
from firth.text.passages import words

from .strategies import texts


def by_utf8_pairs(pieces):
    """A measure like a tokenizer's: not the sum of its parts, more for Chinese, one more for each text."""
    return [1 + (len(piece.strip().encode("utf-8", "surrogatepass")) + 1) // 2 for piece in pieces]


def grows_when_joined(pieces):
    """An ill-natured measure: a whole can be longer than its parts together."""
    return [len(piece) + (len(piece) > 6) * 5 for piece in pieces]


def cut(text, **options):
    return [text[span.start : span.end] for span in passages(text, **options)]


def test_whole_sentences_are_packed():
    text = "春眠不覺曉。處處聞啼鳥。 夜來風雨聲。花落知多少。"
    assert cut(text, max_length=13) == ["春眠不覺曉。處處聞啼鳥。", "夜來風雨聲。花落知多少。"]
    assert cut(text, max_length=12) == cut(text, max_length=13)
    assert cut(text, max_length=11) == ["春眠不覺曉。", "處處聞啼鳥。", "夜來風雨聲。", "花落知多少。"]
    assert cut(text, max_length=100) == [text]


def test_a_long_sentence_is_cut_at_commas_then_spaces_then_anywhere():
    assert cut("一二三，四五六，七八九。", max_length=8) == ["一二三，四五六，", "七八九。"]
    assert cut("one two three four", max_length=9) == ["one two", "three", "four"]
    assert cut("一二三四五六七", max_length=3) == ["一二三", "四五六", "七"]


def test_paragraphs_end_a_passage_that_is_nearly_full():
    text = "一二三四五六七八。\n\n九。十。"
    assert cut(text, max_length=12) == ["一二三四五六七八。", "九。十。"]
    assert cut("一二。\n\n九。十。", max_length=12) == ["一二。\n\n九。十。"]


def test_words():
    assert cut("One two. Three four. Five.", max_length=4, measure=words) == ["One two. Three four.", "Five."]


@pytest.mark.parametrize("measure", [None, words, by_utf8_pairs, grows_when_joined])
@given(text=texts, max_length=st.integers(1, 40))
def test_promises(text, max_length, measure):
    options = {} if measure is None else {"measure": measure}
    length = measure or (lambda pieces: [len(piece) for piece in pieces])
    spans = passages(text, max_length=max_length, **options)
    pieces = [text[span.start : span.end] for span in spans]
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(before.end <= after.start for before, after in pairwise(spans))
    for piece, size in zip(pieces, length(pieces), strict=True):
        assert piece.strip() == piece
        assert size <= max_length or len(piece) == 1


@given(texts, st.integers(1, 40))
def test_sentences_that_fit_are_whole(text, max_length):
    ends = {span.end for span in passages(text, max_length=max_length)}
    for sentence in sentences(text):
        if len(sentence) <= max_length:
            assert not any(sentence.start < end < sentence.end for end in ends)


def test_the_measure_is_called_in_batches():
    calls = []

    def counted(pieces):
        calls.append(len(pieces))
        return [len(piece) for piece in pieces]

    passages("蘋果很好吃。" * 5000 + "長" * 3000, max_length=100, measure=counted)
    assert len(calls) <= 6


def test_max_length_is_checked():
    with pytest.raises(InputError, match="max_length=0"):
        passages("a", max_length=0)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["蘋果很好吃，橘子也是。", "An apple a day. ", "長", "a ", "1. ", "\n", '"'])
def test_ten_megabytes(unit):
    text = unit * (10_000_000 // len(unit))
    assert sum(len(span) for span in passages(text, max_length=200)) <= len(text)
