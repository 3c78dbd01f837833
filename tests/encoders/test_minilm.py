"""`minilm` against sentence-transformers, where both are installed."""

import numpy as np
import pytest

from firth.encoders import encoder, entries, is_installed
from firth.encoders.minilm import MiniLM

if not is_installed(entries()["minilm"]):
    pytest.skip("the weights of minilm are not installed", allow_module_level=True)

ENGLISH = "the first thing to know is that an embedding is a list of numbers"


@pytest.fixture(scope="module")
def minilm():
    return encoder("minilm")


def test_vectors_are_those_of_sentence_transformers(minilm, texts):
    """Theirs reads at most 256 tokens, 512 if told so, and cuts the rest off; ours reads all of a text."""
    sentence_transformers = pytest.importorskip("sentence_transformers")
    theirs = sentence_transformers.SentenceTransformer(str(minilm._path.parent), device="cpu")
    theirs.max_seq_length = 512
    some = ["", " ", "Café NAÏVE", *texts]
    some = [
        text for text, count in zip(some, minilm.count_tokens(some), strict=True) if count <= minilm.window
    ]
    cosines = (minilm.encode(some) * theirs.encode(some, normalize_embeddings=True)).sum(1)
    assert cosines.min() >= 0.9999


def test_letters_are_folded(minilm):
    assert minilm.tokenize(["Café NAÏVE"]) == minilm.tokenize(["cafe naive"])


def test_the_role_makes_no_difference(minilm):
    assert np.array_equal(minilm.encode_query([ENGLISH]), minilm.encode_document([ENGLISH]))


def test_sequences_are_not_cut_by_the_tokenizer(minilm):
    assert minilm.count_tokens([f"{ENGLISH} " * 100]) == [100 * minilm.count_tokens([ENGLISH])[0]]


def test_without_the_extra_it_says_what_to_type(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ImportError, match=r"pip install 'firth\[minilm\]'"):
        MiniLM().encode(["apple"])
