"""He grew _ in his garden."""

from __future__ import annotations

import numpy as np
import pytest

from firth.analysis.cloze import Gap, company, fill_by_encoder, fill_by_vectors
from firth.analysis.cloze.by_vectors import split_words
from firth.encoders.words import WordVectors
from firth.errors import InputError, UnknownNameError

GARDENS = [
    ("He grew _ in his garden.", ["tomatoes", "carrots", "zucchini"], "bicycles"),
    ("他在花園裡種了_。", ["番茄", "胡蘿蔔", "櫛瓜"], "腳踏車"),
    ("他在花园里种了_。", ["番茄", "胡萝卜", "西葫芦"], "自行车"),
]


class TestGap:
    def test_fills(self):
        gap = Gap.of("He grew ___ in his garden")
        assert gap.fill("peas") == "He grew peas in his garden"
        start, end = gap.place("peas")
        assert gap.fill("peas")[start:end] == "peas"

    @pytest.mark.parametrize("sentence", ["no gap", "_ and _", "_", " ＿ ", ""])
    def test_needs_one_gap_and_words(self, sentence):
        with pytest.raises(InputError, match="expected words around one gap"):
            Gap.of(sentence)


@pytest.mark.parametrize(("sentence", "fitting", "odd"), GARDENS)
def test_the_garden_by_the_encoder(sentence, fitting, odd):
    found = fill_by_encoder(sentence, [odd, *fitting])
    assert found[-1].word == odd
    assert {fill.word for fill in found[:3]} == set(fitting)
    assert [fill.score for fill in found] == sorted((fill.score for fill in found), reverse=True)


def test_candidates_are_checked():
    with pytest.raises(InputError, match="a list of words"):
        fill_by_encoder("a _ b", "tomatoes,bicycles")
    with pytest.raises(InputError, match="each once"):
        fill_by_encoder("a _ b", ["番茄", "番茄"])
    with pytest.raises(InputError, match="vectors of tokens"):
        fill_by_encoder("a _ b", ["番茄"], encoder="use")


@pytest.fixture(scope="module")
def trained():
    """Output vectors so that grew and garden predict what grows, and rode what is ridden."""
    words = ("the", "grew", "garden", "rode", "tomatoes", "carrots", "bicycles", "花園", "種", "番茄")
    inputs = np.zeros((10, 3), np.float32)
    outputs = np.zeros((10, 3), np.float32)
    inputs[[4, 5, 9], 0], inputs[6, 1] = (2, 1.5, 2), 3
    outputs[[1, 2, 7, 8], 0], outputs[3, 1] = 1, 1
    outputs[0] = (0.4, 0.6, 0)  # a frequent word that goes with everything, most with bicycles
    counts = np.array([1000, 20, 20, 20, 9, 9, 9, 9, 9, 9])
    return WordVectors(words, inputs, outputs, counts, {"model": "skipgram"})


class TestByVectors:
    def test_context_predicts_the_word(self, trained):
        found = fill_by_vectors(
            trained, "He grew _ in the garden", candidates=["bicycles", "carrots", "tomatoes"]
        )
        assert [fill.word for fill in found] == ["tomatoes", "carrots", "bicycles"]
        assert fill_by_vectors(trained, "he rode the _", k=1)[0].word == "bicycles"

    def test_of_the_whole_vocabulary_without_the_context(self, trained):
        found = [fill.word for fill in fill_by_vectors(trained, "grew _ garden", k=20)]
        assert {"grew", "garden"} & set(found) == set()
        assert found[0] == "tomatoes"

    def test_chinese_in_either_script(self, trained):
        for sentence in ("花園種_", "花园种_"):
            assert fill_by_vectors(trained, sentence, candidates=["bicycles", "番茄"])[0].word == "番茄"

    def test_cbow_has_the_roles_exchanged(self, trained):
        turned = WordVectors(
            trained.words, trained.contexts, trained.vectors, trained.counts, {"model": "cbow"}
        )
        assert fill_by_vectors(turned, "grew _ garden") == fill_by_vectors(trained, "grew _ garden")

    def test_a_file_with_input_vectors_only(self, royal_garden):
        assert fill_by_vectors(royal_garden, "garden _", candidates=["king", "tomato"])[0].word == "tomato"

    def test_nothing_known(self, trained):
        with pytest.raises(InputError, match="at least one"):
            fill_by_vectors(trained, "xyzzy _")
        with pytest.raises(UnknownNameError, match="櫛瓜"):
            fill_by_vectors(trained, "grew _", candidates=["櫛瓜"])

    def test_split_prefers_words_to_characters(self):
        few = WordVectors(
            ("蘋果", "蘋", "果", "公司"), np.eye(4, dtype=np.float32), counts=np.array([9, 20, 20, 9])
        )
        assert [few.words[row] for row in split_words(few, "大蘋果公司")] == ["蘋果", "公司"]


@pytest.fixture
def royal_garden():
    return WordVectors(("garden", "tomato", "king"), np.array([[1, 0], [2, 1], [0, 1]], np.float32))


DIARY = [
    "The weather was fine.",
    "She planted carrots in spring.",
    "They grew carrots and sold them.",
    "We grew tomatoes.",
    "He planted tomatoes behind the house.",
    "He repaired bicycles in the shed.",
    "They repaired bicycles all day.",
]


class TestCompany:
    def test_both_follow_grew_and_planted(self):
        (shared,) = company(DIARY, ["tomatoes", "carrots", "bicycles"]).shared()
        assert shared.words == ("tomatoes", "carrots")
        assert set(shared.follow) == {"grew", "planted"}

    def test_chinese_across_scripts(self):
        lines = ["天氣很好", "農夫種植番茄", "农夫种植胡萝卜", "他修理腳踏車"]
        (shared,) = company(lines, ["番茄", "胡蘿蔔", "腳踏車"]).shared()
        assert "種植" in shared.follow

    def test_words_that_never_occur(self):
        found = company(DIARY, ["tomatoes", "zucchini"])
        assert found.occurrences == {"tomatoes": 2, "zucchini": 0}
        assert found.shared() == []
