"""Files of word2vec, GloVe and fastText are read and written, bit by bit the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from firth.encoders.words.formats import FORMATS, Named, guess_format, read_file, write_file
from firth.errors import InputError, UnreadableError

WORDS = ("蘋果", "apple", "naïve", "new_york", "1", "é")


@pytest.fixture
def named():
    vectors = np.random.default_rng(0).normal(size=(len(WORDS), 7)).astype(np.float32)
    vectors[0, 0], vectors[1, 1], vectors[2, 2] = 0, 1e-30, -123456.7
    # bytes that look like a line end and a space inside a binary row
    vectors[3].view(np.uint8)[:4] = [10, 32, 10, 64]
    return Named(WORDS, vectors)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_is_read_again(tmp_path, named, format, ending):
    path = tmp_path / f"vectors{ending}"
    write_file(path, named, format=format)
    found = read_file(path)
    assert found.words == named.words
    np.testing.assert_array_equal(found.vectors, named.vectors)
    assert list(tmp_path.iterdir()) == [path]


def test_a_binary_file_with_line_ends_between_rows_is_read(tmp_path, named):
    """word2vec's own program writes them, gensim does not."""
    for end in (b"", b"\n"):
        rows = [
            word.encode() + b" " + row.tobytes() + end
            for word, row in zip(named.words, named.vectors, strict=True)
        ]
        path = tmp_path / "bare.bin"
        path.write_bytes(b"6 7\n" + b"".join(rows))
        np.testing.assert_array_equal(read_file(path).vectors, named.vectors)


def test_a_word_of_glove_may_hold_spaces(tmp_path):
    path = tmp_path / "glove.txt"
    for head in ("", "2 3\n"):
        path.write_text(f"{head}apple 1 2 3\n. . . 4 5 6\n", "utf-8")
        assert read_file(path).words == ("apple", ". . .")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 rows"),
        (b"3 2\napple 1 2\npear 3 4\n", "2 rows, expected 3"),
        (b"apple 1 2\npear 3\n", "row 2"),
        (b"2 2\napple " + np.ones(2, np.float32).tobytes() + b"\npear ", "ends in row 2"),
        (b"\x1f\x8bnot gzip", "no word vectors"),
        (b"just a text of some words\n", "no word vectors"),
    ],
)
def test_what_is_damaged_says_so(tmp_path, content, says):
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=says):
        read_file(path)


def test_a_word_with_a_space_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="white space"):
        write_file(tmp_path / "x", Named(("new york",), np.ones((1, 2), np.float32)), format="word2vec")
    with pytest.raises(InputError, match="one of"):
        write_file(tmp_path / "x", Named((), np.ones((0, 2), np.float32)), format="pickle")


def test_a_file_of_one_number_a_word_is_told_from_a_head():
    assert guess_format(b"3 1\n1 2\n2 3\n") == "word2vec"
    assert guess_format(b"the 1\nof 2\n") == "glove"


def test_gensim_reads_what_firth_writes(tmp_path, named):
    models = pytest.importorskip("gensim.models")
    for format, binary, header in (
        ("word2vec", False, True),
        ("word2vec-binary", True, True),
        ("glove", False, False),
    ):
        path = tmp_path / format
        write_file(path, named, format=format)
        vectors = models.KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=not header)
        assert tuple(vectors.index_to_key) == named.words
        np.testing.assert_array_equal(vectors.vectors, named.vectors)
