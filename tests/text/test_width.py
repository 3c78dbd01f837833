import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import InputError
from firth.text import clip, display_width, pad, printable
from firth.text.width import widths

from .strategies import texts


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("apple", 5),
        ("蘋果", 4),
        ("ＡＢ", 4),
        ("ｶﾞ", 2),
        ("e\u0301", 1),
        ("か\u3099", 2),
        ("\u1112\u1161\u11ab", 2),
        ("🍎", 2),
        ("👍🏽", 2),
        ("👨‍👩‍👧", 2),
        ("🇹🇼🇯🇵", 4),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("1\ufe0f\u20e3", 2),
        ("zero\u200bwidth", 9),
        ("", 0),
    ],
)
def test_display_width(text, columns):
    assert display_width(text) == columns


def test_clip_and_pad():
    assert clip("蘋果與橘子", 6) == "蘋果…"
    assert clip("蘋果與橘子", 7) == "蘋果與…"
    assert clip("👨‍👩‍👧👨‍👩‍👧", 3) == "👨‍👩‍👧…"
    assert clip("蘋果", 0) == ""
    assert pad("蘋果與橘子", 6) == "蘋果… "
    assert pad("蘋果", 6, align="right") == "  蘋果"


def test_a_text_cannot_steer_the_terminal():
    assert printable("a\nb\tc\x1b[2J\x07\x7f\x9b\u202eabc\ud800") == "a b c␛[2J␇␡\ufffd\ufffdabc\ufffd"
    assert display_width("\x1b[2J") == 4


@given(st.one_of(texts, st.text(st.characters())))
def test_printable_keeps_every_character_in_its_place(text):
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(char in shown for char in "\n\r\x1b\x85\u2028\u202e")
    assert printable(shown) == shown


@given(texts, st.integers(0, 30))
def test_clip_and_pad_fit(text, columns):
    assert display_width(clip(text, columns)) <= columns
    assert display_width(pad(text, columns)) == columns
    assert display_width(text) == sum(widths(text))
    if display_width(text) <= columns:
        assert clip(text, columns) == printable(text)


@pytest.mark.parametrize("call", [lambda: clip("a", -1), lambda: pad("a", 3, align="middle")])
def test_arguments_are_checked(call):
    with pytest.raises(InputError, match="expected"):
        call()
