"""`firth.train.words`: from a text to a folder that is an encoder, interrupted or not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.training.skipgram.conftest import sentences

import firth
from firth.encoders.words import WordVectors
from firth.errors import InputError
from firth.training import words
from firth.training.skipgram import Settings, Speed, WordsListener

SMALL = {"size": 8, "epochs": 3, "threads": 1, "sample": 0.05}


@pytest.fixture(scope="module")
def texts():
    return sentences(1000)


def test_the_report_says_what_the_folder_holds(tmp_path, texts):
    report = words([*texts, "once never again"], tmp_path / "mine", **SMALL)
    vectors = WordVectors.load(tmp_path / "mine")
    assert report.words == len(vectors) and report.tokens == vectors.counts.sum()
    assert (report.dropped_words, report.dropped_tokens) == (3, 3)
    assert list(vectors.counts) == sorted(vectors.counts, reverse=True)
    assert vectors.vectors.shape == vectors.contexts.shape == (len(vectors), 8)
    assert len(report.losses) == report.epochs == 3 and report.losses[-1] < report.losses[0]
    assert not report.stopped and not report.skipped and report.per_second > 0
    assert vectors.notes["settings"]["size"] == 8 and vectors.notes["finished"]
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == [
        "words.json",
        "words.safetensors",
        "words.txt",
    ]


def test_one_thread_gives_the_same_folder_twice(tmp_path, texts):
    for name in ("a", "b"):
        words(texts, tmp_path / name, **SMALL)
    for file in ("words.safetensors", "words.txt"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_traditional_and_simplified_are_one_unless_told_otherwise(tmp_path):
    texts = ["我愛蘋果", "我爱苹果"] * 20
    words(texts, tmp_path / "one", chinese="characters", **SMALL)
    words(texts, tmp_path / "two", chinese="characters", fold=False, **SMALL)
    assert set(WordVectors.load(tmp_path / "one").words) == set("我爱苹果")
    two = WordVectors.load(tmp_path / "two")
    assert set(two.words) == set("我爱苹果愛蘋") and two.tokens("愛蘋果") == ["愛", "蘋", "果"]


def test_a_dictionary_cuts_chinese_in_training_and_in_questions(tmp_path):
    (tmp_path / "dict.txt").write_text("蘋果 10\n喜歡 10\n我 30", "utf-8")
    words(["我喜歡蘋果"] * 20, tmp_path / "mine", dictionary=str(tmp_path / "dict.txt"), **SMALL)
    vectors = WordVectors.load(tmp_path / "mine")
    assert set(vectors.words) == {"苹果", "喜欢", "我"}
    assert vectors.tokens("喜歡蘋果") == ["喜欢", "苹果"]


def test_subwords_give_unheard_words_a_vector(tmp_path, texts):
    words(texts, tmp_path / "mine", subwords=True, buckets=200, **SMALL)
    vectors = WordVectors.load(tmp_path / "mine")
    assert "horses" not in vectors and vectors.vector("horses").shape == (8,)


def test_it_is_an_encoder_of_a_collection(tmp_path, texts):
    words(texts, tmp_path / "mine", size=16, epochs=8, threads=1, sample=0.05)
    shelf = firth.open(":memory:", model=f"words:{tmp_path / 'mine'}")
    shelf.add(["the cat runs", "the dog sleeps", "the plum ripe", "the pear sold", "the horse drinks"])
    found = [hit.text for hit in shelf.search("sheep eats", k=3, mode="vector")]
    assert set(found) == {"the cat runs", "the dog sleeps", "the horse drinks"}


class StopAfter(WordsListener):
    """Presses Ctrl-C in an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch_to_stop, self.notes = epoch, []

    def speed(self, speed: Speed) -> None:
        if speed.epoch == self.epoch_to_stop:
            raise KeyboardInterrupt

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_an_interrupted_training_goes_on_and_ends_the_same(tmp_path, texts):
    words(texts, tmp_path / "straight", **SMALL)
    report = words(texts, tmp_path / "mine", listener=StopAfter(2), **SMALL)
    assert report.stopped and len(WordVectors.load(tmp_path / "mine")) == report.words
    listener = StopAfter(0)
    report = words(texts, tmp_path / "mine", listener=listener, **SMALL)
    assert not report.stopped and listener.notes == ["going on after epoch 1"] and report.epochs == 3
    straight, resumed = (WordVectors.load(tmp_path / name).vectors for name in ("straight", "mine"))
    np.testing.assert_array_equal(straight, resumed)


def test_other_settings_do_not_go_on_from_there(tmp_path, texts):
    words(texts, tmp_path / "mine", listener=StopAfter(2), **SMALL)
    listener = StopAfter(0)
    words(texts, tmp_path / "mine", listener=listener, **(SMALL | {"size": 4}))
    assert not listener.notes and WordVectors.load(tmp_path / "mine").vectors.shape[1] == 4


def test_vectors_are_replaced_only_when_asked(tmp_path, texts):
    words(texts, tmp_path / "mine", **SMALL)
    with pytest.raises(InputError, match="--overwrite"):
        words(texts, tmp_path / "mine", **SMALL)
    words(texts, tmp_path / "mine", overwrite=True, **SMALL)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "glove"}, "skipgram, cbow"),
        ({"size": 0}, "size=0"),
        ({"negative": 0}, "negative=0"),
        ({"rate": -1.0}, "rate"),
        ({"chinese": "jieba"}, "characters"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path, texts, changes, says):
    with pytest.raises(InputError, match=says):
        words(texts, tmp_path / "mine", **changes)
    assert not (tmp_path / "mine").exists()


def test_without_the_kernel_numpy_learns_and_says_so(tmp_path, texts, monkeypatch):
    monkeypatch.setattr("firth.kernel.KERNELS", ("_words",))
    monkeypatch.setattr("firth.kernel.find_spec", lambda _: None)
    report = words(texts, tmp_path / "mine", **SMALL)
    assert "numpy" in report.notes[-1] and report.losses[-1] < report.losses[0]


def test_settings_have_the_defaults_of_word2vec():
    given = Settings()
    assert (given.size, given.window, given.negative, given.epochs, given.min_count) == (100, 5, 5, 5, 5)
    assert given.sample == 1e-3 and Settings(rate=0.01).start_rate == 0.01
