"""Vectors from memory are those the encoder made, and only those of the same weights and role."""

import subprocess
import sys

import numpy as np
import pytest

from firth.encoders.base import Encoder
from firth.encoders.cache import ASK, CachedEncoder
from firth.errors import InputError


class Counting(Encoder):
    """Made on the spot: a vector of a text's length and role; remembers what it was asked to encode."""

    name, dim, modalities = "counting", 3, frozenset({"text"})

    def __init__(self, fingerprint="aaaa"):
        self.fingerprint = fingerprint
        self.asked = []

    def encode(self, inputs, *, role="document", progress=None):
        self.asked += inputs
        if progress:
            progress(len(inputs))
        return np.array([[len(text), role == "query", len(self.fingerprint)] for text in inputs], np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "快取 cache" / "vectors.sqlite"


def test_hits_are_equal_and_not_encoded_again(path):
    inner, texts = Counting(), ["apple", "蘋果", "", "a\nb", "👩‍🚀"]
    first = CachedEncoder(inner, path).encode(texts)
    again = CachedEncoder(inner, path).encode(texts[::-1])
    np.testing.assert_array_equal(again, first[::-1])
    assert inner.asked == texts


def test_hits_are_equal_to_the_last_bit(use, path):
    texts = ["apple", "蘋果", "苹果"]
    cached = CachedEncoder(use, path)
    assert cached.encode(texts).tobytes() == cached.encode(texts).tobytes() == use.encode(texts).tobytes()
    assert cached.stamp == use.stamp


def test_only_what_is_new_is_encoded(path):
    inner = Counting()
    cached = CachedEncoder(inner, path)
    cached.encode(["a", "b"])
    vectors = cached.encode(["b", "ccc", "a", "ccc", "ccc"])
    assert vectors[:, 0].tolist() == [1, 3, 1, 3, 3]
    assert inner.asked == ["a", "b", "ccc"]


def test_another_fingerprint_misses(path):
    for fingerprint in ("aaaa", "bbbb"):
        inner = Counting(fingerprint)
        CachedEncoder(inner, path).encode(["apple"])
        assert inner.asked == ["apple"]


def test_another_role_misses(path):
    cached = CachedEncoder(Counting(), path)
    assert cached.encode_document(["apple"]).tolist() != cached.encode_query(["apple"]).tolist()
    assert cached.encode_query(["apple"]).tolist() == Counting().encode(["apple"], role="query").tolist()


def test_many_keys(path):
    texts = [f"text {i}" for i in range(2 * ASK + 7)]
    cached = CachedEncoder(Counting(), path)
    np.testing.assert_array_equal(cached.encode(texts), cached.encode(texts))
    assert len(cached.encoder.asked) == len(texts)


def test_nothing_gives_nothing(path):
    assert CachedEncoder(Counting(), path).encode([]).shape == (0, 3)


@pytest.mark.parametrize("known", [0, 2, 4])
def test_progress_adds_up_to_all(path, known):
    cached, told = CachedEncoder(Counting(), path), []
    texts = ["a", "b", "c", "d"]
    cached.encode(texts[:known])
    cached.encode(texts, progress=told.append)
    assert sum(told) == 4


@pytest.mark.parametrize("inputs", ["apple", ["apple", 3], ["\ud83c"]])
def test_what_is_no_text_is_refused(path, inputs):
    with pytest.raises(InputError):
        CachedEncoder(Counting(), path).encode(inputs)


def test_two_processes_share_one_file(path):
    """Both write at once; each finds later what the other encoded."""
    script = (
        "import sys; from pathlib import Path\n"
        "from firth.encoders import encoder; from firth.encoders.cache import CachedEncoder\n"
        "cached = CachedEncoder(encoder('use'), Path(sys.argv[1]))\n"
        "for i in range(30): cached.encode([f'{sys.argv[2]} {i}', f'both {i}'])\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, path, name]) for name in ("one", "two")]
    assert [process.wait(60) for process in processes] == [0, 0]
    inner = Counting()
    from firth.encoders import encoder

    inner.fingerprint, inner.dim = encoder("use").fingerprint, 512
    texts = [f"{name} {i}" for name in ("one", "two", "both") for i in range(30)]
    found = CachedEncoder(inner, path).encode(texts)
    assert inner.asked == []
    np.testing.assert_allclose(found, encoder("use").encode(texts), atol=2e-6)
