"""Runs ``firth`` as a person does, in this process for speed: `main` with arguments, what it prints, how it ends."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass

import pytest

from firth.cli import main
from firth.text import display_width


@dataclass(frozen=True)
class Run:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def records(self):
        """The JSON lines of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def widest(self):
        """Columns of the widest line of stdout."""
        return max((display_width(line) for line in self.out.splitlines()), default=0)


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FIRTH_MODEL", "use")
    monkeypatch.delenv("FIRTH_COLLECTION", raising=False)

    def run(*arguments, stdin: bytes = b"") -> Run:
        monkeypatch.setattr(sys, "argv", ["firth", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="ascii"))
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Run(code, *capsys.readouterr())

    return run


@pytest.fixture
def shelf(tmp_path):
    """Where a collection of one test lies, as ``-c`` takes it."""
    return str(tmp_path / "藏書 shelf")


BOOKS = """\
number,title,author,year,stars
1,紅樓夢,曹雪芹,1791,4.8
2,Harry Potter and the Philosopher's Stone,J. K. Rowling,1997,4.5
3,老人與海,海明威,1952,4.1
4,The Old Man and the Sea,Ernest Hemingway,1952,0
"""


@pytest.fixture
def books(tmp_path):
    """A table of four books in two languages."""
    path = tmp_path / "books.csv"
    path.write_text(BOOKS, encoding="utf-8")
    return path


@pytest.fixture
def added(run, books, shelf):
    """The same, added; gives the collection's place."""
    done = run("add", books, "-c", shelf, "--id", "number", "--text", "title", "--text", "author")
    assert (done.code, done.err) == (0, "")
    return shelf
