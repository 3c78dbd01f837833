"""One-hot encoding: every pair of words is orthogonal, whatever the words mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from firth.encoders.one_hot import OneHot
from firth.errors import InputError
from firth.similarity import cosine, pairwise

WORDS = ["apple", "banana", "cherry", "orange", "pear"]


def test_two_words_have_two_dimensions():
    encoder = OneHot().fit(["apple", "banana"])
    assert encoder.dim == len(encoder.vocabulary) == 2
    apple, banana = encoder.encode(["apple", "banana"])
    assert cosine(apple, banana) == 0
    assert cosine(apple, apple) == 1


def test_apple_is_no_nearer_to_banana_than_to_justice():
    encoder = OneHot().fit(["apple", "banana", "justice"])
    apple, banana, justice = encoder.encode(["apple", "banana", "justice"])
    assert cosine(apple, banana) == cosine(apple, justice) == 0


def test_all_words_are_orthogonal():
    encoder = OneHot().fit([" ".join(WORDS)])
    np.testing.assert_array_equal(pairwise(encoder.encode(WORDS), encoder.encode(WORDS)), np.eye(5))


def test_the_vocabulary_is_in_order_whatever_the_texts_order():
    one, other = OneHot().fit(WORDS), OneHot().fit([" ".join(reversed(WORDS)), "apple"])
    assert one.vocabulary == other.vocabulary == sorted(one.vocabulary)
    assert one.stamp == other.stamp
    assert one.stamp != OneHot().fit(WORDS[:4]).stamp


@pytest.mark.parametrize("text", ["蘋果", "苹果"])
def test_both_scripts_are_one_word(text):
    encoder = OneHot().fit(["蘋果和香蕉"])
    (row,) = encoder.encode([text])
    assert cosine(row, encoder.encode(["蘋果"])[0]) == pytest.approx(1)
    assert cosine(row, encoder.encode(["香蕉"])[0]) == 0


@given(texts=st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), min_size=1, max_size=8))
def test_rows_are_counts_in_csr(texts):
    encoder = OneHot().fit(WORDS)
    rows = encoder.encode_sparse(texts)
    counts = [[text.split().count(word) for word in WORDS] for text in texts]
    assert rows.to_dense().tolist() == counts
    theirs = sparse.csr_matrix((rows.values, rows.columns, rows.starts), shape=rows.shape)
    theirs.check_format(full_check=True)
    assert theirs.has_canonical_format
    np.testing.assert_array_equal(theirs.toarray(), rows.to_dense())


def test_unknown_words_have_no_dimension():
    encoder = OneHot().fit(["apple"])
    assert encoder.encode_sparse(["durian", "", "apple durian"]).to_dense().tolist() == [[0], [0], [1]]
    assert encoder.encode(["durian"]).tolist() == [[0]]


def test_dense_rows_are_of_unit_length():
    rows = OneHot().fit(WORDS).encode(["apple apple pear", "pear"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)
    assert rows.dtype == np.float32


def test_without_a_vocabulary_it_says_what_to_do():
    with pytest.raises(InputError, match="fit"):
        OneHot().encode(["apple"])


@pytest.mark.parametrize("call", [OneHot().fit, OneHot().fit(["apple"]).encode])
def test_one_text_is_not_read_letter_by_letter(call):
    with pytest.raises(InputError, match="got one str"):
        call("apple")
