"""Word vectors: found by their word, kept in a folder whole, refused where they are damaged."""

from __future__ import annotations

import json

import numpy as np
import pytest

from firth.encoders.words import WordVectors
from firth.encoders.words.subwords import Subwords
from firth.errors import InputError, UnknownNameError, UnreadableError


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    notes = {"settings": {"size": 4}, "losses": [2.5]}
    arrays = {"vectors": rng.normal(size=(3, 4)).astype(np.float32), "counts": np.array([9, 5, 2])}
    pieces = Subwords(rng.normal(size=(50, 4)).astype(np.float32))
    return WordVectors(
        ("苹果", "apple", "eats"), contexts=arrays["vectors"] * 2, notes=notes, subwords=pieces, **arrays
    )


def test_a_folder_keeps_everything(tmp_path, vectors):
    vectors.save(tmp_path / "mine")
    found = WordVectors.load(tmp_path / "mine")
    assert found.words == vectors.words
    for name in ("vectors", "contexts", "counts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(vectors, name))
    assert found.notes["settings"] == {"size": 4}
    np.testing.assert_array_equal(found.vector("unheard"), vectors.vector("unheard"))


def test_words_are_found_as_they_are_written(vectors):
    assert vectors.index == {"苹果": 0, "apple": 1, "eats": 2}
    assert "apple" in vectors and "pear" not in vectors and len(vectors) == 3
    np.testing.assert_array_equal(vectors.vector("蘋果"), vectors.vectors[0])
    np.testing.assert_array_equal(vectors.vector("APPLE"), vectors.vectors[1])
    np.testing.assert_allclose(np.linalg.norm(vectors.unit, axis=1), 1, rtol=1e-6)


def test_a_word_that_never_occurred_is_made_of_its_pieces(vectors):
    assert vectors.vector("apples").shape == (4,)
    bare = WordVectors(vectors.words, vectors.vectors)
    with pytest.raises(UnknownNameError, match=r"apples.*3 words"):
        bare.vector("apples")


def test_rows_must_fit_the_words(vectors):
    with pytest.raises(InputError, match="3 words and 2 counts"):
        WordVectors(vectors.words, vectors.vectors, counts=np.array([1, 2]))


@pytest.mark.parametrize("damage", ["missing", "newer", "no json", "cut", "words"])
def test_a_damaged_folder_says_what_to_do(tmp_path, vectors, damage):
    folder = tmp_path / "mine"
    vectors.save(folder)
    notes = folder / "words.json"
    if damage == "missing":
        notes.unlink()
    elif damage == "newer":
        notes.write_text(json.dumps({**json.loads(notes.read_text("utf-8")), "format": 99}), "utf-8")
    elif damage == "no json":
        notes.write_text("{", "utf-8")
    elif damage == "cut":
        arrays = folder / "words.safetensors"
        arrays.write_bytes(arrays.read_bytes()[:-9])
    else:
        (folder / "words.txt").unlink()
    with pytest.raises(UnreadableError, match="Next: "):
        WordVectors.load(folder)


def test_half_a_folder_is_none(tmp_path, vectors, monkeypatch):
    """Killed while it writes over an older one, the folder is no longer taken for vectors."""
    vectors.save(tmp_path)
    monkeypatch.setattr(
        "firth.encoders.words.folder.write_arrays", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        vectors.save(tmp_path)
    with pytest.raises(UnreadableError, match="no word vectors there"):
        WordVectors.load(tmp_path)
