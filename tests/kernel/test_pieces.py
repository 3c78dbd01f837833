"""The kernel's tokenizer gives the ids and the places that the package sentencepiece gives.

On small models with many ties here; on the encoders' own models in tests/encoders/test_sentencepieces_models.py.
"""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.encoders.unigram_files import read_unigram_model
from firth.errors import InputError
from firth.kernel.pieces import HEAD, Pieces, mapped_pieces, pack_pieces

from .pieces_models import CHARACTERS, model, pieces_of
from .pieces_twin import likeliest

kernel = pytest.importorskip("firth.kernel._pieces")
TEXT = "abca bcab 蘋果蘋 果和"
PIECES = pieces_of(TEXT.replace(" ", "\u2581"))
SCORES = -np.arange(len(PIECES), dtype=np.float32) % 7
MODEL = model(PIECES, SCORES)
FLAGS = ("add_dummy_prefix", "remove_extra_whitespaces", "escape_whitespaces")


def ours(written):
    return Pieces(np.frombuffer(pack_pieces(read_unigram_model(written)), np.uint8))


def theirs(written):
    return sentencepiece.SentencePieceProcessor(model_proto=written)


def assert_same(mine, other, texts):
    """Of all the texts the same ids, and the same places."""
    assert mine.encode(texts) == other.encode(texts)
    for text in texts:
        expected = other.encode(text, return_type="offset_mapping")
        ids, places = mine.places(text)
        assert ids == expected["ids"]
        assert [tuple(place) for place in places.tolist()] == expected["offsets"]


mine, other = ours(MODEL), theirs(MODEL)
ordinary = st.text(st.sampled_from(TEXT + CHARACTERS), max_size=30)


@given(st.lists(ordinary | st.text(max_size=20), max_size=5))
def test_any_text(texts):
    assert_same(mine, other, texts)


@given(
    st.lists(st.sampled_from([0.0, -0.5, -1, -2, -3.25, 0.25]), min_size=len(PIECES), max_size=len(PIECES)),
    st.sampled_from([1, 0.1, 9e3, 3e4, 9e4]),
    st.lists(ordinary, max_size=4),
)
@settings(max_examples=50)
def test_any_scores(scores, scale, texts):
    """Equal sums are many; large ones reach the limit from which on SentencePiece counts from 0 again."""
    written = model(PIECES, np.array(scores) * scale)
    assert_same(ours(written), theirs(written), [*texts, "abcab" * 20, "果龘" * 50])


@given(
    st.lists(st.text("abcxyzé果 ", min_size=1, max_size=4), min_size=1, max_size=30, unique=True),
    st.lists(ordinary, max_size=4),
)
@settings(max_examples=50)
def test_any_pieces(pieces, texts):
    written = model([piece.replace(" ", "\u2581") for piece in pieces], -np.arange(len(pieces)) % 3)
    assert_same(ours(written), theirs(written), [*texts, "".join(pieces)])


@pytest.mark.parametrize("rules", ["nmt_nfkc", "nmt_nfkc_cf", "nfkc", "identity"])
@pytest.mark.parametrize("on", range(8))
def test_every_way_to_normalize(rules, on):
    flags = {flag: bool(on >> i & 1) for i, flag in enumerate(FLAGS)}
    written = model(PIECES, SCORES, normalizer={"rule_name": rules, **flags})
    texts = [
        "  ABCa  bc ",
        "ａ\u3000ｂ",
        "   ",
        "\u2581 a\u2581",
        "\x01\x02",
        "\u200b a",
        "ﷺ ①",
        "e\u0301a",
        *CHARACTERS,
    ]
    assert_same(ours(written), theirs(written), [*texts, CHARACTERS, CHARACTERS[::-1]])


@given(st.lists(st.text(st.sampled_from("abc 蘋果<>ＡX"), max_size=20), max_size=4))
def test_pieces_that_are_always_taken_whole(texts):
    """They are not normalized, not even their spaces."""
    written = model(PIECES, SCORES, verbatim=["<a>", "<a>b", "X X", "Ａ", "caX"])
    assert_same(ours(written), theirs(written), [*texts, "a<a>b<a>", "X XX X", " X X", "ＡA bcaXb"])


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "龘" * 20_000,
        "abcab " * 10_000,
        "蘋果 " * 20_000 + " " * 20_000,
        " " * 50_000,
        "\ufdfa" * 3000,
    ],
    ids=lambda text: f"{text[:6]!r}x{len(text)}",
)
def test_long_texts(text):
    assert_same(mine, other, [text])


@given(st.text("abc 果蘋和x", max_size=25))
def test_the_twin(text):
    normalized = "\u2581" + "\u2581".join(text.split()) if text.split() else ""
    scores = dict(zip(PIECES, SCORES.tolist(), strict=True))
    pieces = likeliest(normalized, scores, unknown=float(SCORES.min()) - 10)
    ids = [PIECES.index(piece) + 1 if piece in scores else 0 for piece in pieces]
    assert mine.encode([text]) == [[i for before, i in zip([1, *ids], ids, strict=False) if before or i]]


def test_threads_share_one_tokenizer():
    texts = [TEXT[i % 7 :] * (1 + i % 50) for i in range(2000)]
    expected = other.encode(texts)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(mine.encode, [texts] * 8):
            assert found == expected


def test_no_texts_and_empty_ones():
    assert mine.encode([]) == []
    assert mine.encode(["", " ", "\u3000"]) == [[], [], []]
    ids, places = mine.places("")
    assert (ids, places.shape) == ([], (0, 2))


def test_half_a_character():
    with pytest.raises(InputError, match="half a character"):
        mine.encode(["whole", "half \ud83c"])
    with pytest.raises(InputError, match="half a character"):
        mine.places("\ud83c")


@pytest.mark.parametrize("texts", [[b"bytes"], [None], [3], 3])
def test_what_is_no_text(texts):
    with pytest.raises(TypeError):
        kernel.encode(mine._tables, texts, False)


class TestTables:
    """What lies in the cache is not trusted."""

    @pytest.fixture(autouse=True)
    def home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
        self.file = tmp_path / "cache" / "tiny"

    def test_are_packed_once(self):
        packed = pack_pieces(read_unigram_model(MODEL))
        assert mapped_pieces("tiny", lambda: packed).encode([TEXT]) == other.encode([TEXT])
        assert mapped_pieces("tiny", pytest.fail).encode([TEXT]) == other.encode([TEXT])
        assert self.file.read_bytes() == packed

    @pytest.mark.parametrize(
        "damage", [lambda b: b[:100], lambda b: b"", lambda b: b + b"\0", lambda b: b"\7" + b[1:]]
    )
    def test_are_packed_again_if_they_are_not_whole(self, damage):
        packed = pack_pieces(read_unigram_model(MODEL))
        self.file.parent.mkdir()
        self.file.write_bytes(damage(packed))
        assert mapped_pieces("tiny", lambda: packed).encode([TEXT]) == other.encode([TEXT])
        assert self.file.read_bytes() == packed

    @pytest.mark.parametrize("size", [0, 8, 63, 64, 200, -1])
    def test_that_are_cut_short_are_refused(self, size):
        packed = pack_pieces(read_unigram_model(MODEL))
        with pytest.raises(ValueError, match="no tables of version"):
            kernel.encode(packed[:size], [TEXT], False)

    @given(st.integers(), st.binary(min_size=1, max_size=8))
    def test_with_wrong_bytes_in_them_do_no_harm(self, place, wrong):
        packed = bytearray(pack_pieces(read_unigram_model(MODEL)))
        place = 64 + place % (len(packed) - 64 - len(wrong))
        packed[place : place + len(wrong)] = wrong
        packed[-1] = 0
        try:
            kernel.encode(bytes(packed), [TEXT, CHARACTERS], True)
        except ValueError as error:
            assert "no tables" in str(error)

    def test_say_how_large_they_are(self):
        packed = pack_pieces(read_unigram_model(MODEL))
        _, _, size, *counts, unknown, score = struct.unpack_from(HEAD, packed)
        assert (size, unknown, score) == (len(packed), 0, SCORES.min() - 10)
        assert all(counts)


class TestTrie:
    @given(
        st.lists(
            st.binary(min_size=1, max_size=6).filter(lambda key: 0 not in key), unique=True, max_size=200
        )
    )
    def test_has_the_keys_and_no_others(self, keys):
        self.check(sorted(keys))

    def test_of_many_blocks(self):
        """More than those in which room is looked for."""
        rng = np.random.default_rng(0)
        keys = sorted({bytes(rng.integers(1, 256, 3).tolist()) for _ in range(4000)})
        assert self.check(keys) > 20 * 256

    def check(self, keys):
        values = np.arange(len(keys), dtype=np.int32)
        ends = np.cumsum([len(key) for key in keys], dtype=np.int64)
        found = kernel.trie(b"".join(keys), ends, values, np.zeros(len(keys), np.float32))
        assert dict(walk(*found)) == {key: i for i, key in enumerate(keys)}
        return len(found[1]) // 4

    @pytest.mark.parametrize(
        "keys", [[b"b", b"a"], [b"a", b"a"], [b"ab", b"a"], [b""], [b"a", b""], [b"\0"], [b"a\0"]], ids=repr
    )
    def test_keys_that_are_not_sorted_different_and_whole(self, keys):
        ends = np.cumsum([len(key) for key in keys], dtype=np.int64)
        some = np.zeros(len(keys), np.int32)
        with pytest.raises(ValueError, match="expected sorted"):
            kernel.trie(b"".join(keys), ends, some, some.astype(np.float32))

    @pytest.mark.parametrize("ends", [[5], [1], [-1], [2, 1], [1 << 62], []])
    def test_ends_that_are_not_those_of_the_keys(self, ends):
        some = np.zeros(len(ends), np.int32)
        with pytest.raises(ValueError, match="expected sorted"):
            kernel.trie(b"ab", np.array(ends, np.int64), some, some.astype(np.float32))


def walk(units, values):
    """The keys of a trie and their values."""
    nodes = np.frombuffer(units, np.dtype([("link", "u4"), ("score", "f4")]))
    ids = np.frombuffer(values, np.int32)
    waiting = [(b"", 0)]
    while waiting:
        key, at = waiting.pop()
        if not np.isnan(nodes["score"][at]):
            yield key, int(ids[at])
        children = int(nodes["link"][at]) >> 8
        for label in range(1, 256):
            child = children ^ label
            if children and child < len(nodes) and nodes["link"][child] & 0xFF == label:
                waiting.append((key + bytes([label]), child))
