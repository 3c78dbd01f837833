"""Real processes of ``firth``, started, stopped and killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import cycle

import pytest

from firth import sample


class Shell:
    """Starts ``firth`` with `use`; collections are given by path, for the home is that of all tests."""

    def __init__(self, errors):
        self.environment = {**os.environ, "FIRTH_MODEL": "use"}
        self.environment.pop("FIRTH_COLLECTION", None)
        self._errors = errors

    def start(self, *arguments, stdout):
        """A process whose stdout goes into a file: no pipe that fills, and all that was printed survives a kill."""
        return subprocess.Popen(
            [sys.executable, "-m", "firth", *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=self._errors,
            start_new_session=True,
        )

    def run(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "firth", *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )


@pytest.fixture
def shell(tmp_path):
    with (tmp_path / "stderr.txt").open("wb") as errors:
        yield Shell(errors)


@pytest.fixture(scope="session")
def texts():
    """The texts of the sample, in Chinese and English."""
    rows = (sample.path() / "items.jsonl").read_text("utf-8").splitlines()
    return [row["text"] for row in map(json.loads, rows) if "text" in row]


def write_table(path, texts, ids, *, characters=0):
    """A table with one of the texts for each id, or as many as make so many characters, over and over."""
    following = cycle(texts)
    with path.open("w", encoding="utf-8") as file:
        for id in ids:
            text = f"{id}: {next(following)}"
            while len(text) < characters:
                text += f"\n{next(following)}"
            row = {"id": id, "text": text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def json_lines(text):
    """The whole lines of what a process printed; a line that a kill cut off was not said."""
    return [json.loads(line) for line in text.split("\n")[:-1] if line]
