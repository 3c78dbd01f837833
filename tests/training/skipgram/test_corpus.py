"""A corpus is read from whatever it comes in, again and again; what cannot be read is named."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import firth
from firth.errors import InputError, SchemaError, UnreadableError
from firth.training.skipgram.corpus import Corpus
from firth.types import Item

LINES = ["the cat eats", "貓吃魚", "naïve"]


def write(path, kind):
    records = [{"id": i, "text": line} for i, line in enumerate(LINES)]
    text = "\n".join(LINES) if "txt" in kind else "\n".join(json.dumps(record) for record in records)
    path = path / f"corpus{kind}"
    if kind == ".parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    elif kind == ".csv":
        path.write_text("id,text\n" + "\n".join(f"{r['id']},{r['text']}" for r in records), "utf-8")
    elif kind.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def read(corpus):
    return [text.strip() for text in corpus]


@pytest.mark.parametrize("kind", [".txt", ".txt.gz", ".jsonl", ".jsonl.gz", ".parquet", ".csv"])
def test_every_kind_of_file_gives_the_same_texts(tmp_path, kind):
    corpus = Corpus(write(tmp_path, kind))
    assert read(corpus) == LINES
    assert read(corpus) == LINES, "a second pass starts from the beginning"


def test_big5_is_read(tmp_path):
    path = tmp_path / "big5.txt"
    path.write_bytes(("這是一個我們的中文測試，是的，不是他的。\n" * 20).encode("big5"))
    assert read(Corpus(path))[0].startswith("這是一個我們")


def test_a_folder_is_read_in_order_without_its_pictures(tmp_path):
    (tmp_path / "b.txt").write_text("second", "utf-8")
    (tmp_path / "a.md").write_text("first", "utf-8")
    (tmp_path / "c.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "d.gz").write_bytes(b"damaged")
    corpus = Corpus(tmp_path)
    assert read(corpus) == ["first", "second"]
    assert [skip.source for skip in corpus.skipped] == [str(tmp_path / "d.gz")]


def test_texts_items_and_collections(tmp_path):
    assert read(Corpus(LINES)) == LINES
    assert read(Corpus([Item("1", text="one"), Item("2")])) == ["one", ""]
    books = firth.open(":memory:", model="use")
    books.add(LINES)
    assert sorted(read(Corpus(books))) == sorted(LINES)
    assert sorted(read(Corpus([books, write(tmp_path, ".txt")]))) == sorted(LINES * 2)


def test_a_column_can_be_named(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\nx,y\n", "utf-8")
    assert read(Corpus(path, columns="b")) == ["y"]
    with pytest.raises(SchemaError, match="has no c; it has: a, b"):
        read(Corpus(path, columns="c"))


def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "one"}\n{oops\n{"text": "two"}\n'))
    corpus = Corpus(path)
    assert read(corpus) == ["one", "two"]
    assert corpus.skipped[0].source == "t.jsonl.gz line 2"


def test_what_cannot_be_read_twice_or_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="more than once"):
        Corpus(iter(LINES))
    with pytest.raises(UnreadableError, match="no such file"):
        read(Corpus(tmp_path / "missing.txt"))
    with pytest.raises(InputError, match="text 1 is int"):
        read(Corpus(["one", 2]))
