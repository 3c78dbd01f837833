"""``firth words``: what is asked of vectors and of contexts."""

from __future__ import annotations

import numpy as np
import pytest

from firth.encoders.words import WordVectors

BATS = [
    "A bat flew out of the cave at dusk.",
    "The bat hangs upside down and sleeps all day.",
    "A bat eats thousands of insects every night.",
    "He swung the bat and hit the ball.",
    "The player broke his wooden bat in the game.",
    "He hit a home run with his favourite bat.",
]


@pytest.fixture
def vectors(tmp_path):
    words = ("國王", "女王", "男人", "女人", "汽車", "garden")
    rows = np.array([[3, 1, 0], [3, -1, 0], [0.5, 1, 0], [0.5, -1, 0], [0, 0, 1], [0, 0.1, 2]], np.float32)
    made = WordVectors(words, rows, contexts=rows[::-1].copy(), counts=np.array([9, 8, 7, 6, 5, 4]))
    made.save(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def bats(tmp_path):
    (tmp_path / "bats.txt").write_text("\n".join(BATS), "utf-8")
    return tmp_path / "bats.txt"


def test_neighbors_in_either_script(run, vectors):
    done = run("words", "neighbors", "国王", "--vectors", vectors, "-n", 2)
    assert (done.code, done.err) == (0, "")
    assert [line.split()[-1] for line in done.out.splitlines()] == ["word", "女王", "男人"]
    records = run("words", "neighbors", "國王", "--vectors", vectors, "--json").records
    assert len(records) == 5
    assert list(records[0]) == ["word", "score"]


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_analogy(run, vectors, method):
    asked = ("words", "analogy", "國王", "男人", "女人", "--vectors", vectors, "--method", method, "--json")
    assert run(*asked).records[0]["word"] == "女王"


def test_similarity_and_the_odd_one(run, vectors):
    pairs = run("words", "similarity", "國王", "女王", "汽車", "--vectors", vectors, "--json").records
    assert [(p["first"], p["second"]) for p in pairs] == [
        ("國王", "女王"),
        ("國王", "汽車"),
        ("女王", "汽車"),
    ]
    odd = run("words", "odd-one-out", "國王", "女王", "汽車", "--vectors", vectors).out
    assert odd.splitlines()[1].split()[-1] == "汽車"
    assert run("words", "similarity", "國王", "--vectors", vectors).code == 2


def test_onehot(run, vectors):
    done = run("words", "onehot", "國王", "女王", "--vectors", vectors)
    assert "0.00     0.80" in done.out
    assert "6 one-hot, 3 trained" in done.out
    assert done.widest <= 80
    assert run("words", "onehot", "國王", "女王", "--vectors", vectors, "--json").records[0]["one_hot"] == 0


def test_an_unknown_word(run, vectors):
    done = run("words", "neighbors", "花園", "--vectors", vectors)
    assert done.code == 2
    assert "'花園' is not among the 6 words" in done.err


class TestCloze:
    def test_candidates_by_the_encoder(self, run):
        asked = ("words", "cloze", "他在花園裡種了_", "--candidates", "腳踏車、番茄，胡蘿蔔", "--json")
        assert run(*asked).records[-1]["word"] == "腳踏車"

    def test_the_vocabulary_by_vectors(self, run, vectors):
        done = run("words", "cloze", "garden _", "--vectors", vectors, "-n", 3, "--json")
        assert len(done.records) == 3
        assert "garden" not in {record["word"] for record in done.records}

    def test_shared_company(self, run, bats):
        asked = ("words", "cloze", "He swung the _", "--candidates", "bat,ball", "--corpus", bats)
        done = run(*asked)
        assert done.code == 0
        assert "fits" in done.out

    def test_neither_candidates_nor_vectors(self, run):
        done = run("words", "cloze", "He grew _")
        assert done.code == 2
        assert "--candidates" in done.err


class TestSenses:
    def test_two_groups(self, run, bats, tmp_path):
        done = run("words", "senses", "bat", bats, "-k", 2, "-o", tmp_path / "bat.vec")
        assert (done.code, done.err) == (0, "")
        assert "bat|1  3 of 6 lines" in done.out
        assert done.widest <= 80
        assert WordVectors.load(tmp_path / "bat.vec").words == ("bat|1", "bat|2")

    def test_json(self, run, bats):
        records = run("words", "senses", "bat", bats, "-k", 2, "--json").records
        assert [record["sense"] for record in records] == ["bat|1", "bat|2"]
        assert list(records[0]) == ["sense", "occurrences", "of", "words", "lines"]

    def test_a_collection(self, run, bats, shelf):
        lines = "\n".join(BATS).encode()
        assert run("add", "-", "-c", shelf, stdin=lines).code == 0
        done = run("words", "senses", "bat", shelf, "-k", 2, "--json")
        assert [record["of"] for record in done.records] == [6, 6]

    def test_same_sense(self, run):
        asked = ("words", "same-sense", BATS[0], BATS[0], "--word", "bat", "--json")
        assert run(*asked).records[0]["same"] is True

    def test_no_such_corpus(self, run):
        done = run("words", "senses", "bat", "nowhere.txt")
        assert done.code == 2
        assert "no such file or folder" in done.err
