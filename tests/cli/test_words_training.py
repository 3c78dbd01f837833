"""``firth words train``: one call of the library, told in lines."""

from __future__ import annotations

import json

import pytest
from tests.training.skipgram.conftest import sentences

from firth.encoders.words import WordVectors

QUICK = ("--size", "8", "--epochs", "2", "--threads", "1")


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join([*sentences(300), "once"]), "utf-8")
    return path


def test_a_text_to_vectors_and_on_to_a_collection(run, corpus, tmp_path, shelf):
    folder = tmp_path / "mine"
    done = run("words", "train", corpus, "-o", folder, *QUICK)
    assert done.code == 0, done.err
    vectors = WordVectors.load(folder)
    assert f"{len(vectors):,} words of {vectors.counts.sum():,} in the text, each 8 numbers" in done.out
    assert "left out: 1 rarer words, which occur 1 times" in done.out
    assert "words/s" in done.out and "loss by epoch" in done.out
    (tmp_path / "lines.txt").write_text("the cat eats", "utf-8")
    added = run("add", tmp_path / "lines.txt", "-c", shelf, "--model", f"words:{folder}")
    assert added.code == 0, added.err
    again = run("words", "train", corpus, "-o", folder, *QUICK)
    assert again.code == 2 and "--overwrite" in again.err


def test_json_and_every_option(run, corpus, tmp_path):
    options = (
        "--model",
        "cbow",
        "--window",
        "2",
        "--negative",
        "3",
        "--min-count",
        "2",
        "--subwords",
        "--phrases",
        "1",
    )
    options += ("--no-fold", "--chinese", "characters", "--rate", "0.1", "--sample", "0.01", "--seed", "3")
    done = run("words", "train", corpus, "-o", tmp_path / "mine", *QUICK, *options, "--json")
    assert done.code == 0, done.err
    (report,) = done.records
    assert report["size"] == 8 and len(report["losses"]) == 2
    settings = WordVectors.load(tmp_path / "mine").notes["settings"]
    assert (settings["model"], settings["window"], settings["fold"]) == ("cbow", 2, False)
    assert (settings["rate"], settings["seed"], settings["chinese"]) == (0.1, 3, "characters")


def test_a_column_of_a_table(run, tmp_path):
    path = tmp_path / "t.jsonl"
    rows = [{"id": i, "said": text, "other": "nothing"} for i, text in enumerate(sentences(100))]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert run("words", "train", path, "-o", tmp_path / "mine", "--text", "said", *QUICK).code == 0
    assert "nothing" not in WordVectors.load(tmp_path / "mine")


def test_a_file_that_cannot_be_read_is_named_and_the_rest_learned(run, corpus, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    corpus.rename(folder / "good.txt")
    (folder / "bad.gz").write_bytes(b"no gzip")
    done = run("words", "train", folder, "-o", tmp_path / "mine", *QUICK)
    assert done.code == 1 and "bad.gz" in done.out
    assert len(WordVectors.load(tmp_path / "mine")) > 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--model", "glove"], "got model='glove'"), (["--min-count", "9999"], "smaller --min-count")],
)
def test_what_cannot_be_meant(run, corpus, tmp_path, arguments, said):
    done = run("words", "train", corpus, "-o", tmp_path / "mine", *arguments)
    assert done.code == 2 and said in done.err


def test_a_corpus_that_is_not_there(run, tmp_path):
    done = run("words", "train", "nothing.txt", "-o", tmp_path / "mine")
    assert done.code == 2 and "nothing.txt" in done.err
