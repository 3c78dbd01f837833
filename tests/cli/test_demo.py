"""``firth demo``: its five searches find what they promise."""

from __future__ import annotations

import shutil

from firth.text import display_width

FOUND = [
    {"sentence-telescope-en"},
    {"wikipedia-2501-1"},
    {"emoji-1f3bb", "emoji-1f3b8", "clipart-acoustic-guitar"},  # a violin or a guitar: any is an answer
    {"emoji-1f34e"},
    {"book-86"},
]


def test_each_search_finds_what_it_should_in_lines_that_fit(run, sample, shelf):
    shutil.copytree(sample.location, shelf)
    done = run("demo", "-c", shelf)
    assert (done.code, done.err) == (0, "")
    assert "skipped" not in done.out
    tables = done.out.split("  score     %  ")[1:]
    assert len(tables) == 5
    for table, ids in zip(tables, FOUND, strict=True):
        assert ids & set(table.splitlines()[1].split())
    lines = [line for line in done.out.splitlines() if not line.startswith(("$ ", "  firth ", "Adding "))]
    assert max(map(display_width, lines)) <= 80
