"""From text to numbers on disk: counted, joined, trimmed, and nothing lost that was not said to be."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from firth.encoders.words.tokens import Tokens
from firth.errors import InputError
from firth.training.skipgram import spool as spools
from firth.training.skipgram.phrases import find_phrases, join_phrases
from firth.training.skipgram.segmentation import learn_dictionary, read_dictionary
from firth.training.skipgram.spool import END, Spool
from firth.training.skipgram.vocabulary import Noise, Vocabulary, trim


def spooled(tmp_path, texts):
    return Spool.write(tmp_path / "read", texts, Tokens(), lambda _: None)


def words_of(spool, words):
    return [words[i] if i >= 0 else None for i in spool.ids()]


def test_what_is_written_is_the_text(tmp_path):
    spool, counted = spooled(tmp_path, ["a b a", "", "c"])
    assert words_of(spool, counted.words) == ["a", "b", "a", None, "c", None]
    assert counted.counts.tolist() == [2, 1, 1]


def test_stretches_end_with_sentences_and_are_the_whole(tmp_path, language):
    spool, _ = spooled(tmp_path, language)
    stretches = list(spool.stretches(100))
    assert all(stretch[-1] == END for stretch in stretches)
    np.testing.assert_array_equal(np.concatenate(stretches), spool.ids())


def test_rare_words_go_and_the_rest_is_numbered_by_frequency(tmp_path):
    spool, counted = spooled(tmp_path, ["b a b c", "b a d"])
    spool, vocabulary = trim(spool, counted, tmp_path / "kept", min_count=2, most=10)
    assert vocabulary.words == ("b", "a") and vocabulary.counts.tolist() == [3, 2]
    assert (vocabulary.distinct, vocabulary.dropped, vocabulary.total) == (4, 2, 5)
    assert words_of(spool, vocabulary.words) == ["b", "a", "b", None, "b", "a", None]
    assert not (tmp_path / "read").exists()


def test_too_many_different_words_are_counted_as_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(spools, "MOST_DISTINCT", 3)
    spool, counted = spooled(tmp_path, ["a b c", "a d e a"])
    _, vocabulary = trim(spool, counted, tmp_path / "kept", min_count=1, most=10)
    assert vocabulary.words == ("a", "b", "c") and vocabulary.dropped == 2


def test_too_little_text_says_so(tmp_path):
    spool, counted = spooled(tmp_path, ["a a a a a a"])
    with pytest.raises(InputError, match="1 words that occur 5 times"):
        trim(spool, counted, tmp_path / "kept", min_count=5, most=10)


def test_phrases_are_found_and_joined(tmp_path):
    chance = np.random.default_rng(0)
    filler = [f"w{i}" for i in range(200)]
    texts = []
    for _ in range(1500):
        words = list(chance.choice(filler, 6))
        words[2:2] = ["hong", "kong"] if chance.random() < 0.03 else []
        texts.append(" ".join(words))
    spool, counted = spooled(tmp_path, texts)
    keys = find_phrases(spool, counted, discount=5)
    spool, phrases = join_phrases(spool, counted, keys, tmp_path / "joined")
    assert phrases == {("hong", "kong")}
    tokens = Tokens(phrases=(phrases,))
    assert [w for w in words_of(spool, counted.words) if w] == [w for text in texts for w in tokens(text)]
    assert counted.counts[counted.words.index("hong_kong")] == sum("hong kong" in text for text in texts)


def test_the_chance_to_be_looked_at_is_that_of_word2vec():
    counts = np.array([900, 99, 1])
    keep = Vocabulary(("a", "b", "c"), counts, 3, 0).keep(1e-2) / 2**32
    share = counts / 1000
    expected = np.minimum(np.sqrt(1e-2 / share) + 1e-2 / share, 1)
    np.testing.assert_allclose(keep, expected, rtol=1e-6)


def test_draws_follow_the_weights():
    weights = np.array([5.0, 0.5, 0, 3, 100, 1])
    drawn = Counter(Noise.of(weights).draw(np.random.default_rng(0), 200_000).tolist())
    share = np.array([drawn[i] for i in range(6)]) / 200_000
    np.testing.assert_allclose(share, weights / weights.sum(), atol=3e-3)


def test_words_of_chinese_are_learned_from_text():
    """Four words in every order, among filler: they hold together and stand free."""
    chance = np.random.default_rng(0)
    filler = "的了在是我有和人這中大為上個國不以說時要就出會可也你對生能而子那得於著下自之年"
    words = ["蘋果", "圖書館", "電腦", "腳踏車"]
    runs = []
    for _ in range(3000):
        parts = [
            chance.choice(words) if chance.random() < 0.3 else chance.choice(list(filler)) for _ in range(8)
        ]
        runs.append("".join(parts))
    dictionary = learn_dictionary(runs)
    assert {word for word in dictionary if len(word) > 1} == set(words)
    assert Tokens(fold=False, dictionary=dictionary)("我的圖書館有蘋果和電腦") == [
        *"我的",
        "圖書館",
        "有",
        "蘋果",
        "和",
        "電腦",
    ]
    assert set(filler) <= set(dictionary)


def test_there_may_be_no_chinese_at_all():
    assert learn_dictionary([]) == {}
    assert learn_dictionary(["我"]) == {"我": 0.0}


def test_a_dictionary_of_the_users_is_read():
    found = read_dictionary(["蘋果 30 n", "", "公司"])
    assert set(found) == {"蘋果", "公司"} and found["蘋果"] > found["公司"]
