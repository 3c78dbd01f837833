import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.text import fold, fold_offsets
from firth.text.fold import simplified_forms

from .strategies import texts

CJK = [
    chr(code)
    for first, last in (
        (0x2E80, 0x2FDF),
        (0x3005, 0x3007),
        (0x3400, 0x9FFF),
        (0xF900, 0xFAFF),
        (0x20000, 0x323AF),
    )
    for code in range(first, last + 1)
]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("蘋果", "苹果"),
        ("後宮裡的裏外", "后宫里的里外"),
        ("Ｆｕｌｌ　ＷＩＤＴＨ！", "full width!"),
        ("Café Ångström Ёлка Ἀθῆναι", "cafe angstrom елка αθηναι"),
        ("Straße ﬁne İstanbul", "strasse fine istanbul"),
        ("がギｶﾞ한글", "がギガ한글"),
        ("か\u3099 \u1112\u1161\u11ab", "が 한"),
        ("❤\ufe0f 葛\U000e0100", "❤ 葛"),
        ("zero\u200bwidth\u00ad", "zerowidth"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


def test_table_is_opencc():
    opencc = pytest.importorskip("opencc")
    lines = "\n".join(CJK)
    converted = [opencc.OpenCC(config).convert(lines).split("\n") for config in ("t2s", "tw2s", "hk2s")]
    step = {
        char: next((form for form in forms if form != char), char)
        for char, *forms in zip(CJK, *converted, strict=True)
        if all(len(form) == 1 for form in forms)
    }
    for char in CJK:
        expected = unicodedata.normalize("NFKC", char)
        while len(expected) == 1 and step.get(expected, expected) != expected:
            expected = step[expected]
        assert fold(char) == expected


def test_table_ends():
    """No Simplified form is itself folded further."""
    table = simplified_forms()
    assert len(table) > 4000
    assert not set(table.values()) & set(table)


@pytest.mark.slow
def test_every_character_folds_once():
    for code in [*range(0xD800), *range(0xE000, 0x110000)]:
        folded = fold(chr(code))
        assert fold(folded) == folded


@given(st.one_of(texts, st.text()))
def test_idempotent_and_normal(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert unicodedata.is_normalized("NFC", folded)


@given(st.one_of(texts, st.text()))
def test_composed_and_decomposed_fold_alike(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.one_of(texts, st.text()))
def test_offsets(text):
    folded = fold_offsets(text)
    assert folded.text == fold(text)
    assert len(folded.starts) == len(folded.text) + 1
    assert folded.starts[-1] == len(text)
    assert (np.diff(folded.starts) >= 0).all()
    assert folded.starts[0] >= 0


@given(st.one_of(texts, st.text()), st.data())
def test_a_match_points_at_the_original(text, data):
    folded = fold_offsets(text)
    end = data.draw(st.integers(0, len(folded.text)))
    start = data.draw(st.integers(0, end))
    first, last = folded.original(start, end)
    assert 0 <= first <= last <= len(text)
    assert folded.text[start:end] in fold(text[first:last])


def test_original_spans():
    text = "ＡＰＰＬＥ 與 蘋果 Straße"
    folded = fold_offsets(text)
    for needle, original in [("apple", "ＡＰＰＬＥ"), ("苹果", "蘋果"), ("strasse", "Straße"), ("与", "與")]:
        start = folded.text.index(needle)
        first, last = folded.original(start, start + len(needle))
        assert text[first:last] == original


def test_lone_surrogates_do_not_break():
    assert fold_offsets("蘋\ud800果").text == fold("蘋\ud800果")
